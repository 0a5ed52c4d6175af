//! Whether a statement gives nothing that others do not give: the decision behind "widens access". It may
//! miss that it does, so that more counts as widening, never less.

use serde_json::{Map, Value, json};

use super::canonical::canonical;
use super::{grammar, wildcard};

/// Whether every request that the statement is about is one that the others, each alone, are about too.
/// Only statements with its effect count.
pub fn is_covered(statement: &Value, others: &[Value]) -> bool {
    let parts = single_entries(&canonical_statement(statement));
    let others: Vec<Value> = others.iter().map(canonical_statement).collect();
    parts
        .iter()
        .all(|part| others.iter().any(|other| covers(other, part)))
}

/// With sorted lists, and the case of what IAM compares without case folded.
fn canonical_statement(statement: &Value) -> Value {
    let document = canonical(&json!({"Statement": statement}));
    document["Statement"][0].clone()
}

/// The statement once for each pair of its actions and resources: other statements may share them out.
fn single_entries(statement: &Value) -> Vec<Value> {
    let mut parts = vec![statement.clone()];
    for list in ["Action", "Resource"] {
        let Some(Value::Array(entries)) = statement.get(list) else {
            continue;
        };
        let split = parts.iter().flat_map(|part| {
            entries.iter().map(move |entry| {
                let mut part = part.clone();
                part[list] = json!([entry]);
                part
            })
        });
        parts = split.collect();
    }
    parts
}

fn covers(wide: &Value, narrow: &Value) -> bool {
    let (Some(wide), Some(narrow)) = (wide.as_object(), narrow.as_object()) else {
        return wide == narrow;
    };
    // Of a statement with other members nothing is known.
    let is_known = |statement: &Map<String, Value>| {
        let mut names = statement.keys();
        names.all(|name| grammar::STATEMENT.contains(&name.as_str()))
    };
    is_known(wide)
        && is_known(narrow)
        && wide.get("Effect") == narrow.get("Effect")
        && covers_list(wide, narrow, "Action", "NotAction")
        && covers_list(wide, narrow, "Resource", "NotResource")
        && covers_principal(wide, narrow)
        && covers_conditions(wide, narrow)
}

fn covers_list(
    wide: &Map<String, Value>,
    narrow: &Map<String, Value>,
    list: &str,
    all_but: &str,
) -> bool {
    let members = |statement: &Map<String, Value>| {
        (
            statement.get(list).map(texts),
            statement.get(all_but).map(texts),
        )
    };
    match (members(wide), members(narrow)) {
        // A trust policy has no resources.
        ((None, None), (None, None)) => true,
        ((Some(wide), None), (Some(narrow), None)) => all_covered(&wide, &narrow),
        // What the narrow one leaves out is at least what the wide one does.
        ((None, Some(wide)), (None, Some(narrow))) => all_covered(&narrow, &wide),
        ((Some(wide), None), (None, Some(_))) => wide.iter().any(|entry| entry == "*"),
        _ => false,
    }
}

fn all_covered(wide: &[String], narrow: &[String]) -> bool {
    let is_covered = |narrow: &String| wide.iter().any(|wide| wildcard::covers(wide, narrow));
    narrow.iter().all(is_covered)
}

fn covers_principal(wide: &Map<String, Value>, narrow: &Map<String, Value>) -> bool {
    if wide.get("NotPrincipal").is_some() || narrow.get("NotPrincipal").is_some() {
        return wide.get("NotPrincipal") == narrow.get("NotPrincipal")
            && wide.get("Principal") == narrow.get("Principal");
    }
    let (wide, narrow) = match (wide.get("Principal"), narrow.get("Principal")) {
        (None, None) => return true,
        (Some(Value::Object(wide)), Some(Value::Object(narrow))) => (wide, narrow),
        _ => return false,
    };
    let named = |kinds: &Map<String, Value>, kind: &str| kinds.get(kind).map(texts);
    let is_anyone = named(wide, "AWS").is_some_and(|names| names.iter().any(|name| name == "*"));
    is_anyone
        || narrow.iter().all(|(kind, names)| {
            let wide = named(wide, kind).unwrap_or_default();
            texts(names).iter().all(|name| wide.contains(name))
        })
}

/// Each condition of the wide statement must be one of the narrow one, which may have further conditions.
fn covers_conditions(wide: &Map<String, Value>, narrow: &Map<String, Value>) -> bool {
    let Some(Value::Object(operators)) = wide.get("Condition") else {
        return wide.get("Condition").is_none();
    };
    operators.iter().all(|(operator, keys)| {
        let Value::Object(keys) = keys else {
            return false;
        };
        let narrow = |key: &str| narrow.get("Condition")?.get(operator)?.get(key).map(texts);
        keys.iter().all(|(key, values)| {
            let wide = texts(values);
            let Some(narrow) = narrow(key) else {
                return false;
            };
            // A list is an alternative, but after `Not` each of its values is excluded.
            match operator.contains("Not") {
                true => wide.iter().all(|value| narrow.contains(value)),
                false => narrow.iter().all(|value| wide.contains(value)),
            }
        })
    })
}

/// The texts of a canonical list.
fn texts(list: &Value) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    let texts = items.map(|item| match item {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::is_covered;

    #[track_caller]
    fn check(statement: Value, others: &[Value], expected: bool) {
        assert_eq!(is_covered(&statement, others), expected, "{statement:#}");
    }

    fn allow(action: Value, resource: Value) -> Value {
        json!({"Effect": "Allow", "Action": action, "Resource": resource})
    }

    #[test]
    fn fewer_actions_and_resources_are_covered() {
        let put = allow(json!("dynamodb:PutItem"), json!("arn:x"));
        let get = allow(json!("dynamodb:GetItem"), json!("arn:x"));
        let both = allow(
            json!(["dynamodb:putitem", "dynamodb:GetItem"]),
            json!("arn:x"),
        );
        check(put.clone(), std::slice::from_ref(&both), true);
        check(both.clone(), std::slice::from_ref(&put), false);
        check(both, &[put.clone(), get], true);
        check(put.clone(), &[allow(json!("dynamodb:*"), json!("*"))], true);
        check(
            allow(json!("dynamodb:*"), json!("arn:x")),
            std::slice::from_ref(&put),
            false,
        );
        check(
            allow(json!("dynamodb:PutItem"), json!("*")),
            std::slice::from_ref(&put),
            false,
        );
        check(put, &[], false);
    }

    #[test]
    fn everything_but_a_list_is_covered_by_everything_but_a_shorter_one() {
        let all_but =
            |actions: Value| json!({"Effect": "Allow", "NotAction": actions, "Resource": "*"});
        check(
            all_but(json!(["iam:*", "s3:*"])),
            &[all_but(json!("iam:*"))],
            true,
        );
        check(
            all_but(json!("iam:*")),
            &[all_but(json!(["iam:*", "s3:*"]))],
            false,
        );
        check(
            all_but(json!("iam:*")),
            &[allow(json!("*"), json!("*"))],
            true,
        );
        check(
            all_but(json!("iam:*")),
            &[allow(json!("s3:*"), json!("*"))],
            false,
        );
        let but_one = json!({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:y"});
        check(but_one, &[allow(json!("s3:*"), json!("arn:x"))], false);
    }

    #[test]
    fn a_dropped_condition_is_not_covered() {
        let with = |condition: Value| {
            let mut statement = allow(json!("s3:GetObject"), json!("*"));
            statement["Condition"] = condition;
            statement
        };
        let secure = json!({"Bool": {"aws:SecureTransport": "true"}});
        let plain = allow(json!("s3:GetObject"), json!("*"));
        check(plain.clone(), &[with(secure.clone())], false);
        check(with(secure), &[plain], true);
        let accounts =
            |accounts: Value| with(json!({"StringEquals": {"aws:SourceAccount": accounts}}));
        check(accounts(json!("1")), &[accounts(json!(["1", "2"]))], true);
        check(accounts(json!(["1", "2"])), &[accounts(json!("1"))], false);
        let not =
            |accounts: Value| with(json!({"StringNotEquals": {"aws:SourceAccount": accounts}}));
        check(not(json!("1")), &[not(json!(["1", "2"]))], false);
        check(not(json!(["1", "2"])), &[not(json!("1"))], true);
        check(not(json!("1")), &[accounts(json!("1"))], false);
    }

    #[test]
    fn a_new_principal_is_not_covered() {
        let trust = |principal: Value| json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal});
        let lambda = || trust(json!({"Service": "lambda.amazonaws.com"}));
        let two = || trust(json!({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}));
        check(lambda(), &[two()], true);
        check(two(), &[lambda()], false);
        check(trust(json!({"AWS": "123456789012"})), &[lambda()], false);
        check(lambda(), &[trust(json!("*"))], true);
        check(trust(json!("*")), &[lambda()], false);
    }

    #[test]
    fn nothing_is_known_of_what_is_not_a_statement() {
        let put = allow(json!("dynamodb:PutItem"), json!("arn:x"));
        let mut unknown = put.clone();
        unknown["Other"] = json!(1);
        check(unknown, std::slice::from_ref(&put), false);
        let mut deny = put.clone();
        deny["Effect"] = json!("Deny");
        check(deny, std::slice::from_ref(&put), false);
        check(json!("text"), &[put], false);
    }
}
