//! What keeps a function from going live, and what is wrong with one that is.

use provisioner::report::render;
use provisioner::report::style::Style;
use provisioner::stack::declaration::Stack;
use serde_json::json;

use super::Scenario;
use super::access::statement;
use super::by_hand::{by_hand, put_policy};
use super::running::{behind, meanwhile};
use crate::in_process::{InProcess, template, without_writes};
use crate::proxy::{At, Fault, When};
use crate::world::Run;

const FUNCTION: &str = "GetFunction";
const CREATE: &str = "CreateFunction";

const DISTRUSTFUL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}"#;

pub const SCENARIOS: &[Scenario] = &[
    ("role-not-ready", |case| {
        let (shell, _, proxy) = behind(case);
        let young = "The role defined for the function cannot be assumed by Lambda.";
        let young = Fault::Refuse("InvalidParameterValueException", young);
        proxy.at(At::Name(CREATE), young);
        let line = "provision up --local --stage young --wait-limit 0";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok();
    }),
    ("role-deleted", |case| {
        let (shell, cloud, proxy) = behind(case);
        proxy.at(At::Name(CREATE), Fault::Hold(When::Before));
        let line = "provision up --local --stage bare --wait-limit 0";
        let run = meanwhile(&shell, line, &proxy, |_| {
            by_hand(cloud, async |config| {
                let iam = aws_sdk_iam::Client::new(&config);
                let role = "WildRydesLambda-bare";
                for policy in ["DynamoDBWriteAccess", "WriteLogs"] {
                    let delete = iam.delete_role_policy().role_name(role);
                    delete.policy_name(policy).send().await.expect("a change");
                }
                let delete = iam.delete_role().role_name(role);
                delete.send().await.expect("a change");
            });
        });
        let hint = case.told_by(&run);
        shell.run(&hint[0]).ok();
    }),
    ("role-changed", |case| {
        let (shell, cloud, proxy) = behind(case);
        proxy.at(At::Name(CREATE), Fault::Hold(When::Before));
        let line = "provision up --local --stage wary --wait-limit 0";
        let run = meanwhile(&shell, line, &proxy, |_| {
            by_hand(cloud, async |config| {
                let iam = aws_sdk_iam::Client::new(&config);
                let update = iam.update_assume_role_policy();
                let update = update.role_name("WildRydesLambda-wary");
                let update = update.policy_document(DISTRUSTFUL);
                update.send().await.expect("a change");
            });
        });
        let hint = case.told_by(&run);
        shell.run(&hint[0]).ok();
    }),
    ("role-trust-missing", |case| {
        let run = deployed(|stack| stack.role.trust = template(DISTRUSTFUL));
        case.told_by(&run);
        let (_, statement) = run.stderr.split_once("trust.json: ").expect("a statement");
        let statement: serde_json::Value = serde_json::from_str(statement).expect("JSON");
        assert_eq!(statement["Principal"]["Service"], "lambda.amazonaws.com");
    }),
    ("function-failed", |case| {
        let (shell, _, proxy) = behind(case);
        let failed = r#""State":"Failed","StateReason":"The subnet has no free addresses""#;
        proxy.at(
            At::Later(1, FUNCTION),
            Fault::Edit(r#""State":"Active""#, failed),
        );
        let hint = case.told_by(&shell.run("provision up --local --memory 224"));
        shell.run(&hint[0]).ok();
    }),
    ("update-failed", |case| {
        let (shell, _, proxy) = behind(case);
        let failed = r#""LastUpdateStatus":"Failed","LastUpdateStatusReason":"The image is gone""#;
        let good = r#""LastUpdateStatus":"Successful""#;
        proxy.at(At::Later(1, FUNCTION), Fault::Edit(good, failed));
        let hint = case.told_by(&shell.run("provision up --local --memory 240"));
        shell.run(&hint[0]).ok();
    }),
    ("test-ride-failed", |case| {
        let (shell, _, proxy) = behind(case);
        proxy.at(
            At::Name("Invoke"),
            Fault::Edit(r#""statusCode":201"#, r#""statusCode":418"#),
        );
        let hint = case.told_by(&shell.run("provision up --local --memory 272"));
        shell.run(&hint[0]).ok();
    }),
    ("test-ride-not-stored", |case| {
        let (shell, _, proxy) = behind(case);
        // It is taken again, in case that another run deleted the ride.
        for _ in 0..4 {
            let missing = Fault::Edit(r#""Item""#, r#""Nothing""#);
            proxy.at(At::Name("GetItem"), missing);
        }
        let hint = case.told_by(&shell.run("provision up --local --memory 288"));
        shell.run(&hint[0]).ok();
    }),
    ("test-ride-denied", |case| {
        // A declaration without the statement is another binary: the library deploys it.
        let run = deployed(without_writes);
        assert!(statement(&run.stderr).contains("dynamodb:PutItem"));
        case.told_by(&run);
    }),
    ("function-rejected-event", |case| {
        let (shell, ..) = behind(case);
        let event = |body: &str| {
            let rider = json!({"authorizer": {"claims": {"cognito:username": "ann"}}});
            let event = json!({"requestContext": rider, "body": body});
            std::fs::write(shell.path("event.json"), event.to_string()).expect("an event");
            shell.run("provision invoke --local --event event.json")
        };
        let hint = case.told_by(&event("{"));
        shell.run(&hint[0]).ok().says("returned 201");
        let far = r#"{"PickupLocation":{"Latitude":91,"Longitude":0}}"#;
        case.told_by(&event(far).says("returned 400").says("Latitude"));
        shell.run("provision rides --local").ok().never_says("ann");
        let line = "echo '{}' >event.json; provision invoke --local --event event.json";
        case.told_by(&shell.run(line));
        // The document is the answer's, whatever it is.
        let run = shell.run("provision invoke --local --event event.json --output json");
        assert_eq!(run.json()["answer"]["statusCode"], 401);
    }),
    ("function-returned-500", |case| {
        let (shell, cloud, _) = behind(case);
        by_hand(cloud, async |config| {
            let nothing = r#"{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"arn:aws:dynamodb:us-east-1:123456789012:table/Other"}"#;
            put_policy(config, "WildRydesLambda", "DynamoDBWriteAccess", nothing).await;
        });
        let hint = case.told_by(&shell.run("provision invoke --local --at 0,0"));
        shell.run(&hint[0]).ok().says("AccessDenied");
        shell.run("provision up --local --yes").ok();
    }),
    ("function-crashed", |case| {
        let (shell, _, proxy) = behind(case);
        let crashed = "x-amz-function-error: Unhandled\r\nx-amz-executed-version:";
        proxy.at(
            At::Name("Invoke"),
            Fault::Edit("x-amz-executed-version:", crashed),
        );
        let hint = case.told_by(&shell.run("provision invoke --local --at 0,0"));
        shell.run(&hint[0]).ok().says("version 1");
    }),
];

/// By the library, with another declaration: what another binary would say.
fn deployed(edit: impl Fn(&mut Stack)) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let deploy = async {
        InProcess::new()
            .deploy_as(&["up", "--wait-limit", "0"], edit)
            .await
    };
    let outcome = runtime.expect("a runtime").block_on(deploy);
    let errors = outcome.expect_err("an error");
    Run {
        code: errors[0].exit.code().into(),
        stdout: String::new(),
        stderr: render::error(&errors[0], Style::PLAIN),
    }
}
