//! Tags of a log group.

use serde_json::{Map, Value, json};

use crate::api::constraint::Broken;
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::services::logs::errors::{invalid, no_group};
use crate::services::logs::names::group_name;

const LIMIT: usize = 50;

pub(crate) async fn tag(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let new = checked(input.tag_map("tags")?.unwrap_or_default())?;
    change(cloud, call, input, |tags| {
        for (key, value) in new {
            match tags.iter_mut().find(|(old, _)| *old == key) {
                Some(old) => old.1 = value,
                None => tags.push((key, value)),
            }
        }
    })
    .await
}

pub(crate) async fn untag(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    // In the older UntagLogGroup the keys are in `tags`.
    let keys = match input.texts("tagKeys")? {
        Some(keys) => keys,
        None => input.texts("tags")?.unwrap_or_default(),
    };
    change(cloud, call, input, |tags| {
        tags.retain(|(key, _)| !keys.contains(key));
    })
    .await
}

async fn change(
    cloud: &Cloud,
    call: &Call,
    input: &Input,
    change: impl FnOnce(&mut Vec<(String, String)>),
) -> ApiResult<Value> {
    let name = group_name(input)?;
    cloud
        .store
        .change(|state| {
            let groups = &mut state.region_mut(&call.region).log_groups;
            let group = groups.get_mut(name).ok_or_else(no_group)?;
            change(&mut group.tags);
            if group.tags.len() > LIMIT {
                let text = "The resource has too many tags: the limit is 50";
                return Err(ApiError::new(400, "TooManyTagsException", text));
            }
            Ok(json!({}))
        })
        .await
}

pub(crate) fn list(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = group_name(input)?;
    let state = cloud.store.read();
    let group = state
        .region(&call.region)
        .log_groups
        .get(name)
        .ok_or_else(no_group)?;
    let tags = group
        .tags
        .iter()
        .map(|(key, value)| (key.clone(), json!(value)));
    Ok(json!({ "tags": tags.collect::<Map<_, _>>() }))
}

/// The tags, if all of them are valid.
pub(crate) fn checked(tags: Vec<(String, String)>) -> ApiResult<Vec<(String, String)>> {
    let fits = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    let mut broken = Vec::new();
    for (key, value) in &tags {
        if key.is_empty() || key.starts_with("aws:") || !key.chars().all(fits) {
            broken.push(Broken::pattern(
                key,
                "tags",
                "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)",
            ));
        }
        if key.chars().count() > 128 {
            broken.push(Broken::longer(key, "tags", 128));
        }
        if value.chars().count() > 256 || !value.chars().all(fits) {
            broken.push(Broken::longer(value, "tags", 256));
        }
    }
    if tags.len() > LIMIT {
        broken.push(Broken::longer("{…}", "tags", LIMIT));
    }
    if broken.is_empty() {
        Ok(tags)
    } else {
        Err(invalid(&broken))
    }
}
