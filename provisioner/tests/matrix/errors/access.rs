//! Who calls, and whether anybody answers.

use std::net::TcpListener;

use aws_config::SdkConfig;

use super::by_hand::{by_hand, put_policy};
use super::shell::Shell;
use super::{Case, Scenario};
use crate::cloud::CloudProcess;
use crate::proxy::{At, Fault, Proxy, When};

pub const EVERYTHING: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

pub const SCENARIOS: &[Scenario] = &[
    ("credentials-invalid", |case| {
        let (shell, _, cloud) = case.standing();
        let shell = shell
            .to_endpoint(cloud)
            .with("AWS_ACCESS_KEY_ID", "AKIAWRONG");
        let line = format!("provision status --endpoint-url {}", cloud.url);
        let hint = case.told_by(&shell.run(&line));
        let again = hint.last().expect("a command");
        shell.run(again).ok().says("healthy");
        let (shell, proxy) = proxied(case);
        let expired = Fault::Refuse("ExpiredToken", "The security token is expired");
        proxy.at(At::Name("GetCallerIdentity"), expired);
        case.told_by(&shell.run(&format!("provision status --endpoint-url {}", proxy.url)));
    }),
    ("denied", |case| {
        let (shell, _, cloud) = case.standing();
        let shell = by_hand(cloud, async |config| {
            assume(config, "Reader", &shell, cloud).await
        });
        let line = format!("provision status --endpoint-url {}", cloud.url);
        let mut statements: Vec<String> = Vec::new();
        // Each run asks for what is still missing, until nothing is.
        while shell.run(&line).code != 0 {
            let run = shell.run(&line);
            case.told_by(&run);
            let statement = statement(&run.stderr);
            assert!(
                !statements.contains(&statement),
                "{statement} mended nothing"
            );
            statements.push(statement);
            let all = statements.join(",");
            by_hand(cloud, async |config| {
                put_policy(config, "Reader", "Given", &all).await;
            });
        }
        assert!(statements.len() > 5, "{statements:?}");
    }),
    ("denied-explicitly", |case| {
        let (shell, _, cloud) = case.standing();
        let shell = by_hand(cloud, async |config| {
            assume(config, "Denied", &shell, cloud).await
        });
        let deny = r#"{"Effect":"Deny","Action":"dynamodb:DescribeTable","Resource":"*"}"#;
        let give = |statements: String| {
            by_hand(cloud, async |config| {
                put_policy(config, "Denied", "Given", &statements).await;
            });
        };
        give(format!("{EVERYTHING},{deny}"));
        let line = format!("provision status --endpoint-url {}", cloud.url);
        case.told_by(&shell.run(&line));
        give(EVERYTHING.to_owned());
        shell.run(&line).ok();
    }),
    ("wrong-account", |case| {
        let (shell, ..) = case.standing();
        for verb in ["up", "down --yes --delete-data", "invoke --at 0,0"] {
            let line = format!("provision {verb} --local --account 999999999999");
            let hint = case.told_by(&shell.run(&line));
            let look = hint.last().expect("a command");
            shell
                .run(look)
                .ok()
                .says("account 123456789012")
                .says("healthy");
        }
        let shell = shell.with("PROVISION_ACCOUNT", "999999999999");
        let hint = case.told_by(&shell.run("provision up --local"));
        shell.run(hint.last().expect("a command")).ok();
    }),
    ("unreachable", |case| {
        let (shell, proxy) = proxied(case);
        proxy.at(At::Name("GetCallerIdentity"), Fault::Drop(When::Before));
        let line = format!("provision status --endpoint-url {}", proxy.url);
        let hint = case.told_by(&shell.run(&line));
        shell.run(hint.last().expect("a command")).ok();
        let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = closed.local_addr().expect("an address");
        drop(closed);
        case.told_by(&shell.run(&format!("provision status --endpoint-url http://{address}")));
    }),
    ("service-unavailable", |case| {
        let (shell, proxy) = proxied(case);
        let trouble = Fault::Refuse("InternalFailure", "An internal error occurred");
        proxy.at(At::Name("DescribeTable"), trouble);
        let line = format!("provision status --endpoint-url {}", proxy.url);
        let hint = case.told_by(&shell.run(&line));
        shell.run(hint.last().expect("a command")).ok();
    }),
    ("throttled", |case| {
        let (shell, proxy) = proxied(case);
        proxy.at(At::Name("DescribeTable"), Fault::Throttle);
        let line = format!("provision status --endpoint-url {}", proxy.url);
        let hint = case.told_by(&shell.run(&line));
        shell.run(&hint[0]).ok();
    }),
    ("response-incomplete", |case| {
        let (shell, proxy) = proxied(case);
        proxy.at(
            At::Name("GetCallerIdentity"),
            Fault::Edit("Arn>", "Nothing>"),
        );
        case.told_by(&shell.run(&format!("provision status --endpoint-url {}", proxy.url)));
    }),
    ("no-local-cloud", |case| {
        // A build without the feature is another binary: what it would say is read off its source.
        let source = include_str!("../../../src/local/off.rs");
        let text = |before: &str| {
            let (_, text) = source.split_once(before).expect("the call");
            text.split('"').nth(1).expect("a text").to_owned()
        };
        let (text, hint) = (text("Error::usage("), text(".hint("));
        case.told_by(&crate::world::Run {
            code: 2,
            stdout: String::new(),
            stderr: format!("error: {text}\nhint: {hint}\n"),
        });
    }),
];

/// To the standing stack as to AWS, with a proxy in between.
pub fn proxied<'a>(case: &'a Case) -> (Shell<'a>, Proxy) {
    let (shell, _, cloud) = case.standing();
    (shell.to_endpoint(cloud), Proxy::to(&cloud.url, &[]))
}

/// The same shell on the credentials of a role that may do nothing yet.
pub async fn assume<'a>(
    config: SdkConfig,
    name: &str,
    shell: &Shell<'a>,
    cloud: &CloudProcess,
) -> Shell<'a> {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}"#;
    let role = aws_sdk_iam::Client::new(&config)
        .create_role()
        .role_name(name)
        .assume_role_policy_document(trust)
        .send()
        .await
        .expect("a role");
    let session = aws_sdk_sts::Client::new(&config)
        .assume_role()
        .role_arn(role.role().expect("a role").arn())
        .role_session_name("test")
        .send()
        .await
        .expect("a session");
    let credentials = session.credentials().expect("credentials");
    shell
        .to_endpoint(cloud)
        .with("AWS_ACCESS_KEY_ID", credentials.access_key_id())
        .with("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key())
        .with("AWS_SESSION_TOKEN", credentials.session_token())
}

/// The policy statement in a hint.
pub fn statement(told: &str) -> String {
    let (_, hint) = told.split_once("hint: ").expect("a hint");
    let hint = hint.lines().next().unwrap_or_default();
    let (from, to) = (hint.find('{'), hint.rfind('}'));
    let statement = &hint[from.expect("a statement")..=to.expect("a statement")];
    let read: serde_json::Value = serde_json::from_str(statement).expect("JSON");
    assert_eq!(read["Effect"], "Allow");
    statement.to_owned()
}
