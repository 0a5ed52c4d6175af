//! `{{name}}` in the strings of a JSON template, filled in.
//!
//! The template is parsed first and its strings are filled in afterwards: a value with a quote or a
//! brace in it stays a value and can never become another statement.

use serde_json::{Map, Value};

use super::error::PolicyError;

/// The template with every placeholder replaced by its value; a placeholder without one is an error.
pub(super) fn fill(node: Value, values: &[(&str, &str)]) -> Result<Value, PolicyError> {
    Ok(match node {
        Value::String(text) => Value::String(fill_text(&text, values)?),
        Value::Array(items) => Value::Array(
            items
                .into_iter()
                .map(|item| fill(item, values))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => {
            let mut filled = Map::new();
            for (key, member) in members {
                filled.insert(fill_text(&key, values)?, fill(member, values)?);
            }
            Value::Object(filled)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => node,
    })
}

/// One pass from left to right: placeholders in a value are not replaced.
fn fill_text(text: &str, values: &[(&str, &str)]) -> Result<String, PolicyError> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            return Err(PolicyError::UnclosedPlaceholder {
                text: text.to_owned(),
            });
        };
        let Some((_, value)) = values.iter().find(|(known, _)| *known == name) else {
            return Err(PolicyError::UnknownPlaceholder {
                name: name.to_owned(),
                known: values
                    .iter()
                    .map(|(known, _)| (*known).to_owned())
                    .collect(),
            });
        };
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::error::PolicyError;
    use super::fill;

    const VALUES: &[(&str, &str)] = &[
        ("table", "Rides"),
        ("quote", "\",\"Effect\":\"Deny{{table}}"),
    ];

    fn render(template: &str, values: &[(&str, &str)]) -> Result<Value, PolicyError> {
        fill(serde_json::from_str(template).expect("JSON"), values)
    }

    #[test]
    fn placeholders_are_filled_in_values_and_keys() {
        let rendered = render(
            r#"{"a": ["x/{{table}}/{{table}}"], "{{table}}": 1}"#,
            VALUES,
        );
        assert_eq!(
            rendered.unwrap(),
            json!({"a": ["x/Rides/Rides"], "Rides": 1})
        );
    }

    #[test]
    fn a_value_stays_a_value_whatever_is_in_it() {
        let rendered = render(r#"{"a": "{{quote}}"}"#, VALUES).unwrap();
        assert_eq!(rendered, json!({"a": "\",\"Effect\":\"Deny{{table}}"}));
    }

    #[test]
    fn a_placeholder_nobody_knows_is_an_error_that_names_it_and_the_known_ones() {
        let error = render(r#"{"a": "{{tabel}}"}"#, VALUES).unwrap_err();
        assert!(error.to_string().contains("`tabel`"), "{error}");
        assert_eq!(error.hint().unwrap(), "use one of table, quote");
    }

    #[test]
    fn an_open_placeholder_is_an_error() {
        let open = render(r#"{"a": "{{table"}"#, VALUES).unwrap_err();
        assert!(matches!(open, PolicyError::UnclosedPlaceholder { .. }));
    }

    #[test]
    fn iams_own_variables_are_left_alone() {
        let rendered = render(r#"{"a": "home/${aws:username}/}}"}"#, VALUES).unwrap();
        assert_eq!(rendered, json!({"a": "home/${aws:username}/}}"}));
    }
}
