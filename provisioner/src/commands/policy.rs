//! Prints IAM policies, rendered for this account, region and stage.

use serde_json::{Value, json};

use crate::aws::clients::Cloud;
use crate::cli::{self, PolicyName};
use crate::error::{Error, Exit};
use crate::session::Session;
use crate::stack::declaration::Stack;

pub async fn run(flags: cli::Policy, cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    session.guard(cloud).await?;
    let context = cloud.context(&session.stage).await?;
    let stack = Stack::for_stage(&session.stage, cloud.build_target.arch);
    let policy = match flags.policy {
        PolicyName::Function => joined(
            stack
                .role
                .policies(&context)
                .into_iter()
                .map(|(_, policy)| policy),
        ),
    };
    session.json(&policy);
    Ok(Exit::Done)
}

/// One document with the statements of all policies.
fn joined(policies: impl IntoIterator<Item = Value>) -> Value {
    let statements = policies
        .into_iter()
        .flat_map(|mut policy| match policy["Statement"].take() {
            Value::Array(statements) => statements,
            statement => vec![statement],
        });
    json!({"Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>()})
}
