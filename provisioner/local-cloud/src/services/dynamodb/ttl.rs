//! Time to live: the attribute by which items expire. (Here they never do; AWS may take days.)

use serde_json::{Value, json};

use crate::api::error::ApiResult;
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::services::dynamodb::errors::{no_table, validation};
use crate::services::dynamodb::table_name::table_name;
use crate::state::State;
use crate::state::table::{Status, Table};

fn table<'s, 'i>(
    state: &'s State,
    call: &Call,
    input: &'i Input,
) -> ApiResult<(&'i str, &'s Table)> {
    let name = table_name(input)?;
    match state.region(&call.region).table(name, call.now) {
        Some((table, Status::Active | Status::Updating)) => Ok((name, table)),
        Some((_, Status::Creating)) => Err(validation("Table is being created")),
        Some((_, Status::Deleting)) => Err(validation("Table is being deleted")),
        None => Err(no_table(name)),
    }
}

pub(crate) fn describe(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let state = cloud.store.read();
    let (_, table) = table(&state, call, input)?;
    Ok(json!({ "TimeToLiveDescription": match &table.ttl {
        Some(attribute) => json!({ "TimeToLiveStatus": "ENABLED", "AttributeName": attribute }),
        None => json!({ "TimeToLiveStatus": "DISABLED" }),
    }}))
}

pub(crate) async fn update(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let wanted = input
        .members("TimeToLiveSpecification")?
        .unwrap_or_default();
    let (enabled, attribute) = (wanted.flag("Enabled")?, wanted.text("AttributeName")?);
    let (Some(enabled), Some(attribute)) = (enabled, attribute.filter(|name| !name.is_empty()))
    else {
        return Err(validation(
            "TimeToLiveSpecification needs Enabled and AttributeName",
        ));
    };
    cloud
        .store
        .change(|state| {
            let (name, table) = table(state, call, input)?;
            match (&table.ttl, enabled) {
                (Some(_), true) => return Err(validation("TimeToLive is already enabled")),
                (None, false) => return Err(validation("TimeToLive is already disabled")),
                (Some(old), false) if old != attribute => {
                    return Err(validation(&format!(
                        "TimeToLive is active on a different AttributeName: current AttributeName is {old}"
                    )));
                }
                (Some(_), false) | (None, true) => {}
            }
            if call.now < table.locks.ttl_until {
                let text = "Time to live has been modified multiple times within a fixed interval";
                return Err(validation(text));
            }
            let ttl_until = cloud.faults.after(call.now, Delay::TtlCooldown);
            if let Some(table) = state.region_mut(&call.region).tables.get_mut(name) {
                table.ttl = enabled.then(|| attribute.to_owned());
                table.locks.ttl_until = ttl_until;
            }
            let shown = json!({ "Enabled": enabled, "AttributeName": attribute });
            Ok(json!({ "TimeToLiveSpecification": shown }))
        })
        .await
}
