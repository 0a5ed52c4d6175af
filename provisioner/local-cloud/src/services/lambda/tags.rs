//! Tags of a function, named by its ARN. Versions and aliases have no tags.

use serde_json::{Map, Value, json};

use crate::api::answer::Answer;
use crate::api::constraint::{Broken, refuse};
use crate::api::error::ApiResult;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::protocol::Operation;
use crate::random;
use crate::services::lambda::errors::invalid;
use crate::services::lambda::find::{find, find_mut};
use crate::services::lambda::function_name;
use crate::services::lambda::function_name::Name;
use crate::services::lambda::guards::must_be_settled;
use crate::state::function::Function;

const LIMIT: usize = 50;

fn resource(call: &Call, operation: &Operation) -> ApiResult<Name> {
    let given = &operation.route.resource;
    let pattern =
        "arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}(-gov)?-[a-z]+-\\d{1}:\\d{12}:function:[a-zA-Z0-9-_]+";
    if !given.starts_with("arn:") {
        return Err(refuse(
            "ValidationException",
            &[Broken::pattern(given, "resource", pattern)],
        ));
    }
    let name = function_name::read(given, None, &call.region)?;
    if name.qualifier.is_some() {
        return Err(invalid(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        ));
    }
    Ok(name)
}

pub(crate) async fn tag(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = resource(call, operation)?;
    let new = checked(operation.input.tag_map("Tags")?.unwrap_or_default())?;
    if new.is_empty() {
        return Err(invalid(
            "An error occurred and the request cannot be processed.",
        ));
    }
    cloud
        .store
        .change(|state| {
            let function = find_mut(state, call, &name)?;
            must_be_settled(&function.latest, call.now, &operation.route.resource)?;
            let mut tags = function.tags.clone();
            for (key, value) in new {
                match tags.iter_mut().find(|(old, _)| *old == key) {
                    Some(old) => old.1 = value,
                    None => tags.push((key, value)),
                }
            }
            if tags.len() > LIMIT {
                return Err(invalid("Number of tags exceeds resource tag limit."));
            }
            replace(cloud, call, function, tags);
            function.latest.settled_revision = random::uuid();
            Ok(Answer::no_content())
        })
        .await
}

pub(crate) async fn untag(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = resource(call, operation)?;
    let keys: Vec<&str> = operation
        .query
        .iter()
        .filter(|(name, _)| name == "tagKeys")
        .map(|(_, key)| key.as_str())
        .collect();
    if keys.is_empty() {
        return Err(refuse("ValidationException", &[Broken::null("tagKeys")]));
    }
    cloud
        .store
        .change(|state| {
            let function = find_mut(state, call, &name)?;
            must_be_settled(&function.latest, call.now, &operation.route.resource)?;
            let mut tags = function.tags.clone();
            tags.retain(|(key, _)| !keys.contains(&key.as_str()));
            replace(cloud, call, function, tags);
            function.latest.settled_revision = random::uuid();
            Ok(Answer::no_content())
        })
        .await
}

pub(crate) fn list(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = resource(call, operation)?;
    let state = cloud.store.read();
    let function = find(&state, call, &name)?;
    Ok(Answer::ok(
        json!({ "Tags": shown(shown_of(function, call.now)) }),
    ))
}

fn replace(cloud: &Cloud, call: &Call, function: &mut Function, tags: Vec<(String, String)>) {
    let shown_at = cloud.faults.after(call.now, Delay::FunctionTagsShown);
    let old = std::mem::replace(&mut function.tags, tags);
    function.stale_tags.keep(old, call.now, shown_at);
}

/// The tags that reads show at `now`.
pub(crate) fn shown_of(function: &Function, now: Millis) -> &[(String, String)] {
    function.stale_tags.at(now).unwrap_or(&function.tags)
}

pub(crate) fn shown(tags: &[(String, String)]) -> Value {
    let tags = tags.iter().map(|(key, value)| (key.clone(), json!(value)));
    Value::Object(tags.collect::<Map<_, _>>())
}

/// The tags, if all of them are valid.
pub(crate) fn checked(tags: Vec<(String, String)>) -> ApiResult<Vec<(String, String)>> {
    let fits = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    for (key, value) in &tags {
        let wrong = key.is_empty()
            || key.chars().count() > 128
            || value.chars().count() > 256
            || !key.chars().all(fits)
            || !value.chars().all(fits);
        if wrong {
            let pattern = "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)";
            return Err(refuse(
                "ValidationException",
                &[Broken::pattern(key, "tags", pattern)],
            ));
        }
        if key.starts_with("aws:") {
            return Err(invalid("Tag keys cannot begin with aws:"));
        }
    }
    if tags.len() > LIMIT {
        return Err(invalid("Number of tags exceeds resource tag limit."));
    }
    Ok(tags)
}
