//! Where credentials come from, and the settings around them.

use provisioner::fault;
use provisioner::report::render;
use provisioner::report::style::Style;

use super::shell::Shell;
use super::{Case, Scenario};
use crate::stand_in::StandIn;
use crate::world::Run;

const KEYS: &str = "aws_access_key_id = AKIAPROFILE\naws_secret_access_key = x\n";

pub const SCENARIOS: &[Scenario] = &[
    ("no-credentials", |case| {
        let line = "provision plan --stage dev --region eu-west-1";
        let hint = case.told_by(&case.shell().run(line));
        let again = hint.last().expect("a command");
        assert_eq!(*again, format!("{line} --local"));
        case.shell().run(again).ok().says("5 to create");
    }),
    ("profile-without-credentials", |case| {
        let shell = in_region(case, "[profile empty]\nregion = eu-west-1\n");
        case.told_by(&shell.run("provision status --profile empty"));
    }),
    ("profile-missing", |case| {
        let stand_in = StandIn::new();
        let shell = to(case, &stand_in, &format!("[default]\n{KEYS}"));
        for line in [
            "provision rides --account 999999999999 --profile absent",
            "AWS_PROFILE=absent provision rides --account 999999999999",
        ] {
            let hint = case.told_by(&shell.run(line));
            shell.run(&hint[0]).exits(4).says("account 222222222222");
        }
    }),
    ("no-profiles", |case| {
        case.told_by(&in_region(case, "").run("provision status --profile absent"));
    }),
    ("profiles-contradict", |case| {
        let stand_in = StandIn::new();
        let shell = to(case, &stand_in, &format!("[profile a]\n{KEYS}"));
        let shell = shell
            .with("AWS_PROFILE", "a")
            .with("AWS_DEFAULT_PROFILE", "b");
        let hint = case.told_by(&shell.run("provision rides --account 999999999999"));
        shell.run(&hint[0]).exits(4).says("account 222222222222");
    }),
    ("profiles-unreadable", |case| {
        let shell = in_region(case, "[profile a\n");
        case.told_by(&shell.run("provision status"));
        case.told_by(&shell.with("AWS_CONFIG_FILE", "/").run("provision status"));
    }),
    ("keys-incomplete", |case| {
        let shell = in_region(case, "").with("AWS_ACCESS_KEY_ID", "AKIA");
        let hint = case.told_by(&shell.run("provision status"));
        // The next thing that is missing.
        let line = format!("{}; provision status", hint[0]);
        shell.run(&line).exits(5).says("there are no credentials");
    }),
    ("key-malformed", |case| {
        let shell = in_region(case, "");
        let shell = shell.with("AWS_ACCESS_KEY_ID", "AKIA\n");
        let shell = shell.with("AWS_SECRET_ACCESS_KEY", "x");
        case.told_by(&shell.run("provision status"));
        let shell = in_region(
            case,
            "[profile a]\naws_access_key_id = A B\naws_secret_access_key = x\n",
        );
        case.told_by(&shell.run("provision status --profile a"));
    }),
    ("credentials-failed", |case| {
        let uri = "http://127.0.0.1:1/container\n";
        let shell = in_region(case, "").with("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri);
        case.told_by(&shell.run("provision status"));
        let shell = in_region(case, "[default]\ncredential_process = false\n");
        case.told_by(&shell.run("provision status"));
    }),
    ("mfa-for-role", |case| {
        let stand_in = StandIn::new();
        let role = "[profile mfa]\nrole_arn = arn:aws:iam::2:role/r\nsource_profile = default\nmfa_serial = m\n";
        let shell = to(case, &stand_in, &format!("[default]\n{KEYS}{role}"));
        stand_in.refuse("AccessDenied", "not authorized");
        let hint = case.told_by(&shell.run("provision rides --account 999999999999 --profile mfa"));
        assert_eq!(hint[2], "provision rides --account 999999999999");
    }),
    ("mfa-for-user", |case| {
        let shell = in_region(
            case,
            "[profile mfa]\ncredential_process = false\nmfa_serial = m\n",
        );
        case.told_by(&shell.run("provision status --profile mfa"));
    }),
    ("sso-expired", |case| {
        let session = "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://s.awsapps.com/start\n";
        let profile = "[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n";
        let shell = in_region(case, &format!("{session}{profile}"));
        case.told_by(&shell.run("provision status --profile a"));
        case.told_by(&shell.run("AWS_PROFILE=a provision status"));
    }),
    ("login-expired", |case| {
        let shell = in_region(
            case,
            "[profile a]\nlogin_session = arn:aws:iam::1:user/me\n",
        );
        case.told_by(&shell.run("provision status --profile a"));
    }),
    ("clock-wrong", |case| {
        let stand_in = StandIn::new();
        let shell = to(case, &stand_in, &format!("[default]\n{KEYS}"));
        stand_in.refuse("RequestTimeTooSkewed", "The difference is too large");
        let hint = case.told_by(&shell.run("provision status"));
        assert_eq!(hint, ["provision status"]);
    }),
    ("certificate-untrusted", |case| {
        let stand_in = StandIn::new();
        let shell = to(case, &stand_in, &format!("[default]\n{KEYS}"));
        let line = format!("provision status --endpoint-url {}", stand_in.tls_url());
        case.told_by(&shell.run(&line));
    }),
    ("authorities-unreadable", |case| {
        let shell = in_region(case, "[profile a]\nca_bundle = ~/.aws/config\n");
        case.told_by(&shell.run("provision status --profile a"));
        case.told_by(
            &shell
                .with("AWS_CA_BUNDLE", "/absent")
                .run("provision status"),
        );
    }),
    ("endpoint-setting-malformed", |case| {
        let shell = in_region(case, "[profile a]\nendpoint_url = localhost:4566\n");
        case.told_by(&shell.run("provision status --profile a"));
        let shell = shell.with("AWS_ENDPOINT_URL_IAM", "localhost:4566");
        let hint = case.told_by(&shell.run("provision status"));
        assert_eq!(
            hint,
            ["provision status --endpoint-url http://127.0.0.1:5000"]
        );
    }),
    ("variable-malformed", |case| {
        for (name, value) in [
            ("AWS_USE_FIPS_ENDPOINT", "maybe"),
            ("AWS_ACCOUNT_ID", "me"),
            ("HTTPS_PROXY", "http://a b"),
        ] {
            let shell = in_region(case, "").with(name, value);
            let hint = case.told_by(&shell.run("provision status"));
            let line = format!("{}; provision status", hint.last().expect("a command"));
            shell.run(&line).exits(5).says("there are no credentials");
        }
    }),
    ("retries-malformed", |case| {
        let shell = in_region(case, "[profile a]\nmax_attempts = 0\n");
        let shell = shell.without("AWS_MAX_ATTEMPTS");
        case.told_by(&shell.run("provision status --profile a"));
        case.told_by(
            &shell
                .with("AWS_RETRY_MODE", "often")
                .run("provision status"),
        );
    }),
    ("fault", |case| {
        // No input brings one about: what it would say is what the hook prints.
        let error = fault::error("a planted panic at src/main.rs:1:1");
        case.told_by(&Run {
            code: i32::from(error.exit.code()),
            stdout: String::new(),
            stderr: render::error(&error, Style::PLAIN),
        });
    }),
];

/// With those profiles, and nothing else but a region.
fn in_region<'a>(case: &'a Case, config: &str) -> Shell<'a> {
    let shell = case.shell();
    std::fs::create_dir_all(shell.path(".aws")).expect("a folder");
    std::fs::write(shell.path(".aws/config"), config).expect("a file");
    shell
        .with("AWS_REGION", "eu-west-1")
        .with("AWS_MAX_ATTEMPTS", "1")
}

fn to<'a>(case: &'a Case, stand_in: &StandIn, config: &str) -> Shell<'a> {
    in_region(case, config).with("AWS_ENDPOINT_URL", stand_in.url())
}
