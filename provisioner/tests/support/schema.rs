//! The schemas of docs/schemas, and whether a document is as they say.
//!
//! Crates that validate turn on features of serde and url with which the SDK would be compiled a second time for
//! the tests. So this knows the keywords that the schemas use, and refuses any other; `.ci/run` checks the
//! schemas, and every document that came by here, with another validator.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// The document is as the schema of its command says. An IAM policy has none.
#[track_caller]
pub fn check_document(document: &Value) {
    const WITHOUT_RESULT: &str = "errors";
    match document.get("command") {
        None => assert!(document.get("Statement").is_some(), "{document:#}"),
        Some(Value::String(command)) if path(command).exists() => {
            check(command, document);
        }
        Some(_) => check(WITHOUT_RESULT, document),
    }
}

/// The document is as this schema says.
#[track_caller]
pub fn check(schema: &str, document: &Value) {
    let faults = faults(schema, document);
    assert!(faults.is_empty(), "{schema}: {faults:#?} in\n{document:#}");
    keep(schema, document);
}

/// What is wrong with it, and where.
pub fn faults(schema: &str, document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let root = read(schema);
    validate(&root, &root, document, "", &mut faults);
    faults
}

/// For the validator in `.ci/run`.
fn keep(schema: &str, document: &Value) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
    let folder = folder.join(schema);
    let text = format!("{document:#}\n");
    let mut hash = DefaultHasher::new();
    text.hash(&mut hash);
    fs::create_dir_all(&folder).expect("a folder for documents");
    let file = folder.join(format!("{:016x}.json", hash.finish()));
    fs::write(file, text).expect("a document is kept");
}

pub fn read(schema: &str) -> Value {
    let text = fs::read_to_string(path(schema)).expect(schema);
    serde_json::from_str(&text).expect(schema)
}

fn path(schema: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schemas");
    folder.join(format!("{schema}.json"))
}

fn validate(schema: &Value, root: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let schema = schema.as_object().expect("a schema is an object");
    for (keyword, rule) in schema {
        match keyword.as_str() {
            "$ref" => refer(rule.as_str().expect("a reference"), root, value, at, faults),
            "allOf" => {
                for schema in list(rule) {
                    validate(schema, root, value, at, faults);
                }
            }
            "anyOf" => {
                let all = list(rule).iter();
                let all: Vec<_> = all.map(|schema| found(schema, root, value, at)).collect();
                if all.iter().all(|faults| !faults.is_empty()) {
                    faults.push(format!("{at}: none of {all:?}"));
                }
            }
            "if" => {
                let applies = found(rule, root, value, at).is_empty();
                let then = applies.then(|| found(&schema["then"], root, value, at));
                faults.extend(then.into_iter().flatten());
            }
            "properties" | "required" | "additionalProperties" => {
                if let Some(object) = value.as_object() {
                    members(keyword, schema, root, object, at, faults);
                }
            }
            "items" => {
                for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                    validate(rule, root, item, &format!("{at}/{place}"), faults);
                }
            }
            _ if !holds(keyword, rule, value) => {
                faults.push(format!("{at}: {value} against {keyword} {rule}"));
            }
            _ => {}
        }
    }
}

fn found(schema: &Value, root: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut faults = Vec::new();
    validate(schema, root, value, at, &mut faults);
    faults
}

/// `#/$defs/change`
fn refer(reference: &str, root: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let pointer = reference
        .strip_prefix('#')
        .expect("a reference within the file");
    let schema = root.pointer(pointer);
    let schema = schema.unwrap_or_else(|| panic!("{reference} refers to nothing"));
    validate(schema, root, value, at, faults);
}

fn members(
    keyword: &str,
    schema: &Map<String, Value>,
    root: &Value,
    object: &Map<String, Value>,
    at: &str,
    faults: &mut Vec<String>,
) {
    let rule = &schema[keyword];
    match keyword {
        "required" => {
            let names = list(rule).iter().filter_map(Value::as_str);
            let missing = names.filter(|name| !object.contains_key(*name));
            faults.extend(missing.map(|name| format!("{at}: {name} is missing")));
        }
        "properties" => {
            for (name, schema) in rule.as_object().expect("schemas by name") {
                if let Some(value) = object.get(name) {
                    validate(schema, root, value, &format!("{at}/{name}"), faults);
                }
            }
        }
        _ => {
            assert!(!schema.contains_key("properties"), "not written for both");
            for (name, value) in object {
                validate(rule, root, value, &format!("{at}/{name}"), faults);
            }
        }
    }
}

/// A rule about the value itself.
fn holds(keyword: &str, rule: &Value, value: &Value) -> bool {
    let least = rule.as_u64();
    match keyword {
        // `pattern` needs regular expressions: only the validator in `.ci/run` has them.
        "$schema" | "$id" | "title" | "description" | "$defs" | "then" | "pattern" => true,
        "const" => value == rule,
        "enum" => list(rule).contains(value),
        "type" => match rule {
            Value::Array(types) => types.iter().any(|rule| is_type(rule, value)),
            rule => is_type(rule, value),
        },
        "minimum" => value
            .as_f64()
            .is_none_or(|number| number >= rule.as_f64().expect("a number")),
        "minLength" => value
            .as_str()
            .is_none_or(|text| Some(text.len() as u64) >= least),
        "minItems" => value
            .as_array()
            .is_none_or(|items| Some(items.len() as u64) >= least),
        _ => panic!("the keyword {keyword} is not known here"),
    }
}

fn is_type(rule: &Value, value: &Value) -> bool {
    match rule.as_str().expect("the name of a type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        name => panic!("the type {name} is not known here"),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}
