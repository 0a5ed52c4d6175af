//! The check of the caller's permissions before the first change: what it cannot tell never stops a run.

use aws_config::SdkConfig;
use aws_sdk_iam::Client as IamClient;

use crate::cloud::CloudProcess;
use crate::proxy::{At, Fault, Proxy, reads};
use crate::standing::Standing;
use crate::world::{Run, World, artifact_path};

const SIMULATE: At = At::Name("SimulatePrincipalPolicy");
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}"#;

/// The keys of a session.
struct Session {
    access_key_id: String,
    secret_access_key: String,
    token: String,
}

/// A session of a new role below this path, with this statement as its policy.
async fn assume(config: &SdkConfig, path: &str, statement: &str) -> Session {
    let iam = IamClient::new(config);
    let request = iam.create_role().role_name("Deployer").path(path);
    let role = request.assume_role_policy_document(TRUST).send().await;
    let arn = role.expect("a role").role.expect("a role").arn;
    let request = iam.put_role_policy().role_name("Deployer").policy_name("P");
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    let put = request.policy_document(document).send().await;
    put.expect("a policy");
    let sts = aws_sdk_sts::Client::new(config);
    let request = sts.assume_role().role_arn(arn).role_session_name("test");
    let session = request.send().await.expect("a session");
    let keys = session.credentials.expect("credentials");
    Session {
        access_key_id: keys.access_key_id,
        secret_access_key: keys.secret_access_key,
        token: keys.session_token,
    }
}

/// `provision … --yes` on these credentials.
fn run_as(world: &World, session: &Session, url: &str, args: &[&str]) -> Run {
    let args = [args, &["--yes", "--endpoint-url", url]].concat();
    let mut command = world.command(&args);
    command
        .env("AWS_ACCESS_KEY_ID", &session.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &session.secret_access_key)
        .env("AWS_SESSION_TOKEN", &session.token)
        .env("AWS_REGION", "us-east-1");
    Run::of(&mut command)
}

fn standing() -> (World, CloudProcess, Proxy) {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let proxy = Proxy::to(&cloud.url, &[]);
    (world, cloud, proxy)
}

#[tokio::test]
async fn a_plan_that_is_not_allowed_is_refused_before_the_first_change() {
    let (world, cloud, proxy) = standing();
    let statement = r#"{"Effect":"Allow","NotAction":"iam:DeleteRole","Resource":"*"}"#;
    let session = assume(&cloud.config(), "/", statement).await;
    let down = |args: &[&str]| run_as(&world, &session, &proxy.url, args);
    down(&["down"])
        .exits(5)
        .says("role/Deployer does not have the permissions for this plan")
        .says("perform: iam:DeleteRole on resource: arn:aws:iam::123456789012:role/WildRydesLambda")
        .says("`provision down --yes --endpoint-url");
    let names = proxy.names();
    assert!(names.iter().all(|name| reads(name)), "{names:?}");
    down(&["down", "--no-preflight"])
        .exits(5)
        .says("done delete function RequestUnicorn");
}

#[tokio::test]
async fn the_path_of_the_callers_role_is_found() {
    let (world, cloud, proxy) = standing();
    let statement = r#"{"Effect":"Allow","NotAction":"iam:DeleteRole","Resource":"*"}"#;
    let session = assume(&cloud.config(), "/teams/ci/", statement).await;
    run_as(&world, &session, &proxy.url, &["down"])
        .exits(5)
        .says("role/teams/ci/Deployer does not have the permissions for this plan");
}

#[test]
fn what_the_simulation_cannot_tell_never_stops_a_run() {
    let (world, cloud, _) = standing();
    let proxy = world.behind(&cloud, &[]);
    let denied = "User: x is not authorized to perform: iam:SimulatePrincipalPolicy on resource: y";
    let faults = [
        Fault::Refuse("AccessDenied", denied),
        Fault::Refuse("NoSuchEntity", "The entity cannot be found."),
        Fault::Refuse("NotImplemented", "no such operation"),
        Fault::Refuse("InvalidInput", "Invalid Entity Arn"),
        Fault::Edit("allowed", "undecided"),
        Fault::Edit("EvaluationResults", "Nothing"),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        // The plan updates one resource, so there is one question.
        proxy.at(SIMULATE, fault);
        let days = ["1", "3", "5", "7", "30", "60"][number];
        let run = world.up(&["--retention-days", days]).ok();
        let run = run.says("done update log group");
        match fault {
            Fault::Refuse("AccessDenied", _) => run
                .says("warning: cannot check beforehand whether the caller may make these changes"),
            _ => run.never_says("warning"),
        };
    }
}

#[test]
fn actions_that_are_not_simulated_together_are_simulated_one_by_one() {
    let (world, cloud, _) = standing();
    let proxy = world.behind(&cloud, &[]);
    let mixed = Fault::Refuse(
        "InvalidInput",
        "Invalid Input Actions: [a:B] and [c:D] require different authorization information.",
    );
    // The whole plan, and then one of its statements, each of which is about one service.
    proxy.at(SIMULATE, mixed);
    proxy.at(SIMULATE, mixed);
    world.local(&["down", "--yes"]).ok();
    let names = proxy.names();
    let simulated = names
        .iter()
        .filter(|name| name.ends_with("SimulatePrincipalPolicy"));
    assert!(simulated.count() > 5, "{names:?}");
    // A caller that may do less is refused on this way too.
    let proxy = Proxy::to(&cloud.url, &[(SIMULATE, mixed), (SIMULATE, mixed)]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let statement = r#"{"Effect":"Allow","NotAction":"iam:CreateRole","Resource":"*"}"#;
    let session = runtime.block_on(assume(&cloud.config(), "/", statement));
    run_as(
        &world,
        &session,
        &proxy.url,
        &["up", "--artifact", artifact_path()],
    )
    .exits(5)
    .says("perform: iam:CreateRole on resource: arn:aws:iam::123456789012:role/WildRydesLambda");
}

#[test]
fn a_full_code_storage_is_refused_before_the_first_change() {
    let (world, cloud, _) = standing();
    let proxy = world.behind(&cloud, &[]);
    let settings = At::Name("GetAccountSettings");
    proxy.at(settings, Fault::Edit("322122547200", "1000000"));
    world
        .up(&["--memory", "256"])
        .exits(4)
        .says("Lambda's code storage in us-east-1 is full, so nothing was changed");
    let names = proxy.names();
    assert!(names.iter().all(|name| reads(name)), "{names:?}");
    // What an endpoint does not have or leaves out never stops a run.
    proxy.at(settings, Fault::Edit("AccountLimit", "Nothing"));
    world.up(&["--memory", "256"]).ok().never_says("warning");
    let missing = Fault::Refuse("UnknownOperationException", "no such operation");
    proxy.at(settings, missing);
    world.up(&["--memory", "512"]).ok().never_says("warning");
    // A change that publishes no version needs no room.
    let before = proxy.names().len();
    world.up(&["--memory", "512", "--retention-days", "1"]).ok();
    let names = proxy.names();
    let asked = names[before..]
        .iter()
        .any(|name| name.ends_with("GetAccountSettings"));
    assert!(!asked, "{names:?}");
}

#[tokio::test]
async fn the_permissions_for_what_has_other_names_are_checked_too() {
    let (world, cloud, proxy) = standing();
    world.declare("names.table = \"Trips\"");
    world.up(&["--yes"]).ok();
    let statements = r#"{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"dynamodb:DeleteTable","Resource":"arn:aws:dynamodb:*:*:table/Rides"}"#;
    let session = assume(&cloud.config(), "/", statements).await;
    for down in [&["down"][..], &["down", "--undeclared"]] {
        run_as(&world, &session, &proxy.url, down)
            .exits(5)
            .says("does not have the permissions for this plan")
            .says("perform: dynamodb:DeleteTable on resource: arn:aws:dynamodb:us-east-1:123456789012:table/Rides");
    }
    let names = proxy.names();
    assert!(names.iter().all(|name| reads(name)), "{names:?}");
}
