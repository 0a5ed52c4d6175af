//! The members of a JSON document, each with its path and its reduced value.

use serde_json::Value;

use super::names::Names;

/// Numbers that depend on the moment or on the build.
const MOVING: [&str; 6] = [
    "ItemCount",
    "TableSizeBytes",
    "storedBytes",
    "CodeSize",
    "Count",
    "ScannedCount",
];

/// Larger numbers are times.
const TIME: f64 = 1e9;

/// Whether values are kept; without them only their types are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    Kept,
    Dropped,
}

pub fn members(body: &[u8], names: &Names, values: Values) -> Vec<(String, String)> {
    let mut members = Vec::new();
    match serde_json::from_slice(body) {
        Ok(document) => walk("", &document, names, values, &mut members),
        Err(_) if body.is_empty() => {}
        Err(_) => members.push((String::new(), "<not JSON>".to_owned())),
    }
    members
}

fn walk(
    path: &str,
    value: &Value,
    names: &Names,
    values: Values,
    members: &mut Vec<(String, String)>,
) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                // Keys of maps may be names too.
                let key = names.reduce(key);
                let path = if path.is_empty() {
                    key
                } else {
                    format!("{path}.{key}")
                };
                walk(&path, value, names, values, members);
            }
        }
        Value::Array(list) => {
            for value in list {
                walk(&format!("{path}[]"), value, names, values, members);
            }
        }
        scalar => members.push((path.to_owned(), reduced(path, scalar, names, values))),
    }
}

fn reduced(path: &str, scalar: &Value, names: &Names, values: Values) -> String {
    let name = path.rsplit('.').next().unwrap_or_default();
    match scalar {
        Value::String(_) if values == Values::Dropped => "<text>".to_owned(),
        Value::String(text) => names.reduce(text),
        Value::Number(_) if values == Values::Dropped && name != "statusCode" => {
            "<number>".to_owned()
        }
        Value::Number(_) if MOVING.contains(&name) => "<number>".to_owned(),
        Value::Number(number) if number.as_f64().is_some_and(|number| number >= TIME) => {
            "<time>".to_owned()
        }
        other => other.to_string(),
    }
}
