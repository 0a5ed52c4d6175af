//! The members of a request: checks before anything is looked up.

use serde_json::{Map, Value};

use crate::api::constraint::{Broken, refuse};
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::state::State;
use crate::state::role::Role;

/// The size limit of all inline policies of a role together, without white space.
pub(crate) const INLINE_LIMIT: usize = 10_240;
/// The default quota for the size of a trust policy.
pub(crate) const TRUST_LIMIT: usize = 2_048;
/// How many managed policies may be attached to a role.
pub(crate) const ATTACHED_LIMIT: usize = 10;
const PAGE: usize = 100;

fn missing(name: &str) -> ApiError {
    let member = lower_first(name);
    refuse("ValidationError", &[Broken::null(&member)])
}

pub(crate) fn required_texts(input: &Input, name: &str) -> ApiResult<Vec<String>> {
    input.texts(name)?.ok_or_else(|| missing(name))
}

pub(crate) fn required<'a>(input: &'a Input, name: &str) -> ApiResult<&'a str> {
    match input.required(name, missing)? {
        "" => {
            let member = lower_first(name);
            Err(refuse(
                "ValidationError",
                &[Broken::shorter("", &member, 1)],
            ))
        }
        text => Ok(text),
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |c| {
        c.to_ascii_lowercase().to_string() + letters.as_str()
    })
}

/// The name in `RoleName`.
pub(crate) fn role_name(input: &Input) -> ApiResult<&str> {
    let name = required(input, "RoleName")?;
    check_name(name, "roleName", 64)?;
    Ok(name)
}

pub(crate) fn policy_name(input: &Input) -> ApiResult<&str> {
    let name = required(input, "PolicyName")?;
    check_name(name, "policyName", 128)?;
    Ok(name)
}

fn check_name(name: &str, member: &str, limit: usize) -> ApiResult<()> {
    let mut broken = Vec::new();
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !name.chars().all(fits) {
        broken.push(Broken::pattern(name, member, "[\\w+=,.@-]+"));
    }
    if name.chars().count() > limit {
        broken.push(Broken::longer(name, member, limit));
    }
    if broken.is_empty() {
        Ok(())
    } else {
        Err(refuse("ValidationError", &broken))
    }
}

pub(crate) fn path(input: &Input) -> ApiResult<String> {
    let path = input.text("Path")?.unwrap_or("/");
    let fits = path.starts_with('/')
        && path.ends_with('/')
        && path.len() <= 512
        && path.chars().all(|c| ('\u{21}'..='\u{7e}').contains(&c));
    if fits {
        return Ok(path.to_owned());
    }
    let pattern = "(\\u002F)|(\\u002F[\\u0021-\\u007F]+\\u002F)";
    Err(refuse(
        "ValidationError",
        &[Broken::pattern(path, "path", pattern)],
    ))
}

pub(crate) fn description(input: &Input) -> ApiResult<Option<String>> {
    let Some(text) = input.text("Description")? else {
        return Ok(None);
    };
    let fits = |c: char| matches!(c, '\u{9}' | '\u{a}' | '\u{d}' | '\u{20}'..='\u{7e}' | '\u{a1}'..='\u{ff}');
    if !text.chars().all(fits) {
        let pattern = "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*";
        return Err(refuse(
            "ValidationError",
            &[Broken::pattern(text, "description", pattern)],
        ));
    }
    if text.chars().count() > 1000 {
        return Err(refuse(
            "ValidationError",
            &[Broken::longer(text, "description", 1000)],
        ));
    }
    Ok(Some(text.to_owned()))
}

pub(crate) fn session_seconds(input: &Input) -> ApiResult<Option<i64>> {
    let Some(seconds) = input.number("MaxSessionDuration")? else {
        return Ok(None);
    };
    let text = seconds.to_string();
    let must = match seconds {
        ..3600 => "have value greater than or equal to 3600",
        43_201.. => "have value less than or equal to 43200",
        _ => return Ok(Some(seconds)),
    };
    Err(refuse(
        "ValidationError",
        &[Broken::new(text, "maxSessionDuration", must)],
    ))
}

/// The text of a policy document, whose characters are checked here and its grammar later.
pub(crate) fn document<'a>(input: &'a Input, name: &str) -> ApiResult<&'a str> {
    let text = required(input, name)?;
    let fits = |c: char| matches!(c, '\u{9}' | '\u{a}' | '\u{d}' | '\u{20}'..='\u{ff}');
    if !text.chars().all(fits) {
        let pattern = "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+";
        let member = lower_first(name);
        return Err(refuse(
            "ValidationError",
            &[Broken::pattern(text, &member, pattern)],
        ));
    }
    if text.chars().count() > 131_072 {
        let member = lower_first(name);
        return Err(refuse(
            "ValidationError",
            &[Broken::longer("…", &member, 131_072)],
        ));
    }
    Ok(text)
}

/// The size of a policy for IAM's quotas, which do not count white space.
pub(crate) fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

pub(crate) fn no_role(name: &str) -> ApiError {
    ApiError::new(
        404,
        "NoSuchEntity",
        format!("The role with name {name} cannot be found."),
    )
}

/// The role that the request names.
pub(crate) fn role<'a>(state: &'a State, input: &Input) -> ApiResult<&'a Role> {
    let name = role_name(input)?;
    state.iam.role(name).ok_or_else(|| no_role(name))
}

pub(crate) fn role_mut<'a>(state: &'a mut State, input: &Input) -> ApiResult<&'a mut Role> {
    let name = role_name(input)?;
    state.iam.role_mut(name).ok_or_else(|| no_role(name))
}

/// A page of a list: `IsTruncated`, `Marker` and the items under their name.
pub(crate) fn page(input: &Input, name: &str, items: Vec<Value>) -> ApiResult<Value> {
    let limit = match input.number("MaxItems")? {
        None => PAGE,
        Some(limit @ 1..=1000) => usize::try_from(limit).unwrap_or(PAGE),
        Some(other) => {
            let must = "have value between 1 and 1000";
            return Err(refuse(
                "ValidationError",
                &[Broken::new(other.to_string(), "maxItems", must)],
            ));
        }
    };
    let start = match input.text("Marker")? {
        None => 0,
        Some(marker) => match marker.strip_prefix("after-").and_then(|n| n.parse().ok()) {
            Some(start) => start,
            None => {
                return Err(ApiError::new(400, "ValidationError", "Invalid Marker."));
            }
        },
    };
    let end = items.len().min(usize::saturating_add(start, limit));
    let truncated = end < items.len();
    let mut answer = Map::new();
    answer.insert("IsTruncated".to_owned(), truncated.into());
    if truncated {
        answer.insert("Marker".to_owned(), format!("after-{end}").into());
    }
    let items = items
        .into_iter()
        .skip(start)
        .take(end.saturating_sub(start))
        .collect();
    answer.insert(name.to_owned(), Value::Array(items));
    Ok(Value::Object(answer))
}

#[cfg(test)]
mod tests {
    use super::{page, path, role_name, size};
    use crate::api::input::Input;
    use serde_json::{Value, json};

    fn input(value: Value) -> Input {
        Input(value.as_object().unwrap().clone())
    }

    #[test]
    fn names_are_checked() {
        for (name, part) in [
            (json!("WildRydesLambda"), None),
            (json!("a+=,.@-_1"), None),
            (json!("a b"), Some("[\\w+=,.@-]+")),
            (json!("x".repeat(65)), Some("less than or equal to 64")),
            (json!(""), Some("greater than or equal to 1")),
            (json!(null), Some("'roleName' failed")),
        ] {
            let input = input(json!({"RoleName": name}));
            match (role_name(&input), part) {
                (Ok(_), None) => {}
                (Err(error), Some(part)) => {
                    assert!(error.message.contains(part), "{}", error.message);
                }
                (result, _) => panic!("{name}: {result:?}"),
            }
        }
    }

    #[test]
    fn a_path_begins_and_ends_with_a_slash() {
        for (given, fits) in [
            ("/", true),
            ("/service-role/", true),
            ("a/", false),
            ("/a", false),
        ] {
            assert_eq!(
                path(&input(json!({"Path": given}))).is_ok(),
                fits,
                "{given}"
            );
        }
    }

    #[test]
    fn pages_follow_each_other() {
        let items = || vec![json!(1), json!(2), json!(3)];
        let first = page(&input(json!({"MaxItems": "2"})), "L", items()).unwrap();
        assert_eq!(
            first,
            json!({"IsTruncated": true, "Marker": "after-2", "L": [1, 2]})
        );
        let next = json!({"MaxItems": "2", "Marker": "after-2"});
        let second = page(&input(next), "L", items()).unwrap();
        assert_eq!(second, json!({"IsTruncated": false, "L": [3]}));
        assert!(page(&input(json!({"Marker": "x"})), "L", items()).is_err());
        let past = page(&input(json!({"Marker": "after-99"})), "L", items()).unwrap();
        assert_eq!(past, json!({"IsTruncated": false, "L": []}));
    }

    #[test]
    fn white_space_is_not_counted() {
        assert_eq!(size("{ \"a\":\n 1 }"), 7);
    }
}
