//! Whether one document alone allows an action.
//!
//! This is not a policy engine. The release uses it to decide whether a declared statement allows what AWS
//! denied: if not, it reports the missing statement at once; if so, it waits until the statement is
//! effective.

use serde_json::{Map, Value};

use super::wildcard;

/// Whether an Allow statement without conditions covers the action on the resource, and no Deny
/// statement without conditions does.
pub fn grants(document: &Value, action: &str, resource: &str) -> bool {
    let statements = statements(document);
    let covered_by = |effect: &str| {
        statements.iter().any(|statement| {
            statement.get("Effect").and_then(Value::as_str) == Some(effect)
                && unconditional(statement)
                && covers_action(statement, action)
                && covers_resource(statement, resource)
        })
    };
    covered_by("Allow") && !covered_by("Deny")
}

/// Whether an Allow statement of a trust policy allows the service to assume the role, under any
/// condition.
pub fn trusts(document: &Value, service: &str) -> bool {
    statements(document).into_iter().any(|statement| {
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && covers_action(statement, "sts:AssumeRole")
            && covers_service(statement, service)
    })
}

fn covers_service(statement: &Map<String, Value>, service: &str) -> bool {
    let principal = statement.get("Principal");
    let names = |kind: &str, wanted: &str| {
        let named = principal.and_then(|principal| principal.get(kind));
        named.is_some_and(|named| texts(named).any(|named| named == wanted))
    };
    // `"*"` and `{"AWS": "*"}` are the same.
    principal.and_then(Value::as_str) == Some("*") || names("AWS", "*") || names("Service", service)
}

/// The values of a list, or a single value.
fn statements(document: &Value) -> Vec<&Map<String, Value>> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().filter_map(Value::as_object).collect(),
        Some(Value::Object(statement)) => vec![statement],
        _ => Vec::new(),
    }
}

fn unconditional(statement: &Map<String, Value>) -> bool {
    match statement.get("Condition") {
        None => true,
        Some(condition) => condition.as_object().is_some_and(Map::is_empty),
    }
}

fn covers_action(statement: &Map<String, Value>, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let matches = |pattern: &str| wildcard::matches(&pattern.to_ascii_lowercase(), &action);
    match (statement.get("Action"), statement.get("NotAction")) {
        (Some(actions), _) => texts(actions).any(matches),
        (None, Some(actions)) => !texts(actions).any(matches),
        (None, None) => false,
    }
}

fn covers_resource(statement: &Map<String, Value>, resource: &str) -> bool {
    let matches = |pattern: &str| wildcard::matches(pattern, resource);
    match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(resources), _) => texts(resources).any(matches),
        (None, Some(resources)) => !texts(resources).any(matches),
        (None, None) => false,
    }
}

/// A string, or the strings of a list.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let (one, many) = match value {
        Value::String(text) => (Some(text.as_str()), None),
        Value::Array(items) => (None, Some(items.iter().filter_map(Value::as_str))),
        _ => (None, None),
    };
    one.into_iter().chain(many.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{grants, trusts};

    const TABLE: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/Rides";

    #[track_caller]
    fn check(statement: Value, expected: bool) {
        let document = json!({"Version": "2012-10-17", "Statement": statement});
        assert_eq!(
            grants(&document, "dynamodb:PutItem", TABLE),
            expected,
            "{document:#}"
        );
    }

    fn allow(action: Value, resource: Value) -> Value {
        json!({"Effect": "Allow", "Action": action, "Resource": resource})
    }

    #[test]
    fn only_an_unconditional_allow_of_this_action_on_this_resource_grants() {
        check(
            json!([allow(json!("dynamodb:PutItem"), json!(TABLE))]),
            true,
        );
        check(allow(json!("dynamodb:PutItem"), json!(TABLE)), true);
        check(
            json!([allow(json!("DynamoDB:putitem"), json!([TABLE]))]),
            true,
        );
        check(
            json!([allow(
                json!(["x:Y", "dynamodb:Put*"]),
                json!("arn:aws:dynamodb:*")
            )]),
            true,
        );
        check(json!([allow(json!("*"), json!("*"))]), true);
        check(json!([]), false);
        check(
            json!([allow(json!("dynamodb:GetItem"), json!(TABLE))]),
            false,
        );
        check(
            json!([allow(
                json!("dynamodb:PutItem"),
                json!(format!("{TABLE}-dev"))
            )]),
            false,
        );
        check(
            json!([allow(
                json!("dynamodb:PutItem"),
                json!(TABLE.to_lowercase())
            )]),
            false,
        );
        check(
            json!({"Effect": "Allow", "Action": "dynamodb:PutItem"}),
            false,
        );
        check(json!("nonsense"), false);
    }

    #[test]
    fn conditions_do_not_grant_and_a_deny_wins() {
        let conditional = json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "true"}}});
        check(json!([conditional]), false);
        let deny = json!({"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"});
        check(json!([allow(json!("*"), json!("*")), deny]), false);
    }

    #[test]
    fn not_action_and_not_resource_grant_the_rest() {
        check(
            json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            true,
        );
        check(
            json!({"Effect": "Allow", "NotAction": "dynamodb:*", "Resource": "*"}),
            false,
        );
        check(
            json!({"Effect": "Allow", "Action": "*", "NotResource": "*/Other"}),
            true,
        );
        check(
            json!({"Effect": "Allow", "Action": "*", "NotResource": "*/Rides"}),
            false,
        );
    }

    #[test]
    fn a_trust_policy_names_the_service() {
        let check = |statement: Value, expected: bool| {
            let document = json!({"Version": "2012-10-17", "Statement": statement});
            assert_eq!(
                trusts(&document, "lambda.amazonaws.com"),
                expected,
                "{document:#}"
            );
        };
        let allow = |principal: Value| json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal});
        check(allow(json!({"Service": "lambda.amazonaws.com"})), true);
        check(
            json!([allow(
                json!({"Service": ["x.amazonaws.com", "lambda.amazonaws.com"]})
            )]),
            true,
        );
        check(allow(json!("*")), true);
        check(allow(json!({"AWS": ["*"]})), true);
        check(allow(json!({"Service": "ec2.amazonaws.com"})), false);
        check(
            allow(json!({"AWS": "arn:aws:iam::123456789012:root"})),
            false,
        );
        check(json!([]), false);
        let other = json!({"Effect": "Allow", "Action": "sts:TagSession",
            "Principal": {"Service": "lambda.amazonaws.com"}});
        check(other, false);
    }
}
