//! IAM's grammar and size limits for policy documents, as far as they can be checked without IAM.
//!
//! The documents in `policies/` go through this in the tests: a document that IAM would refuse must
//! not get as far as an `up`.

use serde_json::{Map, Value};

use super::error::PolicyError;

/// The use of a document, which determines what it may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A trust policy: principals, no resources, only STS actions.
    Trust,
    /// An identity-based policy: resources, no principals.
    Permissions,
}

/// Characters of a trust policy, IAM's default quota (it can be raised to 4,096).
const TRUST_LIMIT: usize = 2_048;
/// Characters of all inline policies of a role together.
const PERMISSIONS_LIMIT: usize = 10_240;

const VERSIONS: &[&str] = &["2012-10-17", "2008-10-17"];

const STATEMENT_ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// The actions that assume a role; a trust policy may have no others.
const TRUST_ACTIONS: &[&str] = &[
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:setsourceidentity",
    "sts:tagsession",
];

const CONDITION_OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

/// Whether IAM would accept the document.
pub fn check(document: &Value, kind: Kind) -> Result<(), PolicyError> {
    let members = object(document, "the document")?;
    for key in members.keys() {
        if !["Version", "Id", "Statement"].contains(&key.as_str()) {
            return broken("the document", format!("has the unknown element `{key}`"));
        }
    }
    match members.get("Version").and_then(Value::as_str) {
        Some(version) if VERSIONS.contains(&version) => {}
        _ => return broken("`Version`", format!("is none of {}", VERSIONS.join(", "))),
    }
    let statements = match members.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.as_slice(),
        Some(statement @ Value::Object(_)) => std::slice::from_ref(statement),
        _ => return broken("`Statement`", "is missing or empty"),
    };
    let mut sids = Vec::new();
    for (number, statement) in statements.iter().enumerate() {
        let at = format!("statement {}", number + 1);
        let statement = object(statement, &at)?;
        check_statement(statement, kind, &at)?;
        if let Some(sid) = statement.get("Sid") {
            if sids.contains(&sid) {
                return broken(&at, format!("repeats the Sid {sid}"));
            }
            sids.push(sid);
        }
    }
    if let Some(foreign) = document.to_string().chars().find(|c| !allowed(*c)) {
        return broken(
            "the document",
            format!("holds {foreign:?}, which IAM does not take"),
        );
    }
    let limit = match kind {
        Kind::Trust => TRUST_LIMIT,
        Kind::Permissions => PERMISSIONS_LIMIT,
    };
    let size = size(document);
    if size > limit {
        Err(PolicyError::TooLarge { size, limit })
    } else {
        Ok(())
    }
}

/// The characters that IAM counts: all but the white space between the elements.
pub fn size(document: &Value) -> usize {
    document.to_string().chars().count()
}

fn check_statement(
    statement: &Map<String, Value>,
    kind: Kind,
    at: &str,
) -> Result<(), PolicyError> {
    for key in statement.keys() {
        if !STATEMENT_ELEMENTS.contains(&key.as_str()) {
            return broken(at, format!("has the unknown element `{key}`"));
        }
    }
    if let Some(sid) = statement.get("Sid") {
        let valid = sid
            .as_str()
            .is_some_and(|sid| sid.chars().all(|c| c.is_ascii_alphanumeric()));
        if !valid {
            return broken(
                at,
                format!("has the Sid {sid}, which is not letters and digits alone"),
            );
        }
    }
    if !matches!(
        statement.get("Effect").and_then(Value::as_str),
        Some("Allow" | "Deny")
    ) {
        return broken(at, "has an Effect that is neither Allow nor Deny");
    }
    for action in texts(one_of(statement, "Action", "NotAction", at)?, "Action", at)? {
        check_action(action, kind, at)?;
    }
    match kind {
        Kind::Trust => {
            prohibit(statement, &["Resource", "NotResource"], at)?;
            check_principal(one_of(statement, "Principal", "NotPrincipal", at)?, at)?;
        }
        Kind::Permissions => {
            prohibit(statement, &["Principal", "NotPrincipal"], at)?;
            let resources = one_of(statement, "Resource", "NotResource", at)?;
            for resource in texts(resources, "Resource", at)? {
                check_resource(resource, at)?;
            }
        }
    }
    match statement.get("Condition") {
        Some(condition) => check_condition(object(condition, &format!("{at}'s Condition"))?, at),
        None => Ok(()),
    }
}

fn check_action(action: &str, kind: Kind, at: &str) -> Result<(), PolicyError> {
    let service = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let verb = |c: char| c.is_ascii_alphanumeric() || c == '*' || c == '?';
    let valid = action.split_once(':').is_some_and(|(vendor, name)| {
        let vendor = vendor.to_ascii_lowercase();
        !vendor.is_empty()
            && !name.is_empty()
            && vendor.chars().all(service)
            && name.chars().all(verb)
    });
    match kind {
        Kind::Trust if !TRUST_ACTIONS.contains(&action.to_ascii_lowercase().as_str()) => broken(
            at,
            format!("names `{action}`, but may only specify STS AssumeRole actions"),
        ),
        Kind::Permissions if !valid && action != "*" => broken(
            at,
            format!("names `{action}`, which is no action like `service:Verb`"),
        ),
        Kind::Trust | Kind::Permissions => Ok(()),
    }
}

fn check_principal(principal: &Value, at: &str) -> Result<(), PolicyError> {
    if principal.as_str() == Some("*") {
        return Ok(());
    }
    let kinds = object(principal, &format!("{at}'s Principal"))?;
    if kinds.is_empty() {
        return broken(at, "has an empty Principal");
    }
    for (kind, who) in kinds {
        if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_str()) {
            return broken(at, format!("has the unknown kind of principal `{kind}`"));
        }
        for who in texts(who, "Principal", at)? {
            let account = who.len() == 12 && who.bytes().all(|byte| byte.is_ascii_digit());
            let valid = match kind.as_str() {
                "AWS" => who == "*" || account || who.starts_with("arn:"),
                "Service" => who.contains('.') && !who.contains('*'),
                _ => !who.is_empty(),
            };
            if !valid {
                return broken(at, format!("names `{who}`, which is no {kind} principal"));
            }
        }
    }
    Ok(())
}

fn check_resource(resource: &str, at: &str) -> Result<(), PolicyError> {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let valid = match parts.as_slice() {
        ["arn", partition, service, _region, _account, name] => {
            !partition.is_empty()
                && !service.is_empty()
                && !service.contains('*')
                && !name.is_empty()
        }
        _ => resource == "*",
    };
    if valid {
        Ok(())
    } else {
        broken(at, format!("names `{resource}`, which is no ARN"))
    }
}

fn check_condition(operators: &Map<String, Value>, at: &str) -> Result<(), PolicyError> {
    for (operator, keys) in operators {
        let plain = operator
            .strip_prefix("ForAllValues:")
            .or_else(|| operator.strip_prefix("ForAnyValue:"))
            .unwrap_or(operator);
        let plain = plain.strip_suffix("IfExists").unwrap_or(plain);
        if !CONDITION_OPERATORS.contains(&plain) {
            return broken(
                at,
                format!("has the unknown condition operator `{operator}`"),
            );
        }
        for (key, values) in object(keys, &format!("{at}'s {operator}"))? {
            if !key.contains(':') {
                return broken(
                    at,
                    format!("has the condition key `{key}` without a prefix"),
                );
            }
            let values = match values {
                Value::Array(values) => values.as_slice(),
                one => std::slice::from_ref(one),
            };
            let scalar =
                |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
            if values.is_empty() || !values.iter().all(scalar) {
                return broken(
                    at,
                    format!("has no plain values for the condition key `{key}`"),
                );
            }
        }
    }
    Ok(())
}

/// The element that is present, of two elements of which exactly one is required.
fn one_of<'a>(
    statement: &'a Map<String, Value>,
    element: &str,
    negated: &str,
    at: &str,
) -> Result<&'a Value, PolicyError> {
    match (statement.get(element), statement.get(negated)) {
        (Some(value), None) | (None, Some(value)) => Ok(value),
        (None, None) => broken(at, format!("has neither {element} nor {negated}")),
        (Some(_), Some(_)) => broken(at, format!("has both {element} and {negated}")),
    }
}

fn prohibit(
    statement: &Map<String, Value>,
    elements: &[&str],
    at: &str,
) -> Result<(), PolicyError> {
    match elements
        .iter()
        .find(|element| statement.contains_key(**element))
    {
        Some(element) => broken(at, format!("has the prohibited field {element}")),
        None => Ok(()),
    }
}

/// A string, or the strings of a list that is not empty.
fn texts<'a>(value: &'a Value, element: &str, at: &str) -> Result<Vec<&'a str>, PolicyError> {
    let texts = match value {
        Value::String(text) => Some(vec![text.as_str()]),
        Value::Array(items) if !items.is_empty() => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    match texts {
        Some(texts) => Ok(texts),
        None => broken(
            at,
            format!("has a {element} that is no string or list of strings"),
        ),
    }
}

fn object<'a>(value: &'a Value, at: &str) -> Result<&'a Map<String, Value>, PolicyError> {
    match value {
        Value::Object(members) => Ok(members),
        _ => broken(at, "is no JSON object"),
    }
}

fn broken<T>(at: &str, problem: impl Into<String>) -> Result<T, PolicyError> {
    Err(PolicyError::Grammar {
        at: at.to_owned(),
        problem: problem.into(),
    })
}

/// The characters that IAM accepts in a policy: tab, line ends and U+0020 to U+00FF.
fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}')
}
