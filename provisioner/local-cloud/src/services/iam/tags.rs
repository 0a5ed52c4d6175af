//! Tags of a role. Their keys compare case-insensitively.

use serde_json::{Value, json};

use crate::api::constraint::{Broken, refuse};
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::services::iam::check;
use crate::state::role::Role;

const LIMIT: usize = 50;

pub(crate) async fn tag(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let new = checked(input.tag_list("Tags")?.unwrap_or_default())?;
    cloud
        .store
        .change(|state| {
            let role = check::role_mut(state, input)?;
            let mut tags = role.tags.clone();
            for (key, value) in new {
                match tags.iter_mut().find(|(old, _)| same(old, &key)) {
                    Some(old) => *old = (key, value),
                    None => tags.push((key, value)),
                }
            }
            if tags.len() > LIMIT {
                let text = format!("Cannot exceed quota for TagsPerRole: {LIMIT}");
                return Err(ApiError::new(409, "LimitExceeded", text));
            }
            replace(cloud, call, role, tags);
            Ok(Value::Null)
        })
        .await
}

pub(crate) async fn untag(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let keys = input.texts("TagKeys")?.unwrap_or_default();
    cloud
        .store
        .change(|state| {
            let role = check::role_mut(state, input)?;
            let mut tags = role.tags.clone();
            tags.retain(|(old, _)| !keys.iter().any(|key| same(old, key)));
            replace(cloud, call, role, tags);
            Ok(Value::Null)
        })
        .await
}

pub(crate) fn list(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let state = cloud.store.read();
    let tags = shown_of(check::role(&state, input)?, call.now);
    let shown = tags
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }));
    check::page(input, "Tags", shown.collect())
}

fn replace(cloud: &Cloud, call: &Call, role: &mut Role, tags: Vec<(String, String)>) {
    let shown_at = cloud.faults.after(call.now, Delay::PolicyShown);
    let old = std::mem::replace(&mut role.tags, tags);
    role.stale_tags.keep(old, call.now, shown_at);
}

/// The tags that reads show at `now`.
pub(crate) fn shown_of(role: &Role, now: Millis) -> &[(String, String)] {
    role.stale_tags.at(now).unwrap_or(&role.tags)
}

pub(crate) fn shown(tags: &[(String, String)]) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// The tags, if all of them are valid.
pub(crate) fn checked(tags: Vec<(String, String)>) -> ApiResult<Vec<(String, String)>> {
    let mut broken = Vec::new();
    if tags.len() > LIMIT {
        broken.push(Broken::longer("[…]", "tags", LIMIT));
    }
    for (at, (key, value)) in tags.iter().enumerate() {
        let member = format!("tags.{}.member", at + 1);
        let fits = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
        if key.is_empty() {
            broken.push(Broken::shorter(key, &format!("{member}.key"), 1));
        }
        if key.chars().count() > 128 {
            broken.push(Broken::longer(key, &format!("{member}.key"), 128));
        }
        if value.chars().count() > 256 {
            broken.push(Broken::longer(value, &format!("{member}.value"), 256));
        }
        if !key.chars().all(fits) {
            let pattern = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+";
            broken.push(Broken::pattern(key, &format!("{member}.key"), pattern));
        }
        if !value.chars().all(fits) {
            let pattern = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*";
            broken.push(Broken::pattern(value, &format!("{member}.value"), pattern));
        }
    }
    if !broken.is_empty() {
        return Err(refuse("ValidationError", &broken));
    }
    if tags
        .iter()
        .any(|(key, _)| key.to_lowercase().starts_with("aws:"))
    {
        return Err(ApiError::new(
            400,
            "InvalidInput",
            "Tag keys cannot start with aws:",
        ));
    }
    let twice = |(at, (key, _)): (usize, &(String, String))| {
        tags[..at].iter().any(|(earlier, _)| same(earlier, key))
    };
    if tags.iter().enumerate().any(twice) {
        let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        return Err(ApiError::new(400, "InvalidInput", text));
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn tags_are_checked() {
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let long = "x".repeat(257);
        for (tags, code) in [
            (
                vec![tag("provision:stack", "wild-rydes"), tag("b", "")],
                None,
            ),
            (vec![tag("Key", "1"), tag("key", "2")], Some("InvalidInput")),
            (vec![tag("aws:x", "1")], Some("InvalidInput")),
            (vec![tag("", "1")], Some("ValidationError")),
            (vec![tag("a#", "1")], Some("ValidationError")),
            (vec![tag("a", &long)], Some("ValidationError")),
            (
                (0..51).map(|n| tag(&n.to_string(), "")).collect(),
                Some("ValidationError"),
            ),
        ] {
            let result = checked(tags.clone());
            assert_eq!(
                result.err().map(|e| e.code.into_owned()).as_deref(),
                code,
                "{tags:?}"
            );
        }
    }
}
