//! What others change behind the back of `provision`, a kind a step: the plan shows it, `up` repairs it.

use aws_sdk_lambda::types::Environment;

use super::by_hand::{self, TRUST};
use super::runner::{Change, Runner, list};
use crate::engine::inputs::Age;
use crate::error::Error;
use crate::stack::names::LIVE;

#[derive(Clone, Copy, Debug)]
pub enum Drift {
    Memory,
    Environment,
    Policy,
    Attachment,
    Trust,
    Session,
    Retention,
    Protection,
    Tags,
    Alias,
    NoLogGroup,
    NoFunction,
}

pub const ALL: &[Drift] = &[
    Drift::Memory,
    Drift::Environment,
    Drift::Policy,
    Drift::Attachment,
    Drift::Trust,
    Drift::Session,
    Drift::Retention,
    Drift::Protection,
    Drift::Tags,
    Drift::Alias,
    Drift::NoLogGroup,
    Drift::NoFunction,
];

/// A policy of the same name that allows something else.
const OTHER_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:DescribeTable","Resource":"*"}]}"#;

/// Makes the change, wants the plan to show it and nothing else, has `up` repair it, and wants nothing left.
pub async fn found_and_repaired(runner: &Runner, drift: Drift) -> Result<String, Error> {
    Box::pin(drift.make(runner)).await?;
    let declared = runner.declared();
    let expected = drift.expected();
    let found = runner
        .until_plan(&declared, &describe(expected), |changes| {
            holds(expected, changes)
        })
        .await?;
    runner.up(declared.clone()).await?;
    runner.until_equal(&declared).await?;
    Ok(list(&found))
}

/// Action, kind, and an attribute if the action has any.
type Expected = &'static [(&'static str, &'static str, &'static str)];

fn holds(expected: Expected, changes: &[Change]) -> bool {
    changes.len() == expected.len()
        && expected.iter().all(|(action, kind, attribute)| {
            changes.iter().any(|change| {
                let mut attributes = change.attributes.iter();
                change.action == *action
                    && change.kind == *kind
                    && (attribute.is_empty() || attributes.any(|name| name.contains(attribute)))
            })
        })
}

fn describe(expected: Expected) -> String {
    let all = expected.iter();
    let all = all.map(|(action, kind, attribute)| format!("{action} {kind} {attribute}"));
    all.collect::<Vec<_>>().join(", ")
}

impl Drift {
    pub fn name(self) -> &'static str {
        match self {
            Drift::Memory => "memory",
            Drift::Environment => "environment",
            Drift::Policy => "policy",
            Drift::Attachment => "attached policy",
            Drift::Trust => "trust policy",
            Drift::Session => "session duration",
            Drift::Retention => "retention",
            Drift::Protection => "table protection",
            Drift::Tags => "tags",
            Drift::Alias => "alias moved",
            Drift::NoLogGroup => "log group deleted",
            Drift::NoFunction => "function deleted",
        }
    }

    fn expected(self) -> Expected {
        match self {
            Drift::Memory => &[("update", "function", "memory")],
            Drift::Environment => &[("update", "function", "env TABLE_NAME")],
            Drift::Policy => &[("update", "role", "policy DynamoDBWriteAccess")],
            Drift::Attachment => &[("update", "role", "attached ")],
            Drift::Trust => &[("update", "role", "trust")],
            Drift::Session => &[("update", "role", "maximum session duration")],
            Drift::Retention => &[("update", "log group", "retention")],
            Drift::Protection => &[("update", "table", "deletion protection")],
            Drift::Tags => &[
                ("update", "table", "tag provision:managed-by"),
                ("update", "role", "tag provision:managed-by"),
                ("update", "log group", "tag provision:managed-by"),
                ("update", "function", "tag provision:managed-by"),
            ],
            Drift::Alias => &[("update", "release", "")],
            Drift::NoLogGroup => &[("create", "log group", "")],
            Drift::NoFunction => &[("create", "function", ""), ("create", "release", "")],
        }
    }

    async fn make(self, runner: &Runner) -> Result<(), Error> {
        match self {
            Drift::Memory | Drift::Environment => self.configure(runner).await,
            Drift::Policy | Drift::Trust | Drift::Session => self.change_role(runner).await,
            Drift::Attachment => by_hand::attach_basic_policy(runner).await,
            Drift::Retention | Drift::NoLogGroup => self.change_log_group(runner).await,
            Drift::Protection => unprotect(runner).await,
            Drift::Tags => by_hand::tag(runner, "provision:managed-by", "hand").await,
            Drift::Alias => move_alias(runner).await,
            Drift::NoFunction => delete_function(runner).await,
        }
    }

    async fn configure(self, runner: &Runner) -> Result<(), Error> {
        let name = &runner.stack.function.name;
        let request = runner.cloud.lambda.update_function_configuration();
        let request = request.function_name(name);
        let request = if matches!(self, Drift::Memory) {
            request.memory_size(256)
        } else {
            let elsewhere = Environment::builder().variables("TABLE_NAME", "Elsewhere");
            request.environment(elsewhere.build())
        };
        let call = runner.call(format!("change function {name}"));
        call.send(|| request.clone().send()).await.map(drop)
    }

    async fn change_role(self, runner: &Runner) -> Result<(), Error> {
        let (client, name) = (&runner.cloud.iam, &runner.stack.role.name);
        let call = runner.call(format!("change role {name}"));
        if matches!(self, Drift::Policy) {
            let request = client.put_role_policy().role_name(name);
            let request = request.policy_name("DynamoDBWriteAccess");
            let request = request.policy_document(OTHER_POLICY);
            return call.send(|| request.clone().send()).await.map(drop);
        }
        if matches!(self, Drift::Trust) {
            let request = client.update_assume_role_policy().role_name(name);
            let request = request.policy_document(TRUST);
            return call.send(|| request.clone().send()).await.map(drop);
        }
        let request = client.update_role().role_name(name);
        let request = request.max_session_duration(7200);
        call.send(|| request.clone().send()).await.map(drop)
    }

    async fn change_log_group(self, runner: &Runner) -> Result<(), Error> {
        let (client, name) = (&runner.cloud.logs, &runner.stack.log_group.name);
        let call = runner.call(format!("change log group {name}"));
        if matches!(self, Drift::Retention) {
            let request = client.put_retention_policy().log_group_name(name);
            let request = request.retention_in_days(7);
            return call.send(|| request.clone().send()).await.map(drop);
        }
        let request = client.delete_log_group().log_group_name(name);
        call.ignore_not_found(|| request.clone().send()).await
    }
}

async fn unprotect(runner: &Runner) -> Result<(), Error> {
    let name = &runner.stack.table.name;
    let request = runner.cloud.dynamodb.update_table().table_name(name);
    let request = request.deletion_protection_enabled(false);
    let call = runner.call(format!("change table {name}"));
    call.send(|| request.clone().send()).await.map(drop)
}

/// Another version than the one that passed its test ride goes live, and the function is as it was.
async fn move_alias(runner: &Runner) -> Result<(), Error> {
    let (client, name) = (&runner.cloud.lambda, &runner.stack.function.name);
    let original = runner.stack.function.memory_mb.value;
    set_memory(runner, original * 2).await?;
    let request = client.publish_version().function_name(name);
    let call = runner.call(format!("publish a version of {name}"));
    let version = call.send(|| request.clone().send()).await?.version;
    set_memory(runner, original).await?;
    let request = client.update_alias().function_name(name).name(LIVE);
    let request = request.set_function_version(version);
    // AWS may not find the new version yet.
    let call = runner.call(format!("move the alias of {name}"));
    let call = call.of_age(Age::New);
    call.send(|| request.clone().send()).await.map(drop)
}

async fn set_memory(runner: &Runner, memory_mb: i32) -> Result<(), Error> {
    let (client, name) = (&runner.cloud.lambda, &runner.stack.function.name);
    let request = client.update_function_configuration().function_name(name);
    let request = request.memory_size(memory_mb);
    let call = runner.call(format!("change function {name}"));
    call.send(|| request.clone().send()).await.map(drop)
}

async fn delete_function(runner: &Runner) -> Result<(), Error> {
    let name = &runner.stack.function.name;
    let request = runner.cloud.lambda.delete_function().function_name(name);
    let call = runner.call(format!("delete function {name}"));
    call.ignore_not_found(|| request.clone().send()).await
}
