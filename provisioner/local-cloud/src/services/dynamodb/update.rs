//! UpdateTable: one logical change in each call.

use serde_json::{Map, Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::{Millis, iso_seconds};
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::services::dynamodb::absent::{error_of, unused_name};
use crate::services::dynamodb::describe::shown;
use crate::services::dynamodb::errors::{in_use, no_table, validation};
use crate::services::dynamodb::table_name::table_name;
use crate::services::dynamodb::update_request::{self, BillingMode, Changes, capacity_on_demand};
use crate::state::State;
use crate::state::table::{Status, Table};

pub(crate) async fn update(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = table_name(input)?;
    let changes = update_request::read(input, &call.region)?;
    let _one_at_a_time = cloud.tables_writer.lock().await;
    let state = cloud.store.read();
    let changeable = changeable(&state, call, name, &changes);
    let (old, status) = match changeable {
        Ok(found) => found,
        Err(error) => return Err(checked_in_dynoxide(cloud, call, name, &changes, error).await),
    };
    let mut new = old.clone();
    change_billing(&mut new, &changes, call)?;
    change_limits(&mut new, &changes.limits);
    let until = update_ends(cloud, call, old, &new, &changes);
    change_protection(cloud, call, name, &mut new, changes.protected)?;
    change_class(&mut new, changes.class);
    new.encryption = changes.encryption.unwrap_or(new.encryption);
    new.warm = changes.warm.or(new.warm);
    if let Some(members) = changes.of_dynoxide {
        update_in_dynoxide(cloud, call, name, members).await?;
        new.new_indexes = changes.new_indexes;
    }
    new.updating_until = until.unwrap_or(new.updating_until);
    if new.encryption != old.encryption {
        new.locks.encryption_until = cloud.faults.after(call.now, Delay::TableUpdating);
    }
    // The answer is not the new state: it has the old values, and UPDATING even if nothing changes.
    // Only a new index is in it.
    let answered = Table {
        new_indexes: new.new_indexes.clone(),
        ..old.clone()
    };
    let (answered, status) = match changes.protected {
        Some(_) => (&new, status),
        None => (&answered, Status::Updating),
    };
    let shown = shown(cloud, call, name, answered, status).await?;
    cloud
        .store
        .change(|state| {
            state
                .region_mut(&call.region)
                .tables
                .insert(name.to_owned(), new);
            Ok(json!({ "TableDescription": shown }))
        })
        .await
}

/// The table, if it exists and can be changed.
fn changeable<'a>(
    state: &'a State,
    call: &Call,
    name: &str,
    changes: &Changes,
) -> ApiResult<(&'a Table, Status)> {
    let found = state.region(&call.region).table(name, call.now);
    let (table, status) = found.ok_or_else(|| no_table(name))?;
    must_be_changeable(name, status, changes)?;
    Ok((table, status))
}

/// What dynoxide finds wrong with the request, or else the error that its table is the cause of.
async fn checked_in_dynoxide(
    cloud: &Cloud,
    call: &Call,
    name: &str,
    changes: &Changes,
    error: ApiError,
) -> ApiError {
    let Some(members) = changes.of_dynoxide.clone() else {
        return error;
    };
    let unused = unused_name();
    let result = update_in_dynoxide(cloud, call, &unused, members).await;
    error_of(result, &[(unused, name.to_owned())], error)
}

fn must_be_changeable(name: &str, status: Status, changes: &Changes) -> ApiResult<()> {
    let change = match status {
        Status::Active => return Ok(()),
        // A change of the deletion protection alone is accepted during another change.
        Status::Updating if changes.protected.is_some() => return Ok(()),
        Status::Creating => return Err(in_use(&format!("Table is being created: {name}"))),
        Status::Updating => "updated",
        Status::Deleting => "deleted",
    };
    Err(in_use(&format!(
        "Attempt to change a resource which is still in use: Table is being {change}: {name}"
    )))
}

fn change_protection(
    cloud: &Cloud,
    call: &Call,
    name: &str,
    table: &mut Table,
    protected: Option<bool>,
) -> ApiResult<()> {
    let Some(protected) = protected else {
        return Ok(());
    };
    if protected != table.protected {
        if call.now < table.locks.protection_until {
            let until = iso_seconds(table.locks.protection_until);
            return Err(ApiError::new(
                400,
                "ThrottlingException",
                format!(
                    "Deletion protection setting for table {name} was changed a moment ago. \
                     Try again after {until}"
                ),
            ));
        }
        table.locks.protection_until = cloud.faults.after(call.now, Delay::ProtectionCooldown);
    }
    table.protected = protected;
    Ok(())
}

fn change_class(table: &mut Table, class: Option<String>) {
    // A table whose class was never set has STANDARD already, and still does not show it.
    let is_default = table.class.is_none() && class.as_deref() == Some("STANDARD");
    if let Some(class) = class.filter(|_| !is_default) {
        table.class = Some(class);
    }
}

/// Changes streams and indexes.
async fn update_in_dynoxide(
    cloud: &Cloud,
    call: &Call,
    name: &str,
    mut members: Map<String, Value>,
) -> ApiResult<()> {
    members.insert("TableName".to_owned(), name.into());
    let operation = dynoxide::Database::update_table;
    let databases = &cloud.databases;
    databases
        .run(&call.region, "UpdateTable", members, operation)
        .await?;
    Ok(())
}

/// When the table is ACTIVE again. `None` if nothing changes, or if the table stays ACTIVE.
fn update_ends(
    cloud: &Cloud,
    call: &Call,
    old: &Table,
    new: &Table,
    changes: &Changes,
) -> Option<Millis> {
    let was_on_demand = old.billing.on_demand_since.is_some();
    let mode_changes = old.billing.provisioned.is_some() != new.billing.provisioned.is_some();
    let back_again = was_on_demand && new.billing.provisioned.is_none();
    if mode_changes && !back_again {
        return Some(cloud.faults.after(call.now, Delay::TableBilling));
    }
    let is_change = old.billing != new.billing
        || old.on_demand_limits != new.on_demand_limits
        || changes.of_dynoxide.is_some();
    is_change.then(|| cloud.faults.after(call.now, Delay::TableUpdating))
}

fn change_billing(table: &mut Table, changes: &Changes, call: &Call) -> ApiResult<()> {
    let is_on_demand = table.billing.provisioned.is_none();
    match (changes.mode, changes.capacity) {
        (Some(BillingMode::OnDemand), _) => {
            if table.billing.provisioned.take().is_some() {
                table.billing.on_demand_since = Some(call.now);
            }
        }
        (Some(BillingMode::Provisioned), None) if is_on_demand => {
            return Err(validation(
                "One or more parameter values were invalid: ReadCapacityUnits and \
                 WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
            ));
        }
        (Some(BillingMode::Provisioned) | None, None) => {}
        (None, Some(_)) if is_on_demand => return Err(capacity_on_demand()),
        (Some(BillingMode::Provisioned) | None, Some((read, write))) => {
            if table.billing.provisioned == Some((read, write)) {
                return Err(validation(&format!(
                    "The provisioned throughput for the table will not change. The requested value \
                     equals the current value. Current ReadCapacityUnits provisioned for the table: \
                     {read}. Requested ReadCapacityUnits: {read}. Current WriteCapacityUnits \
                     provisioned for the table: {write}. Requested WriteCapacityUnits: {write}. \
                     Refer to the Amazon DynamoDB Developer Guide for current limits and how to \
                     request higher limits."
                )));
            }
            table.billing.provisioned = Some((read, write));
        }
    }
    Ok(())
}

/// Sets the limits on demand; -1 removes one.
fn change_limits(table: &mut Table, limits: &[(&'static str, i64)]) {
    let mut new = match table.on_demand_limits.take() {
        Some(Value::Object(old)) => old,
        Some(_) | None => Map::new(),
    };
    for (name, units) in limits {
        match units {
            -1 => new.remove(*name),
            units => new.insert((*name).to_owned(), json!(units)),
        };
    }
    table.on_demand_limits = (!new.is_empty()).then_some(Value::Object(new));
}
