//! The grammar of policy documents, with IAM's errors.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::api::error::ApiResult;
use crate::services::iam::elements::{
    check_action, check_action_of_trust, check_condition, check_resource,
};
use crate::services::iam::errors::malformed;
use crate::services::iam::principal;
use crate::state::State;

/// Checks an identity-based policy.
pub(crate) fn check_identity_policy(document: &str) -> ApiResult<()> {
    let policy = read(document, "Syntax errors in policy.")?;
    check_version(&policy)?;
    for statement in statements(&policy)? {
        check_members(statement, IDENTITY_MEMBERS)?;
        if statement.contains_key("Principal") || statement.contains_key("NotPrincipal") {
            return Err(malformed("Policy document should not specify a principal."));
        }
        check_effect(statement)?;
        one_of(
            statement,
            "Action",
            "NotAction",
            "Policy statement must contain actions.",
        )?;
        one_of(
            statement,
            "Resource",
            "NotResource",
            "Policy statement must contain resources.",
        )?;
        for action in strings(statement, &["Action", "NotAction"])? {
            check_action(action)?;
        }
        for resource in strings(statement, &["Resource", "NotResource"])? {
            check_resource(resource)?;
        }
        check_condition(statement)?;
    }
    check_ids(&policy)
}

/// Checks the trust policy of a role.
pub(crate) fn check_trust_policy(document: &str, state: &State) -> ApiResult<()> {
    let policy = read(document, "This policy contains invalid Json")?;
    check_version(&policy)?;
    for statement in statements(&policy)? {
        for field in ["Resource", "NotResource"] {
            if statement.contains_key(field) {
                return Err(malformed(format!("Has prohibited field {field}")));
            }
        }
        check_members(statement, TRUST_MEMBERS)?;
        check_effect(statement)?;
        one_of(
            statement,
            "Action",
            "NotAction",
            "Missing required field Action",
        )?;
        one_of(
            statement,
            "Principal",
            "NotPrincipal",
            "Missing required field Principal",
        )?;
        for action in strings(statement, &["Action", "NotAction"])? {
            check_action_of_trust(action)?;
        }
        let principal = statement
            .get("Principal")
            .or_else(|| statement.get("NotPrincipal"));
        principal::check(principal.unwrap_or(&Value::Null), state)?;
        check_condition(statement)?;
    }
    check_ids(&policy)
}

const IDENTITY_MEMBERS: &[&str] = &[
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "Principal",
    "NotPrincipal",
];
const TRUST_MEMBERS: &[&str] = &[
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Condition",
    "Principal",
    "NotPrincipal",
];

fn read(document: &str, not_json: &str) -> ApiResult<Map<String, Value>> {
    match serde_json::from_str(document) {
        Ok(Value::Object(policy)) => {
            let known = |name: &String| ["Version", "Id", "Statement"].contains(&name.as_str());
            match policy.keys().find(|name| !known(name)) {
                None => Ok(policy),
                Some(_) => Err(malformed("Syntax errors in policy.")),
            }
        }
        Ok(_) => Err(malformed("Syntax errors in policy.")),
        Err(_) => Err(malformed(not_json)),
    }
}

fn check_version(policy: &Map<String, Value>) -> ApiResult<()> {
    match policy.get("Version") {
        None => Ok(()),
        Some(Value::String(version)) if version == "2012-10-17" || version == "2008-10-17" => {
            Ok(())
        }
        Some(Value::String(_)) => Err(malformed("The policy must contain a valid version string")),
        Some(_) => Err(malformed("Syntax errors in policy.")),
    }
}

fn statements(policy: &Map<String, Value>) -> ApiResult<Vec<&Map<String, Value>>> {
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) if statements.is_empty() => {
            return Err(malformed("Missing required field Statement"));
        }
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(one) => vec![one],
        None => return Err(malformed("Missing required field Statement")),
    };
    let as_map = |value: &'_ Value| value.as_object().is_some();
    if !statements.iter().all(|value| as_map(value)) {
        return Err(malformed("Syntax errors in policy."));
    }
    Ok(statements
        .into_iter()
        .filter_map(Value::as_object)
        .collect())
}

fn check_members(statement: &Map<String, Value>, known: &[&str]) -> ApiResult<()> {
    match statement
        .keys()
        .find(|name| !known.contains(&name.as_str()))
    {
        None => Ok(()),
        Some(_) => Err(malformed("Syntax errors in policy.")),
    }
}

fn check_effect(statement: &Map<String, Value>) -> ApiResult<()> {
    match statement.get("Effect") {
        None => Err(malformed("Missing required field Effect")),
        Some(Value::String(effect)) if effect == "Allow" || effect == "Deny" => Ok(()),
        Some(Value::String(effect)) => Err(malformed(format!("Invalid effect: {effect}"))),
        Some(_) => Err(malformed("Syntax errors in policy.")),
    }
}

fn one_of(statement: &Map<String, Value>, a: &str, b: &str, neither: &str) -> ApiResult<()> {
    match (statement.contains_key(a), statement.contains_key(b)) {
        (true, false) | (false, true) => Ok(()),
        (true, true) => Err(malformed("Syntax errors in policy.")),
        (false, false) => Err(malformed(neither)),
    }
}

/// The strings of one of these members. A single string counts as a list.
fn strings<'a>(statement: &'a Map<String, Value>, names: &[&str]) -> ApiResult<Vec<&'a str>> {
    let Some(value) = names.iter().find_map(|name| statement.get(*name)) else {
        return Ok(Vec::new());
    };
    let texts: Option<Vec<&str>> = match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    match texts {
        Some(texts) if texts.is_empty() => Err(malformed(match names[0] {
            "Action" => "Policy statement must contain actions.",
            _ => "Policy statement must contain resources.",
        })),
        Some(texts) => Ok(texts),
        None => Err(malformed("Syntax errors in policy.")),
    }
}

fn check_ids(policy: &Map<String, Value>) -> ApiResult<()> {
    let mut seen = BTreeSet::new();
    for statement in statements(policy)? {
        let id = match statement.get("Sid") {
            None => continue,
            Some(Value::String(id)) => id,
            Some(_) => return Err(malformed("Syntax errors in policy.")),
        };
        if !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(malformed(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                 regular expression [0-9A-Za-z]*",
            ));
        }
        if !id.is_empty() && !seen.insert(id) {
            return Err(malformed(
                "Statement IDs (SID) in a single policy must be unique.",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_identity_policy, check_trust_policy};
    use crate::api::error::ApiResult;
    use crate::identity::managed::POLICIES;
    use crate::state::State;
    use crate::state::keys::Keys;
    use proptest::prelude::proptest;
    use serde_json::{Value, json};

    fn state() -> State {
        State::new(Keys::generate())
    }

    fn verdict(result: ApiResult<()>) -> String {
        result.err().map(|e| e.message).unwrap_or_default()
    }

    #[test]
    fn identity_policies_are_refused_in_iams_words() {
        let good = json!({"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"});
        let with = |name: &str, value: Value| {
            let mut statement = good.clone();
            statement[name] = value;
            statement
        };
        let without = |name: &str| {
            let mut statement = good.clone();
            statement.as_object_mut().unwrap().remove(name);
            statement
        };
        for (statement, text) in [
            (good.clone(), ""),
            (with("Action", json!(["logs:*", "logs:Put*"])), ""),
            (
                with("Resource", json!("arn:aws:dynamodb:*:*:table/Rides")),
                "",
            ),
            (
                with(
                    "Condition",
                    json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["a"]}}),
                ),
                "",
            ),
            (
                with("Action", json!("PutItem")),
                "must be prefaced by a vendor",
            ),
            (with("Action", json!([])), "must contain actions"),
            (with("Action", json!(7)), "Syntax errors in policy."),
            (
                with("Resource", json!("Rides")),
                "Resource Rides must be in ARN format or \"*\".",
            ),
            (
                with("Resource", json!("arn:x:a:b:c:d")),
                "Partition \"x\" is not valid",
            ),
            (with("Effect", json!("allow")), "Invalid effect: allow"),
            (with("Effekt", json!("Allow")), "Syntax errors in policy."),
            (
                with("Principal", json!("*")),
                "should not specify a principal",
            ),
            (
                with("Condition", json!({"StringIs": {"aws:x": "y"}})),
                "Invalid Condition type : StringIs",
            ),
            (
                with("NotAction", json!("dynamodb:GetItem")),
                "Syntax errors in policy.",
            ),
            (
                with("Condition", json!({"Bool": {"SecureTransport": true}})),
                "must be prefaced by a vendor",
            ),
            (
                with("Condition", json!({"Bool": {"aws:x": {}}})),
                "Syntax errors in policy.",
            ),
            (with("Sid", json!("a b")), "must be alpha-numeric"),
            (without("Effect"), "Missing required field Effect"),
            (without("Action"), "must contain actions"),
            (without("Resource"), "must contain resources"),
            (json!([]), "Missing required field Statement"),
            (
                json!([with("Sid", json!("a")), with("Sid", json!("a"))]),
                "must be unique",
            ),
            (json!("x"), "Syntax errors in policy."),
        ] {
            let document = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
            let told = verdict(check_identity_policy(&document));
            assert!(
                told.contains(text) && told.is_empty() == text.is_empty(),
                "{document}: {told}"
            );
        }
        assert!(verdict(check_identity_policy("{")).contains("Syntax errors"));
        assert!(verdict(check_identity_policy("[]")).contains("Syntax errors"));
        let unknown = json!({"Version": "2012-10-17", "Statements": good}).to_string();
        assert!(verdict(check_identity_policy(&unknown)).contains("Syntax errors"));
        let old = json!({"Version": "2013-01-01", "Statement": good}).to_string();
        assert!(verdict(check_identity_policy(&old)).contains("valid version string"));
    }

    #[test]
    fn trust_policies_are_refused_in_iams_words() {
        let lambda = json!({"Service": "lambda.amazonaws.com"});
        let statement = |principal: Value, action: &str| json!({"Effect": "Allow", "Principal": principal, "Action": action});
        let mut with_resource = statement(lambda.clone(), "sts:AssumeRole");
        with_resource["Resource"] = json!("*");
        for (statement, text) in [
            (statement(lambda.clone(), "sts:AssumeRole"), ""),
            (
                statement(json!({"AWS": "123456789012"}), "sts:AssumeRole"),
                "",
            ),
            (
                statement(
                    json!({"AWS": "arn:aws:iam::123456789012:root"}),
                    "sts:AssumeRole",
                ),
                "",
            ),
            (
                statement(
                    json!({"AWS": "arn:aws:iam::999999999999:role/x"}),
                    "sts:AssumeRole",
                ),
                "",
            ),
            (
                statement(lambda, "iam:PassRole"),
                "may only specify STS AssumeRole actions",
            ),
            (
                statement(
                    json!({"AWS": "arn:aws:iam::123456789012:role/gone"}),
                    "sts:AssumeRole",
                ),
                "Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:role/gone\"",
            ),
            (
                statement(json!({"Service": "lambda"}), "sts:AssumeRole"),
                "Invalid principal in policy: \"SERVICE\":\"lambda\"",
            ),
            (
                statement(json!({}), "sts:AssumeRole"),
                "Principal cannot be empty",
            ),
            (
                statement(json!({"Services": "x.amazonaws.com"}), "sts:AssumeRole"),
                "Syntax errors in policy.",
            ),
            (
                statement(json!({"AWS": "1234"}), "sts:AssumeRole"),
                "Invalid principal in policy: \"AWS\":\"1234\"",
            ),
            (with_resource, "Has prohibited field Resource"),
        ] {
            let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
            let told = verdict(check_trust_policy(&document, &state()));
            assert!(
                told.contains(text) && told.is_empty() == text.is_empty(),
                "{document}: {told}"
            );
        }
        assert_eq!(
            verdict(check_trust_policy("{", &state())),
            "This policy contains invalid Json"
        );
    }

    #[test]
    fn each_managed_policy_follows_the_grammar() {
        for (name, document) in POLICIES {
            assert_eq!(check_identity_policy(document), Ok(()), "{name}");
        }
    }

    proptest! {
        #[test]
        fn fuzz_no_document_panics(document in "\\PC{0,200}", member in "(Effect|Action|Principal|Condition|Sid)") {
            let _ = check_identity_policy(&document);
            let wrapped = format!("{{\"Statement\":[{{\"{member}\":{document:?}}}]}}");
            assert!(check_identity_policy(&wrapped).is_err());
            assert!(check_trust_policy(&wrapped, &state()).is_err());
        }
    }
}
