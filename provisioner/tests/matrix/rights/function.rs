//! The policies of the function's role, proved in the same way. They are the role's, not a caller's: what is
//! missing shows in the test ride and in the log.

use provisioner::error::Error;
use provisioner::policy::{DYNAMODB_WRITE_ACCESS, WRITE_LOGS};
use provisioner::stack::declaration::Stack;
use serde_json::Value;

use super::policies::{policy_of_operator, without};
use super::ran::in_world;
use crate::in_process::{InProcess, template, told};

/// What happens without an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    TestRideFails,
    LogStaysEmpty,
}

impl Without {
    pub fn text(self) -> &'static str {
        match self {
            Without::TestRideFails => {
                "the test ride fails with an error that names the action and the resource"
            }
            Without::LogStaysEmpty => "the function works, but `logs` stays empty",
        }
    }
}

/// The actions of the two inline policies, with their statements.
pub fn actions() -> Vec<(String, String, Without)> {
    let documents = [DYNAMODB_WRITE_ACCESS, WRITE_LOGS].map(read);
    let statements = documents.iter().flat_map(|document| {
        let statements = document["Statement"].as_array();
        statements.expect("statements")
    });
    let actions = statements.flat_map(|statement| {
        let actions = match &statement["Action"] {
            Value::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        };
        let sid = statement["Sid"].as_str().expect("a Sid").to_owned();
        actions.into_iter().map(move |action| {
            let action = action.as_str().expect("an action").to_owned();
            let without = match action.starts_with("logs:") {
                true => Without::LogStaysEmpty,
                false => Without::TestRideFails,
            };
            (action, sid.clone(), without)
        })
    });
    actions.collect()
}

fn read(document: &str) -> Value {
    serde_json::from_str(document).expect("a document")
}

pub fn is_needed(action: &str, without: Without) {
    let commands = InProcess::new();
    let (deployed, log) = deployed_without(&commands, action);
    match (without, deployed) {
        (Without::TestRideFails, Err(errors)) => {
            let denial =
                format!("the role WildRydesLambda is not allowed to perform {action} on arn:");
            let told = told(&errors);
            assert!(told.contains(&denial), "{told}");
        }
        (Without::LogStaysEmpty, Ok(())) => assert!(log.starts_with("nothing is logged"), "{log}"),
        (_, outcome) => panic!("{action}: {outcome:?}"),
    }
}

pub fn the_function_logs_with_its_whole_policy() {
    let commands = InProcess::new();
    let (deployed, log) = deployed_without(&commands, "nothing");
    assert!(deployed.is_ok(), "{deployed:?}");
    assert!(log.contains("provision-test-ride"), "{log}");
}

/// `up` whose declaration lacks the action, and then the log.
fn deployed_without(commands: &InProcess, action: &str) -> (Result<(), Vec<Error>>, String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let deploying = commands.deploy(|stack| remove(stack, action));
    let outcome = runtime.expect("a runtime").block_on(deploying);
    let log = in_world(commands, "logs --since 1d", policy_of_operator());
    (outcome.map(drop), log.text)
}

fn remove(stack: &mut Stack, action: &str) {
    let documents = [DYNAMODB_WRITE_ACCESS, WRITE_LOGS];
    for ((_, policy), document) in stack.role.policies.iter_mut().zip(documents) {
        let whole = read(document);
        let sid = whole["Statement"][0]["Sid"].as_str().expect("a Sid");
        let mut less = without(whole.clone(), sid, action);
        if less["Statement"].as_array().is_some_and(Vec::is_empty) {
            // IAM accepts no policy without a statement.
            less = read(&document.replace(action, "dynamodb:DescribeTable"));
        }
        *policy = template(&less.to_string());
    }
}
