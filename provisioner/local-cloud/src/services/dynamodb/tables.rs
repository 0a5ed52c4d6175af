//! Tables: create, list and delete.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::account::ACCOUNT;
use crate::api::error::ApiResult;
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::random;
use crate::services::dynamodb::describe::shown as described;
use crate::services::dynamodb::description::overlay;
use crate::services::dynamodb::errors::{in_use, no_table, validation};
use crate::services::dynamodb::table_name::table_name;
use crate::services::dynamodb::{arn, backups, tags};
use crate::state::lagging::{Lagging, Stale};
use crate::state::table::{Billing, Locks, Status, Table};

pub(crate) async fn create(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = table_name(input)?.to_owned();
    let table_tags = tags::checked(input.tag_list("Tags")?.unwrap_or_default())?;
    let table = record(cloud, call, input, table_tags)?;
    // Between the check of the record and its creation dynoxide creates the table.
    let _one_at_a_time = cloud.tables_writer.lock().await;
    let existing = cloud
        .store
        .read()
        .region(&call.region)
        .table(&name, call.now)
        .map(|(_, status)| status);
    if existing.is_none() {
        delete_leftovers(cloud, call, &name).await?;
    }
    // dynoxide checks the request before it looks for the table, as AWS does.
    let created = create_in_dynoxide(cloud, call, &name, input).await;
    let description = match (existing, created) {
        (None, created) => created?,
        (Some(_), Err(error)) if error.code != "ResourceInUseException" => return Err(error),
        (Some(Status::Creating), _) => {
            return Err(in_use(&format!("Table is being created: {name}")));
        }
        (Some(Status::Active | Status::Updating | Status::Deleting), _) => {
            return Err(in_use(&format!("Table already exists: {name}")));
        }
    };
    let table = Table {
        keys: keys_of(&description),
        ..table
    };
    let mut shown = overlay(description, call, &name, &table, Status::Creating);
    if let Value::Object(shown) = &mut shown {
        shown.remove("WarmThroughput");
    }
    cloud
        .store
        .change(|state| {
            state.region_mut(&call.region).tables.insert(name, table);
            Ok(json!({ "TableDescription": shown }))
        })
        .await
}

/// Creates the table in dynoxide. Returns its description.
async fn create_in_dynoxide(
    cloud: &Cloud,
    call: &Call,
    name: &str,
    input: &Input,
) -> ApiResult<Value> {
    let mut members = input.0.clone();
    members.insert("TableName".to_owned(), name.into());
    // Only the record has it: dynoxide would refuse to delete a protected table.
    members.remove("DeletionProtectionEnabled");
    let operation = dynoxide::Database::create_table;
    let databases = &cloud.databases;
    let answer = databases
        .run(&call.region, "CreateTable", members, operation)
        .await?;
    Ok(answer.get("TableDescription").cloned().unwrap_or_default())
}

/// The record of a new table, without its keys.
fn record(
    cloud: &Cloud,
    call: &Call,
    input: &Input,
    tags: Vec<(String, String)>,
) -> ApiResult<Table> {
    let active_at = cloud.faults.after(call.now, Delay::TableCreating);
    Ok(Table {
        id: random::uuid(),
        created: call.now,
        active_at,
        updating_until: 0,
        gone_at: None,
        keys: Vec::new(),
        new_indexes: Vec::new(),
        counts: BTreeMap::new(),
        counted: call.now,
        billing: billing_of(input, call)?,
        protected: input.flag("DeletionProtectionEnabled")?.unwrap_or(false),
        class: input.text("TableClass")?.map(str::to_owned),
        on_demand_limits: on_demand_limits(input),
        warm: input.get("WarmThroughput").cloned(),
        encryption: encryption_of(input, &call.region)?,
        tags: Lagging::new(tags),
        locks: Locks {
            backups_unseen_until: cloud.faults.after(active_at, Delay::BackupsFound),
            backups_until: cloud.faults.after(active_at, Delay::BackupsUnavailable),
            ..Locks::default()
        },
        recovery: None,
        stale_recovery: Stale::default(),
        ttl: None,
    })
}

fn keys_of(description: &Value) -> Vec<String> {
    let schema = description.get("KeySchema").and_then(Value::as_array);
    let names = schema
        .into_iter()
        .flatten()
        .filter_map(|key| key.get("AttributeName"));
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// An empty structure sets no limit.
fn on_demand_limits(input: &Input) -> Option<Value> {
    let limits = input.get("OnDemandThroughput").cloned();
    limits.filter(|limits| limits.as_object().is_none_or(|members| !members.is_empty()))
}

fn billing_of(input: &Input, call: &Call) -> ApiResult<Billing> {
    if input.text("BillingMode")? == Some("PAY_PER_REQUEST") {
        return Ok(Billing {
            provisioned: None,
            on_demand_since: Some(call.now),
        });
    }
    let units = input.members("ProvisionedThroughput")?.unwrap_or_default();
    let of = |name: &str| units.number(name).map(|units| units.unwrap_or(1));
    let provisioned = (of("ReadCapacityUnits")?, of("WriteCapacityUnits")?);
    Ok(Billing {
        provisioned: Some(provisioned),
        on_demand_since: None,
    })
}

/// `None` for the key that AWS owns, which is the default.
pub(crate) fn encryption_of(input: &Input, region: &str) -> ApiResult<Option<Value>> {
    let Some(wanted) = input.members("SSESpecification")? else {
        return Ok(None);
    };
    if wanted.flag("Enabled")? != Some(true) {
        return Ok(None);
    }
    let key = match wanted.text("KMSMasterKeyId")? {
        Some(key) if key.starts_with("arn:") => key.to_owned(),
        Some(key) => format!("arn:aws:kms:{region}:{ACCOUNT}:key/{key}"),
        None => format!("arn:aws:kms:{region}:{ACCOUNT}:alias/aws/dynamodb"),
    };
    Ok(Some(
        json!({ "Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key }),
    ))
}

pub(crate) fn list(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let limit = match input.number("Limit")? {
        None => 100,
        Some(limit @ 1..=100) => usize::try_from(limit).unwrap_or(100),
        Some(limit) => {
            let bound = if limit < 1 {
                "greater than or equal to 1"
            } else {
                "less than or equal to 100"
            };
            return Err(validation(&format!(
                "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy \
                 constraint: Member must have value {bound}"
            )));
        }
    };
    let after = input.text("ExclusiveStartTableName")?.unwrap_or_default();
    let state = cloud.store.read();
    let region = state.region(&call.region);
    let there = |name: &&String| region.table(name, call.now).is_some();
    let mut names: Vec<&String> = region
        .tables
        .keys()
        .filter(|name| name.as_str() > after)
        .filter(there)
        .collect();
    let more = names.len() > limit;
    names.truncate(limit);
    let mut answer = json!({ "TableNames": names });
    if more {
        answer["LastEvaluatedTableName"] = json!(names.last());
    }
    Ok(answer)
}

pub(crate) async fn delete(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = table_name(input)?;
    let _one_at_a_time = cloud.tables_writer.lock().await;
    let state = cloud.store.read();
    let (table, status) = state
        .region(&call.region)
        .table(name, call.now)
        .ok_or_else(|| no_table(name))?;
    must_be_deletable(call, name, table, status)?;
    let mut shown = described(cloud, call, name, table, Status::Deleting).await?;
    let backup = backups::of_deleted(name, table, call.now, &shown);
    if let Value::Object(shown) = &mut shown {
        // AWS's answer lacks these too.
        for name in [
            "AttributeDefinitions",
            "KeySchema",
            "CreationDateTime",
            "WarmThroughput",
        ] {
            shown.remove(name);
        }
    }
    let gone_at = cloud.faults.after(call.now, Delay::TableDeleting);
    cloud
        .store
        .change(|state| {
            let region = state.region_mut(&call.region);
            if gone_at <= call.now {
                region.tables.remove(name);
            } else if let Some(table) = region.tables.get_mut(name) {
                table.gone_at = Some(gone_at);
            }
            region.backups.extend(backup);
            Ok(())
        })
        .await?;
    if gone_at <= call.now {
        delete_leftovers(cloud, call, name).await?;
    }
    Ok(json!({ "TableDescription": shown }))
}

fn must_be_deletable(call: &Call, name: &str, table: &Table, status: Status) -> ApiResult<()> {
    let updating = "Attempt to change a resource which is still in use: Table is being updated: ";
    match status {
        Status::Creating => return Err(in_use(&format!("Table is being created: {name}"))),
        Status::Deleting => return Err(in_use(&format!("Table is being deleted: {name}"))),
        Status::Updating => return Err(in_use(&format!("{updating}{name}"))),
        Status::Active => {}
    }
    if table.protected {
        let arn = arn::of_table(&call.region, name);
        return Err(validation(&format!(
            "Resource cannot be deleted as it is currently protected against deletion. Disable \
             deletion protection first. Resource: {arn}"
        )));
    }
    // Changes of tags and of the encryption go on while the table is ACTIVE.
    if call.now < table.locks.tags_until {
        return Err(in_use(&format!("Table tags are being updated: {name}")));
    }
    if call.now < table.locks.encryption_until {
        return Err(in_use(&format!("{updating}{name}")));
    }
    Ok(())
}

/// Deletes what dynoxide still has under a name that has no record.
async fn delete_leftovers(cloud: &Cloud, call: &Call, name: &str) -> ApiResult<()> {
    let mut members = Map::new();
    members.insert("TableName".to_owned(), name.into());
    let deleted = cloud
        .databases
        .run(
            &call.region,
            "DeleteTable",
            members,
            dynoxide::Database::delete_table,
        )
        .await;
    match deleted {
        Ok(_) => Ok(()),
        Err(error) if error.code == "ResourceNotFoundException" => Ok(()),
        Err(error) => Err(error),
    }
}

/// Deletes the tables whose deletion is due.
pub(crate) async fn purge_deleted(cloud: &Cloud, call: &Call) -> ApiResult<()> {
    let is_due = |table: &Table| table.gone_at.is_some_and(|at| at <= call.now);
    if !cloud
        .store
        .read()
        .region(&call.region)
        .tables
        .values()
        .any(is_due)
    {
        return Ok(());
    }
    let _one_at_a_time = cloud.tables_writer.lock().await;
    let state = cloud.store.read();
    let tables = state.region(&call.region).tables.iter();
    let names: Vec<String> = tables
        .filter(|(_, table)| is_due(table))
        .map(|(name, _)| name.clone())
        .collect();
    for name in &names {
        delete_leftovers(cloud, call, name).await?;
    }
    let remove = |state: &mut crate::state::State| {
        state
            .region_mut(&call.region)
            .tables
            .retain(|name, _| !names.contains(name));
        Ok(())
    };
    cloud.store.change(remove).await
}
