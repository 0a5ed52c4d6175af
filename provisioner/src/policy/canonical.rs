//! A canonical form of policy documents, the same for all documents with the same meaning.
//!
//! IAM keeps a document as it was sent, but consoles and other tools reformat what they save:
//! comparing the text would report drift where there is none. The rules for what is equal are those of
//! `hashicorp/awspolicyequivalence`; the case of actions and of condition keys is ignored too.
//!
//! `Sid` and `Id` are kept although they grant nothing: users and Access Analyzer refer to a statement by
//! them, so a changed one is a change of the declaration and appears in the plan.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::PolicyError;

/// IAM reads a document without `Version` as this one, in which `${…}` is no variable.
const DEFAULT_VERSION: &str = "2008-10-17";

/// How the letters of actions and of condition keys are kept. IAM ignores their case.
type Letters = fn(&str) -> String;

/// The canonical form of a document.
///
/// A value that is not a policy document is returned unchanged: two invalid documents are equal only if they
/// are identical.
pub fn canonical(document: &Value) -> Value {
    normal(document, str::to_ascii_lowercase)
}

/// The canonical form of a document for people: with the letters of its actions and condition keys.
pub fn readable(document: &Value) -> Value {
    normal(document, str::to_owned)
}

/// The form for people of a document's text, as compact JSON.
pub fn readable_text(text: &str) -> Result<String, PolicyError> {
    let document: Value = serde_json::from_str(text).map_err(PolicyError::NotJson)?;
    Ok(readable(&document).to_string())
}

fn normal(document: &Value, letters: Letters) -> Value {
    let Value::Object(members) = document else {
        return document.clone();
    };
    let mut plain: BTreeMap<String, Value> = BTreeMap::new();
    plain.insert(
        "Version".to_owned(),
        Value::String(DEFAULT_VERSION.to_owned()),
    );
    for (key, member) in members {
        let value = match key.as_str() {
            "Statement" => Value::Array(sorted(
                listed(member)
                    .iter()
                    .map(|member| statement(member, letters))
                    .collect(),
            )),
            _ => ordered(member),
        };
        plain.insert(key.clone(), value);
    }
    into_object(plain)
}

/// The canonical form of a document's text, as compact JSON.
pub fn canonical_text(text: &str) -> Result<String, PolicyError> {
    let document: Value = serde_json::from_str(text).map_err(PolicyError::NotJson)?;
    Ok(canonical(&document).to_string())
}

fn statement(statement: &Value, letters: Letters) -> Value {
    let Value::Object(members) = statement else {
        return statement.clone();
    };
    let mut plain = BTreeMap::new();
    for (key, member) in members {
        let value = match key.as_str() {
            "Action" | "NotAction" => text_list(member, letters),
            "Resource" | "NotResource" => text_list(member, str::to_owned),
            "Principal" | "NotPrincipal" => principal(member),
            "Condition" => match condition(member, letters) {
                Value::Object(none) if none.is_empty() => continue,
                condition => condition,
            },
            "Sid" if member.as_str() == Some("") => continue,
            _ => ordered(member),
        };
        plain.insert(key.clone(), value);
    }
    into_object(plain)
}

/// The canonical principals: `"*"` means the same as `{"AWS": "*"}`, and an account ID means its root.
fn principal(principal: &Value) -> Value {
    match principal {
        Value::String(_) => {
            let any_principal = text_list(principal, account_or_arn);
            into_object(BTreeMap::from([("AWS".to_owned(), any_principal)]))
        }
        Value::Object(kinds) => into_object(
            kinds
                .iter()
                .map(|(kind, who)| {
                    let who = match kind.as_str() {
                        "AWS" => text_list(who, account_or_arn),
                        _ => text_list(who, str::to_owned),
                    };
                    (kind.clone(), who)
                })
                .collect(),
        ),
        _ => ordered(principal),
    }
}

/// `123456789012` for `arn:aws:iam::123456789012:root`: a role can trust accounts of its own
/// partition only, so dropping the partition loses nothing.
fn account_or_arn(principal: &str) -> String {
    let parts: Vec<&str> = principal.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] => (*account).to_owned(),
        _ => principal.to_owned(),
    }
}

/// Operator → key → values. IAM ignores the letter case of keys; the order of values means nothing.
fn condition(condition: &Value, letters: Letters) -> Value {
    let Value::Object(operators) = condition else {
        return ordered(condition);
    };
    let operators = operators.iter().map(|(operator, keys)| {
        let Value::Object(keys) = keys else {
            return (operator.clone(), ordered(keys));
        };
        let alike = |key: &str| keys.keys().filter(|k| k.eq_ignore_ascii_case(key)).count();
        let mut plain: BTreeMap<String, Value> = BTreeMap::new();
        for (key, values) in keys {
            // Two keys that differ only in case both stay: which of them IAM uses is not documented.
            let key = match alike(key) {
                1 => letters(key),
                _ => key.clone(),
            };
            plain.insert(key, text_list(values, str::to_owned));
        }
        (operator.clone(), into_object(plain))
    });
    into_object(operators.collect())
}

/// A sorted list of texts without repetitions; a single one counts as a list of one, and numbers
/// and booleans as their text.
fn text_list(value: &Value, each: impl Fn(&str) -> String) -> Value {
    let texts = listed(value)
        .iter()
        .map(|item| match item {
            Value::String(text) => Value::String(each(text)),
            Value::Number(_) | Value::Bool(_) => Value::String(item.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => ordered(item),
        })
        .collect();
    Value::Array(sorted(texts))
}

fn listed(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn sorted(mut values: Vec<Value>) -> Vec<Value> {
    values.sort_by_cached_key(Value::to_string);
    values.dedup();
    values
}

/// The value with its members in order of their keys. Whether a `Map` keeps the order of insertion
/// depends on a feature that any crate of the build may switch on, and a text must not.
pub(super) fn ordered(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(ordered).collect()),
        Value::Object(members) => into_object(
            members
                .iter()
                .map(|(key, member)| (key.clone(), ordered(member)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn into_object(members: BTreeMap<String, Value>) -> Value {
    Value::Object(members.into_iter().collect::<Map<String, Value>>())
}
