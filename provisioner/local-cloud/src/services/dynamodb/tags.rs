//! Tags of a table, named by its ARN. Keys compare case-sensitively.

use serde_json::{Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::services::dynamodb::arn;
use crate::services::dynamodb::errors::{not_found, validation};
use crate::state::State;
use crate::state::table::Status;

const LIMIT: usize = 50;

pub(crate) async fn tag(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let new = checked(input.tag_list("Tags")?.unwrap_or_default())?;
    let sent = new.clone();
    change(cloud, call, input, &sent, |tags| {
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
    let keys = input.texts("TagKeys")?.unwrap_or_default();
    change(cloud, call, input, &[], |tags| {
        tags.retain(|(key, _)| !keys.contains(key));
    })
    .await
}

async fn change(
    cloud: &Cloud,
    call: &Call,
    input: &Input,
    sent: &[(String, String)],
    change: impl FnOnce(&mut Vec<(String, String)>),
) -> ApiResult<Value> {
    let name = of_resource(&cloud.store.read(), call, input)?;
    cloud
        .store
        .change(|state| {
            of_resource(state, call, input)?;
            let Some(table) = state.region_mut(&call.region).tables.get_mut(&name) else {
                return Ok(json!({}));
            };
            let mut tags = table.tags.written().clone();
            change(&mut tags);
            if tags.len() > LIMIT {
                return Err(too_many());
            }
            let new = |tag: &&(String, String)| !table.tags.written().contains(tag);
            let in_flight: Vec<_> = tags.iter().filter(new).cloned().collect();
            if tags != *table.tags.written() {
                // While a change is in progress only a call that repeats it is accepted.
                let repeats = |tag: &(String, String)| sent.contains(tag);
                let repeated = !table.locks.tags_in_flight.is_empty()
                    && table.locks.tags_in_flight.iter().all(repeats);
                if call.now < table.locks.tags_until && !repeated {
                    return Err(ApiError::new(
                        400,
                        "LimitExceededException",
                        format!("Table tags are being updated: {name}"),
                    ));
                }
                table.locks.tags_in_flight = in_flight;
                table.locks.tags_until = cloud.faults.after(call.now, Delay::TagsLocked);
                let seen_at = cloud.faults.after(call.now, Delay::TagsVisible);
                table.tags.write(tags, call.now, seen_at);
            }
            Ok(json!({}))
        })
        .await
}

pub(crate) fn list(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let state = cloud.store.read();
    let name = of_resource(&state, call, input)?;
    let tables = &state.region(&call.region).tables;
    let tags = tables
        .get(&name)
        .map(|table| table.tags.seen(call.now).as_slice());
    let tags = tags.unwrap_or_default().iter();
    let shown: Vec<Value> = tags
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(json!({ "Tags": shown }))
}

/// The name of the table with the given ARN. A table that is being created has no tags yet.
fn of_resource(state: &State, call: &Call, input: &Input) -> ApiResult<String> {
    let given = input.required("ResourceArn", |_| {
        validation(
            "1 validation error detected: Value null at 'resourceArn' failed to satisfy \
             constraint: Member must not be null",
        )
    })?;
    let name = arn::name_of(given);
    if !given.starts_with("arn:") || name == given {
        return Err(validation(&format!(
            "Invalid TableArn: Invalid ResourceArn provided as input {given}"
        )));
    }
    let found = state.region(&call.region).table(name, call.now);
    match found {
        Some((_, Status::Active | Status::Updating))
            if given == arn::of_table(&call.region, name) =>
        {
            Ok(name.to_owned())
        }
        _ => Err(not_found(&format!(
            "Requested resource not found: ResourcArn: {given} not found"
        ))),
    }
}

fn too_many() -> ApiError {
    validation("One or more parameter values were invalid: Too many tags: the limit is 50")
}

/// The tags, if all of them are valid.
pub(crate) fn checked(tags: Vec<(String, String)>) -> ApiResult<Vec<(String, String)>> {
    let fits = |c: char| c.is_alphanumeric() || c == ' ' || "+-=._:/@".contains(c);
    for (at, (key, value)) in tags.iter().enumerate() {
        let wrong = if key.is_empty() || key.chars().count() > 128 {
            "the key must have between 1 and 128 characters"
        } else if value.chars().count() > 256 {
            "the value must have at most 256 characters"
        } else if key.starts_with("aws:") {
            "the prefix aws: is reserved for system tags"
        } else if !key.chars().all(fits) || !value.chars().all(fits) {
            "a tag may hold letters, digits, spaces and + - = . _ : / @"
        } else if tags[..at].iter().any(|(earlier, _)| earlier == key) {
            "a key may be given only once"
        } else {
            continue;
        };
        return Err(validation(&format!(
            "One or more parameter values were invalid: Tag '{key}' is not valid: {wrong}"
        )));
    }
    if tags.len() > LIMIT {
        Err(too_many())
    } else {
        Ok(tags)
    }
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn one_invalid_tag_fails_the_call() {
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        for (tags, fits) in [
            (
                vec![
                    tag("provision:stack", "wild-rydes"),
                    tag("Provision:stack", ""),
                ],
                true,
            ),
            (vec![tag("a", "1"), tag("a", "2")], false),
            (vec![tag("aws:a", "1")], false),
            (vec![tag("a#", "1")], false),
            (vec![tag(&"k".repeat(129), "1")], false),
            ((0..51).map(|n| tag(&n.to_string(), "")).collect(), false),
        ] {
            assert_eq!(checked(tags.clone()).is_ok(), fits, "{tags:?}");
        }
    }
}
