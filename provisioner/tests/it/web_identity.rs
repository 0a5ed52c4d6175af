//! The roles of docs/ci.md, made by the commands of that page, and assumed with tokens as GitHub's jobs get them.
//!
//! The page cannot differ from what is tested: its blocks are run as they are.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::artifact::workspace;
use crate::cloud::CloudProcess;
use crate::oidc::{claims, publish_keys, token};
use crate::world::{Run, World, artifact_path};

/// In place of the AWS CLI: keeps its arguments, a line each, for `carry_out`.
const AWS: &str = "#!/bin/sh\n{ printf '%s\\n' \"$@\"; echo; } >> calls\n";

/// The shell commands of docs/ci.md that create the provider and the roles.
fn commands() -> String {
    let page = std::fs::read_to_string(workspace().join("docs/ci.md")).expect("the page");
    let mut commands = "set -eu\n".to_owned();
    for heading in ["Once per account", "Once per repository", "Preview stages"] {
        let start = page.find(&format!("## {heading}\n")).expect(heading);
        let section = &page[start..];
        let section = &section[..section[3..]
            .find("\n## ")
            .map_or(section.len(), |end| end + 3)];
        let blocks = section.split("```sh\n").skip(1);
        commands.extend(blocks.map(|block| block.split("```").next().expect("an end")));
    }
    commands
}

/// An account after the commands of the page.
struct Account {
    world: World,
    cloud: CloudProcess,
}

impl Account {
    async fn new() -> Account {
        let world = World::new();
        let cloud = world.cloud();
        publish_keys(&world.path().join(".provision/local/state"));
        let bin = world.path().join("bin");
        std::fs::create_dir(&bin).expect("a folder");
        program(&bin.join("aws"), AWS);
        let provision = format!(
            "#!/bin/sh\nexec '{}' \"$@\"\n",
            env!("CARGO_BIN_EXE_provision")
        );
        program(&bin.join("provision"), &provision);
        let mut shell = world.clean("sh");
        let path = std::env::var("PATH").expect("a PATH");
        shell
            .args(["-c", &commands()])
            .env("PATH", format!("{}:{path}", bin.display()));
        let (id, secret) = cloud.keys();
        shell.envs([
            ("AWS_ENDPOINT_URL", &*cloud.url),
            ("AWS_ACCESS_KEY_ID", id),
            ("AWS_SECRET_ACCESS_KEY", secret),
        ]);
        Run::of(&mut shell).ok();
        let account = Account { world, cloud };
        account.carry_out().await;
        account
    }

    /// Sends what the page asks of the AWS CLI.
    async fn carry_out(&self) {
        let calls = std::fs::read_to_string(self.world.path().join("calls")).expect("calls");
        let client = aws_sdk_iam::Client::new(&self.cloud.config());
        for call in calls.split_terminator("\n\n") {
            let words: Vec<&str> = call.lines().collect();
            let value = |flag: &str| {
                let at = words.iter().position(|word| *word == flag);
                let value = words[at.expect(flag) + 1];
                match value.strip_prefix("file://") {
                    Some(name) => {
                        std::fs::read_to_string(self.world.path().join(name)).expect(name)
                    }
                    None => value.to_owned(),
                }
            };
            match words[..2] {
                ["iam", "create-open-id-connect-provider"] => {
                    let request = client.create_open_id_connect_provider().url(value("--url"));
                    let request = request.client_id_list(value("--client-id-list"));
                    request.send().await.expect("a provider");
                }
                ["iam", "create-role"] => {
                    let request = client.create_role().role_name(value("--role-name"));
                    let trust = value("--assume-role-policy-document");
                    let request = request.assume_role_policy_document(trust);
                    request.send().await.expect("a role");
                }
                ["iam", "put-role-policy"] => {
                    let request = client.put_role_policy().role_name(value("--role-name"));
                    let request = request.policy_name(value("--policy-name"));
                    let request = request.policy_document(value("--policy-document"));
                    request.send().await.expect("a policy");
                }
                _ => panic!("the page calls `aws {}`", words.join(" ")),
            }
        }
    }

    /// A job with a token of these claims, as aws-actions/configure-aws-credentials sets it up.
    fn job(&self, role: &str, claims: &Value, command: &str) -> Run {
        let token = self.world.write("token", token(claims));
        let words = command.split(' ');
        let words = words.map(|word| if word == "ZIP" { artifact_path() } else { word });
        let mut job: Command = self.world.command(&words.collect::<Vec<_>>());
        job.env("AWS_WEB_IDENTITY_TOKEN_FILE", token)
            .env(
                "AWS_ROLE_ARN",
                format!("arn:aws:iam::123456789012:role/{role}"),
            )
            .env("AWS_ROLE_SESSION_NAME", "deploy-1")
            .env("AWS_ENDPOINT_URL", &self.cloud.url)
            .env("AWS_REGION", "us-east-1");
        Run::of(&mut job)
    }

    fn run(&self, role: &str, subject: &str, command: &str) -> Run {
        self.job(role, &self::subject(subject), command)
    }
}

fn subject(subject: &str) -> Value {
    claims(&format!("repo:ORG/REPO:{subject}"), SystemTime::now())
}

fn program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).expect("a program");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path, mode).expect("a mode");
}

const MAIN: &str = "ref:refs/heads/main";
const PULL_REQUEST: &str = "pull_request";
const PREVIEW: &str = "environment:preview";

#[tokio::test]
async fn each_job_assumes_its_role_and_no_other() {
    let account = Account::new().await;
    let plan = "plan --artifact ZIP --exit-code";
    let planner = "wild-rydes-planner";
    account
        .run(planner, PULL_REQUEST, plan)
        .exits(3)
        .says("5 to create");
    account
        .run(planner, PULL_REQUEST, "up --artifact ZIP")
        .exits(5);
    let deployer = "wild-rydes-deployer";
    let up = account.run(deployer, MAIN, "up --artifact ZIP --yes --no-input");
    up.ok().says("version 1 passed its test ride");
    account.run(planner, MAIN, plan).ok().says("nothing to do");

    let preview = "wild-rydes-preview";
    let up = "up --artifact ZIP --stage pr-7 --yes";
    account.run(preview, PREVIEW, up).ok();
    account.run(preview, PREVIEW, plan).exits(5);
    let sweep = "sweep --stage pr-* --older-than 0s --delete-data --yes";
    account.run(deployer, MAIN, sweep).exits(5);
    let swept = account.run("wild-rydes-sweeper", MAIN, sweep);
    swept.ok().says("deleted  table Rides-pr-7");

    for (role, others) in [
        (deployer, [PULL_REQUEST, PREVIEW, "ref:refs/heads/x"]),
        (planner, [PREVIEW, "ref:refs/heads/x", "environment:prod"]),
        (preview, [PULL_REQUEST, MAIN, "environment:prod"]),
    ] {
        for other in others {
            let text = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
            account.run(role, other, "status").exits(5).says(text);
        }
    }
}

#[tokio::test]
async fn a_token_of_others_is_refused_with_awss_reason() {
    let account = Account::new().await;
    for (claim, value, code) in [
        (
            "sub",
            json!("repo:ORG/OTHER:ref:refs/heads/main"),
            "AccessDenied",
        ),
        (
            "aud",
            json!("https://github.com/ORG"),
            "InvalidIdentityToken",
        ),
        ("iss", json!("https://example.com"), "InvalidIdentityToken"),
        ("exp", json!(1_700_000_000), "ExpiredTokenException"),
    ] {
        let mut claims = subject(MAIN);
        claims[claim] = value;
        let run = account.job("wild-rydes-deployer", &claims, "status");
        run.exits(5).says(code);
    }
}

/// A workflow that names a role which the page does not create would fail at its first run.
#[test]
fn the_page_creates_the_roles_of_the_workflows() {
    let folder = workspace().join(".github/workflows");
    let workflows = std::fs::read_dir(folder).expect("workflows");
    let commands = commands();
    let mut roles = 0;
    for workflow in workflows {
        let text = std::fs::read_to_string(workflow.expect("a file").path()).expect("text");
        for line in text.lines().filter(|line| line.contains("role-to-assume:")) {
            let role = line.rsplit('/').next().expect("a name");
            roles += 1;
            assert!(
                commands.contains(&format!("create-role --role-name {role} ")),
                "{role}"
            );
        }
    }
    assert!(roles >= 5, "{roles}");
}
