//! UpdateTable: one logical change in each call.

use serde_json::{Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::{Millis, iso_seconds};
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::services::dynamodb::describe::describe;
use crate::services::dynamodb::errors::{in_use, no_table, validation};
use crate::services::dynamodb::table_name::table_name;
use crate::services::dynamodb::tables;
use crate::services::dynamodb::tables::encryption_of;
use crate::state::table::{Status, Table};

/// Changes that must be the only one of their call.
const ALONE: &[&str] = &[
    "DeletionProtectionEnabled",
    "SSESpecification",
    "TableClass",
    "WarmThroughput",
];
/// Changes that one call may combine.
const TOGETHER: &[&str] = &[
    "BillingMode",
    "ProvisionedThroughput",
    "OnDemandThroughput",
    "StreamSpecification",
    "GlobalSecondaryIndexUpdates",
];
/// Those that dynoxide carries out.
const OF_DYNOXIDE: &[&str] = &["StreamSpecification", "GlobalSecondaryIndexUpdates"];
/// Those that the local cloud does not have.
const UNSUPPORTED: &[&str] = &[
    "ReplicaUpdates",
    "MultiRegionConsistency",
    "GlobalTableWitnessUpdates",
    "GlobalTableSettingsReplicationMode",
    "VectorIndexUpdates",
];

pub(crate) async fn update(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = table_name(input)?;
    check_changes(input)?;
    let _one_at_a_time = cloud.tables_writer.lock().await;
    let state = cloud.store.read();
    let (old, status) = state
        .region(&call.region)
        .table(name, call.now)
        .ok_or_else(|| no_table(name))?;
    must_be_changeable(name, status, input)?;
    let mut new = old.clone();
    change_billing(&mut new, input, call)?;
    let until = update_ends(cloud, call, old, &new, input);
    change_protection(cloud, call, name, &mut new, input)?;
    change_class(&mut new, input)?;
    if input.has("SSESpecification") {
        new.encryption = encryption_of(input, &call.region)?;
    }
    if let Some(warm) = input.get("WarmThroughput") {
        new.warm = Some(warm.clone());
    }
    if OF_DYNOXIDE.iter().any(|member| input.has(member)) {
        new.description = update_in_dynoxide(cloud, call, name, input).await?;
        new.counted = call.now;
    }
    new.updating_until = until.unwrap_or(new.updating_until);
    if new.encryption != old.encryption {
        new.locks.encryption_until = cloud.faults.after(call.now, Delay::TableUpdating);
    }
    // The answer is not the new state: it has the old values, and UPDATING even if nothing changes.
    let (shown, status) = match input.has("DeletionProtectionEnabled") {
        true => (&new, status),
        false => (old, Status::Updating),
    };
    let shown = describe(call, name, shown, status);
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

fn must_be_changeable(name: &str, status: Status, input: &Input) -> ApiResult<()> {
    let change = match status {
        Status::Active => return Ok(()),
        // A change of the deletion protection alone is accepted during another change.
        Status::Updating if input.has("DeletionProtectionEnabled") => return Ok(()),
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
    input: &Input,
) -> ApiResult<()> {
    let Some(protected) = input.flag("DeletionProtectionEnabled")? else {
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

fn change_class(table: &mut Table, input: &Input) -> ApiResult<()> {
    match input.text("TableClass")? {
        None => {}
        // A table whose class was never set has STANDARD already, and still does not show it.
        Some("STANDARD") if table.class.is_none() => {}
        Some(class @ ("STANDARD" | "STANDARD_INFREQUENT_ACCESS")) => {
            table.class = Some(class.to_owned());
        }
        Some(class) => {
            return Err(validation(&format!(
                "1 validation error detected: Value '{class}' at 'tableClass' failed to satisfy \
                 constraint: Member must satisfy enum value set: [STANDARD, STANDARD_INFREQUENT_ACCESS]"
            )));
        }
    }
    Ok(())
}

/// Changes streams and indexes. Returns dynoxide's new description of the table.
async fn update_in_dynoxide(
    cloud: &Cloud,
    call: &Call,
    name: &str,
    input: &Input,
) -> ApiResult<Value> {
    let mut members = input.0.clone();
    members.insert("TableName".to_owned(), name.into());
    for member in TOGETHER {
        if !OF_DYNOXIDE.contains(member) {
            members.remove(*member);
        }
    }
    let operation = dynoxide::Database::update_table;
    let databases = &cloud.databases;
    databases
        .run(&call.region, "UpdateTable", members, operation)
        .await?;
    // The answer still shows the change in progress, which dynoxide has finished by now.
    tables::dynoxide_description(cloud, call, name).await
}

/// When the table is ACTIVE again. `None` if nothing changes, or if the table stays ACTIVE.
fn update_ends(
    cloud: &Cloud,
    call: &Call,
    old: &Table,
    new: &Table,
    input: &Input,
) -> Option<Millis> {
    let was_on_demand = old.billing.on_demand_since.is_some();
    let mode_changes = old.billing.provisioned.is_some() != new.billing.provisioned.is_some();
    let back_again = was_on_demand && new.billing.provisioned.is_none();
    if mode_changes && !back_again {
        return Some(cloud.faults.after(call.now, Delay::TableBilling));
    }
    let changes = old.billing != new.billing
        || old.on_demand_limits != new.on_demand_limits
        || OF_DYNOXIDE.iter().any(|member| input.has(member));
    changes.then(|| cloud.faults.after(call.now, Delay::TableUpdating))
}

fn check_changes(input: &Input) -> ApiResult<()> {
    if let Some(member) = UNSUPPORTED.iter().find(|member| input.has(member)) {
        return Err(ApiError::missing(&format!(
            "{member} of dynamodb:UpdateTable"
        )));
    }
    let count = ALONE
        .iter()
        .chain(TOGETHER)
        .filter(|member| input.has(member))
        .count();
    if count == 0 {
        return Err(validation(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, \
             GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required",
        ));
    }
    if count > 1
        && let Some(member) = ALONE.iter().find(|member| input.has(member))
    {
        return Err(validation(&format!(
            "One or more parameter values were invalid: {member} must be the only operation in the \
             request"
        )));
    }
    // AWS answers these with a 500 and an empty message.
    for member in ["WarmThroughput", "OnDemandThroughput"] {
        if input
            .get(member)
            .is_some_and(|value| value.as_object().is_some_and(|m| m.is_empty()))
        {
            return Err(ApiError::internal(""));
        }
    }
    Ok(())
}

fn change_billing(table: &mut Table, input: &Input, call: &Call) -> ApiResult<()> {
    match (input.text("BillingMode")?, capacity_units(input)?) {
        (Some("PAY_PER_REQUEST"), Some(_)) => {
            return Err(validation(
                "One or more parameter values were invalid: Neither ReadCapacityUnits nor \
                 WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
            ));
        }
        (Some("PAY_PER_REQUEST"), None) => {
            if table.billing.provisioned.take().is_some() {
                table.billing.on_demand_since = Some(call.now);
            }
        }
        (Some("PROVISIONED"), None) if table.billing.provisioned.is_none() => {
            return Err(validation(
                "One or more parameter values were invalid: ReadCapacityUnits and \
                 WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
            ));
        }
        (Some("PROVISIONED"), None) | (None, None) => {}
        (None, Some(_)) if table.billing.provisioned.is_none() => {
            return Err(validation(
                "One or more parameter values were invalid: Neither ReadCapacityUnits nor \
                 WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
            ));
        }
        (Some("PROVISIONED") | None, Some((read, write))) => {
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
        (Some(mode), _) => {
            return Err(validation(&format!(
                "1 validation error detected: Value '{mode}' at 'billingMode' failed to satisfy \
                 constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]"
            )));
        }
    }
    if let Some(limits) = input.members("OnDemandThroughput")? {
        change_limits(table, &limits)?;
    }
    Ok(())
}

/// The read and write capacity in a request.
fn capacity_units(input: &Input) -> ApiResult<Option<(i64, i64)>> {
    let Some(units) = input.members("ProvisionedThroughput")? else {
        return Ok(None);
    };
    let read = units.number("ReadCapacityUnits")?.unwrap_or(0);
    let write = units.number("WriteCapacityUnits")?.unwrap_or(0);
    if read < 1 || write < 1 {
        return Err(validation(
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits \
             must be at least 1",
        ));
    }
    Ok(Some((read, write)))
}

/// Sets the limits on demand; -1 removes one.
fn change_limits(table: &mut Table, limits: &Input) -> ApiResult<()> {
    let mut new = table.on_demand_limits.clone().unwrap_or_else(|| json!({}));
    for name in ["MaxReadRequestUnits", "MaxWriteRequestUnits"] {
        match (limits.number(name)?, new.as_object_mut()) {
            (Some(-1), Some(new)) => {
                new.remove(name);
            }
            (Some(units), Some(new)) => {
                new.insert(name.to_owned(), units.into());
            }
            (None, _) | (_, None) => {}
        }
    }
    table.on_demand_limits = new
        .as_object()
        .is_some_and(|m| !m.is_empty())
        .then_some(new);
    Ok(())
}
