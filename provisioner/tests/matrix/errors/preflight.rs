//! Callers without the permissions for a plan: refused before the first change.

use aws_config::SdkConfig;
use serde_json::Value;

use super::access::{EVERYTHING, assume, proxied};
use super::by_hand::{by_hand, put_policy};
use super::shell::Shell;
use super::{Case, Scenario};
use crate::cloud::CloudProcess;
use crate::proxy::{At, Fault, Proxy};

const ROLE: &str = "Deployer";
const ALL_BUT_DELETIONS: &str = r#"{"Effect":"Allow",
    "NotAction":["dynamodb:DeleteTable","iam:DeleteRole","iam:DeleteRolePolicy"],"Resource":"*"}"#;

pub const SCENARIOS: &[Scenario] = &[
    ("plan-not-allowed", |case| {
        let (shell, cloud, line) = down_as_role(case, ALL_BUT_DELETIONS);
        let run = shell.run(&line);
        case.told_by(&run);
        assert!(!run.stderr.contains("done delete"), "{}", run.stderr);
        let statements = statements(&run.stderr);
        assert_eq!(statements.len(), 2, "{statements:?}");
        let given: Vec<String> = statements.iter().map(Value::to_string).collect();
        let all = format!("{ALL_BUT_DELETIONS},{}", given.join(","));
        give(cloud, &all);
        shell.run(&line).ok().says("deleted  table Rides");
    }),
    ("plan-denied", |case| {
        let deny = r#"{"Effect":"Deny","Action":"lambda:DeleteFunction","Resource":"*"}"#;
        let (shell, cloud, line) = down_as_role(case, &format!("{EVERYTHING},{deny}"));
        case.told_by(&shell.run(&line));
        give(cloud, EVERYTHING);
        shell.run(&line).ok();
    }),
    ("plan-outside-boundary", |case| {
        let (shell, cloud, line) = down_as_role(case, EVERYTHING);
        by_hand(cloud, async |config| limit(config, ALL_BUT_DELETIONS).await);
        case.told_by(&shell.run(&line));
        by_hand(cloud, async |config| {
            let client = aws_sdk_iam::Client::new(&config);
            let request = client.delete_role_permissions_boundary().role_name(ROLE);
            request.send().await.expect("a change");
        });
        shell.run(&line).ok();
    }),
    ("plan-outside-organization", |case| {
        let (shell, cloud, line) = down_as_role(case, ALL_BUT_DELETIONS);
        let proxy = Proxy::to(&cloud.url, &[]);
        // The local cloud has no organizations.
        let organization = Fault::Edit(
            "<EvalDecision>implicitDeny</EvalDecision>",
            "<EvalDecision>implicitDeny</EvalDecision><OrganizationsDecisionDetail>\
             <AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>",
        );
        for _ in 0..5 {
            proxy.at(At::Name("SimulatePrincipalPolicy"), organization);
        }
        case.told_by(&shell.run(&line.replace(&cloud.url, &proxy.url)));
    }),
    ("code-storage-full", |case| {
        let (shell, proxy) = proxied(case);
        let full = Fault::Edit("322122547200", "1000000");
        proxy.at(At::Name("GetAccountSettings"), full);
        case.told_by(&shell.run(&format!(
            "provision up --memory 256 --endpoint-url {}",
            proxy.url
        )));
    }),
    ("quota-reached", |case| {
        let (shell, proxy) = proxied(case);
        let line = format!("provision up --stage second --endpoint-url {}", proxy.url);
        let message = "Cannot exceed quota for RolesPerAccount: 1000";
        let roles = Fault::Refuse("LimitExceeded", message);
        proxy.at(At::Name("iam_CreateRole"), roles);
        case.told_by(&shell.run(&line));
        let storage = Fault::Refuse(
            "CodeStorageExceededException",
            "Code storage limit exceeded.",
        );
        proxy.at(At::Name("lambda_CreateFunction"), storage);
        case.told_by(&shell.run(&line));
        shell.run(&line).ok();
    }),
];

/// The command `down` on the standing stack, by a role with these statements.
fn down_as_role<'a>(case: &'a Case, statements: &str) -> (Shell<'a>, &'a CloudProcess, String) {
    let (shell, _, cloud) = case.standing();
    let shell = by_hand(cloud, async |config| {
        assume(config, ROLE, &shell, cloud).await
    });
    give(cloud, statements);
    let line = format!("provision down --yes --endpoint-url {}", cloud.url);
    (shell, cloud, line)
}

fn give(cloud: &CloudProcess, statements: &str) {
    by_hand(cloud, async |config| {
        put_policy(config, ROLE, "Given", statements).await;
    });
}

/// Gives the role a permissions boundary with this statement.
async fn limit(config: SdkConfig, statement: &str) {
    let client = aws_sdk_iam::Client::new(&config);
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    let request = client.create_policy().policy_name("Boundary");
    let policy = request.policy_document(document).send().await;
    let policy = policy.expect("a policy").policy.expect("a policy");
    let request = client.put_role_permissions_boundary().role_name(ROLE);
    let request = request.permissions_boundary(policy.arn.expect("an ARN"));
    request.send().await.expect("a boundary");
}

/// The statements of a hint.
fn statements(told: &str) -> Vec<Value> {
    let (_, hint) = told.split_once("policy needs ").expect("a hint");
    let (list, _) = hint.split_once("; without").expect("statements");
    serde_json::from_str(&format!("[{list}]")).expect("JSON")
}
