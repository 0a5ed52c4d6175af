//! Property test against an evaluator of policies: a change that allows anything new counts as widening.

use std::collections::HashMap;

use awsim_iam_policy::{AuthzRequest, ContextValue, Decision, EvalContext, evaluate, parse_value};
use proptest::prelude::{Just, Strategy, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Value, json};

use super::widens;

const ACTIONS: [&str; 4] = ["a:GetX", "a:GetY", "a:PutX", "b:GetX"];
const RESOURCES: [&str; 3] = ["arn:aws:a:r:1:t/x", "arn:aws:a:r:1:t/y", "arn:aws:b:r:1:q"];
/// The values of the one condition key, and that it is missing.
const KEYS: [Option<&str>; 4] = [None, Some("1"), Some("2"), Some("3")];

fn statement() -> impl Strategy<Value = Value> {
    let effect = select(&["Allow", "Allow", "Deny"][..]);
    let actions = lists(&["a:GetX", "a:Get?", "a:Get*", "A:putx", "a:*", "*", "b:GetX"]);
    let resources = lists(&["arn:aws:a:r:1:t/x", "arn:aws:a:*:t/?", "arn:aws:b:*", "*"]);
    let names = (
        select(&["Action", "NotAction"][..]),
        select(&["Resource", "NotResource"][..]),
    );
    let condition = prop_oneof![
        2 => Just(None),
        1 => (select(&["StringEquals", "StringNotEquals", "StringLike"][..]), lists(&["1", "2", "*"]))
            .prop_map(|(operator, values)| Some(json!({operator: {"aws:SourceAccount": values}}))),
    ];
    let sid = proptest::option::of(select(&["One", "Two"][..]));
    (effect, names, actions, resources, condition, sid).prop_map(
        |(effect, (action, resource), actions, resources, condition, sid)| {
            let mut statement = json!({"Effect": effect, action: actions, resource: resources});
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            if let Some(sid) = sid {
                statement["Sid"] = json!(sid);
            }
            statement
        },
    )
}

fn lists(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::collection::vec(select(of), 1..3)
}

fn document() -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec(statement(), 0..4)
}

/// Whether the document alone allows each of the requests that can be made with the constants above.
fn allowed(statements: &[Value]) -> Vec<bool> {
    let mut document = json!({"Version": "2012-10-17", "Statement": statements});
    lower_keys(&mut document);
    let documents = [parse_value(&document).expect("a document")];
    let mut allowed = Vec::new();
    for action in ACTIONS {
        for resource_arn in RESOURCES {
            for value in KEYS {
                let key = value.map(|value| ContextValue::String(value.to_owned()));
                let context: HashMap<String, ContextValue> = key
                    .into_iter()
                    .map(|value| ("aws:sourceaccount".to_owned(), value))
                    .collect();
                let request = AuthzRequest {
                    principal_arn: "arn:aws:iam::1:role/r",
                    principal_account: "1",
                    action,
                    resource_arn,
                    context: &context,
                };
                let policies = EvalContext {
                    identity_policies: &documents,
                    permissions_boundary: None,
                    resource_policy: None,
                    scps: &[],
                    session_policy: None,
                };
                allowed.push(evaluate(&request, &policies) == Decision::Allow);
            }
        }
    }
    allowed
}

/// The evaluator compares the names of keys with their case.
fn lower_keys(document: &mut Value) {
    let text = document
        .to_string()
        .replace("aws:SourceAccount", "aws:sourceaccount");
    *document = serde_json::from_str(&text).expect("JSON");
}

proptest! {
    #[test]
    fn what_allows_anything_new_widens(before in document(), after in document()) {
        let text = |statements: &[Value]| json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let is_new = allowed(&before).into_iter().zip(allowed(&after)).any(|(before, after)| after && !before);
        if is_new {
            proptest::prop_assert!(widens(Some(&text(&before)), Some(&text(&after))));
        }
    }

    #[test]
    fn equal_documents_do_not_widen(statements in document()) {
        let text = |statements: &[Value]| json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let mut reversed = statements.clone();
        reversed.reverse();
        proptest::prop_assert!(!widens(Some(&text(&statements)), Some(&text(&reversed))));
    }
}
