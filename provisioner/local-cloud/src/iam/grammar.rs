//! The grammar of policy documents, refused in IAM's words. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::error::{ApiError, ApiResult};
use crate::identity::caller::ACCOUNT;
use crate::state::State;

fn malformed(text: impl Into<String>) -> ApiError {
    ApiError::new(400, "MalformedPolicyDocument", text)
}

/// A policy that says what its holder may do.
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

/// A policy that says who may take a role on.
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
        check_principal(principal.unwrap_or(&Value::Null), state)?;
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

/// The strings of one of these members: a string is a list of one.
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

fn check_action(action: &str) -> ApiResult<()> {
    if action == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = action.split_once(':') else {
        return Err(malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ));
    };
    let vendor_fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let name_fits = |c: char| c.is_ascii_alphanumeric() || c == '*' || c == '?';
    if vendor.is_empty() || !vendor.chars().all(vendor_fits) {
        return Err(malformed(format!("Vendor {vendor} is not valid")));
    }
    if name.is_empty() || !name.chars().all(name_fits) {
        return Err(malformed("The policy failed legacy parsing"));
    }
    Ok(())
}

fn check_action_of_trust(action: &str) -> ApiResult<()> {
    const ACTIONS: &[&str] = &[
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
        "sts:setcontext",
        "sts:*",
    ];
    check_action(action)?;
    if ACTIONS.contains(&action.to_ascii_lowercase().as_str()) {
        return Ok(());
    }
    Err(malformed(
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ))
}

fn check_resource(resource: &str) -> ApiResult<()> {
    const PARTITIONS: &[&str] = &[
        "aws",
        "aws-cn",
        "aws-us-gov",
        "aws-eusc",
        "aws-iso",
        "aws-iso-b",
        "*",
    ];
    if resource == "*" {
        return Ok(());
    }
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    if parts.first() != Some(&"arn") {
        return Err(malformed(format!(
            "Resource {resource} must be in ARN format or \"*\"."
        )));
    }
    if parts.len() < 2 || !PARTITIONS.contains(&parts[1]) {
        let partition = parts.get(1).copied().unwrap_or_default();
        return Err(malformed(format!(
            "Partition \"{partition}\" is not valid for resource \"{resource}\"."
        )));
    }
    if parts.len() < 6 || parts[5].is_empty() {
        return Err(malformed("The policy failed legacy parsing"));
    }
    Ok(())
}

fn check_principal(principal: &Value, state: &State) -> ApiResult<()> {
    let kinds = match principal {
        Value::String(all) if all == "*" => return Ok(()),
        Value::Object(kinds) if !kinds.is_empty() => kinds,
        Value::String(name) => {
            return Err(malformed(format!(
                "Invalid principal in policy: \"{name}\""
            )));
        }
        _ => {
            return Err(malformed(
                "Missing required field Principal cannot be empty!",
            ));
        }
    };
    for (kind, names) in kinds {
        let names: Vec<&Value> = match names {
            Value::Array(names) => names.iter().collect(),
            one => vec![one],
        };
        for name in names {
            let Value::String(name) = name else {
                return Err(malformed("Syntax errors in policy."));
            };
            let valid = match kind.as_str() {
                "AWS" => is_principal(name, state),
                "Service" => is_service(name),
                "Federated" => !name.is_empty(),
                "CanonicalUser" => true,
                _ => return Err(malformed("Syntax errors in policy.")),
            };
            if !valid {
                let kind = kind.to_uppercase();
                return Err(malformed(format!(
                    "Invalid principal in policy: \"{kind}\":\"{name}\""
                )));
            }
        }
    }
    Ok(())
}

fn is_service(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    (name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn"))
        && !name.starts_with('.')
        && name.chars().all(fits)
}

/// Of this account a principal must exist; what other accounts have can't be seen from here.
fn is_principal(name: &str, state: &State) -> bool {
    if name == "*" || (name.len() == 12 && name.chars().all(|c| c.is_ascii_digit())) {
        return true;
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let [arn, _, service, _, account, resource] = parts[..] else {
        // A unique id stands where a principal was deleted.
        return name.starts_with("AROA") || name.starts_with("AIDA");
    };
    if arn != "arn" || !(service == "iam" || service == "sts") || account.len() != 12 {
        return false;
    }
    if account != ACCOUNT || resource == "root" || resource == "user/owner" {
        return resource == "root" || resource.contains('/');
    }
    match (service, resource.split_once('/')) {
        ("iam", Some(("role", _))) => state.iam.role_by_arn(name).is_some(),
        ("sts", Some(("assumed-role", rest))) => state
            .iam
            .role(rest.split('/').next().unwrap_or_default())
            .is_some(),
        ("sts", Some(("federated-user", _))) => true,
        _ => false,
    }
}

fn check_condition(statement: &Map<String, Value>) -> ApiResult<()> {
    let Some(condition) = statement.get("Condition") else {
        return Ok(());
    };
    let Value::Object(operators) = condition else {
        return Err(malformed("Syntax errors in policy."));
    };
    for (operator, keys) in operators {
        if awsim_iam_policy::ConditionOperator::parse(operator).is_err() {
            return Err(malformed(format!("Invalid Condition type : {operator}")));
        }
        let Value::Object(keys) = keys else {
            return Err(malformed("Syntax errors in policy."));
        };
        for (key, values) in keys {
            if !key.contains(':') {
                let text = format!(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. ({key})"
                );
                return Err(malformed(text));
            }
            let scalar =
                |value: &Value| value.is_string() || value.is_boolean() || value.is_number();
            let fits = match values {
                Value::Array(values) => values.iter().all(scalar),
                one => scalar(one),
            };
            if !fits {
                return Err(malformed("Syntax errors in policy."));
            }
        }
    }
    Ok(())
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
    use crate::error::ApiResult;
    use crate::identity::session::Keys;
    use crate::state::State;
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

    proptest! {
        #[test]
        fn no_document_does_harm(document in "\\PC{0,200}", member in "(Effect|Action|Principal|Condition|Sid)") {
            let _ = check_identity_policy(&document);
            let wrapped = format!("{{\"Statement\":[{{\"{member}\":{document:?}}}]}}");
            assert!(check_identity_policy(&wrapped).is_err());
            assert!(check_trust_policy(&wrapped, &state()).is_err());
        }
    }
}
