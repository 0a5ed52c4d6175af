//! The policies of callers: the documents made from the table of permissions.

use serde_json::{Map, Value, json};

use super::permissions::{Condition, Principal, Statement, TABLE, TEST_RIDE};
use super::render::fill;

/// The policy of a principal, with placeholders: the file of its name in `policies/`.
pub fn template(principal: Principal) -> Value {
    document(principal, |statement| statement.condition)
}

/// The policy of a principal, with the values in place of the placeholders. Without a value for the test
/// ride, because the policy is for many stages, it does not limit the items.
pub(super) fn rendered(principal: Principal, values: &[(&str, &str)]) -> Value {
    let has_test_ride = values.iter().any(|(name, _)| TEST_RIDE.contains(name));
    let template = document(principal, |statement| {
        let condition = statement.condition?;
        (has_test_ride || condition.value != TEST_RIDE).then_some(condition)
    });
    // The table is part of the binary and a test renders each of its policies.
    fill(template, values).expect("the table has only known placeholders")
}

/// A statement of the table with the values in place of the placeholders, and with only these actions.
pub(super) fn statement(of: &Statement, actions: &[&str], values: &[(&str, &str)]) -> Value {
    let members = members(actions, of.resources, of.condition);
    fill(Value::Object(members), values).expect("the table has only known placeholders")
}

fn document(principal: Principal, condition: impl Fn(&Statement) -> Option<Condition>) -> Value {
    let statements = TABLE.iter().filter_map(|statement| {
        let actions: Vec<&str> = actions(statement, principal).collect();
        if actions.is_empty() {
            return None;
        }
        let mut named = Map::from_iter([("Sid".to_owned(), json!(statement.sid))]);
        named.append(&mut members(
            &actions,
            statement.resources,
            condition(statement),
        ));
        Some(Value::Object(named))
    });
    json!({"Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>()})
}

/// The members of a statement but its name.
fn members(
    actions: &[&str],
    resources: &[&str],
    condition: Option<Condition>,
) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("Effect".to_owned(), json!("Allow"));
    members.insert("Action".to_owned(), one_or_many(actions));
    members.insert("Resource".to_owned(), one_or_many(resources));
    if let Some(Condition {
        operator,
        key,
        value,
    }) = condition
    {
        members.insert("Condition".to_owned(), json!({operator: {key: value}}));
    }
    members
}

fn actions(statement: &Statement, principal: Principal) -> impl Iterator<Item = &'static str> {
    let permissions = statement.permissions.iter();
    permissions
        .filter(move |permission| permission.principals.contains(&principal))
        .map(|permission| permission.action)
}

fn one_or_many(texts: &[&str]) -> Value {
    match texts {
        [one] => json!(one),
        many => json!(many),
    }
}
