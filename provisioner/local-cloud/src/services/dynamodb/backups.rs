//! Point-in-time recovery, and the system backup of a deleted table.

use serde_json::{Map, Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::{Millis, epoch_seconds};
use crate::cloud::Cloud;
use crate::encode::hex;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::random;
use crate::services::dynamodb::arn;
use crate::services::dynamodb::errors::validation;
use crate::services::dynamodb::table_name::table_name;
use crate::state::State;
use crate::state::table::{Backup, Recovery, Status, Table};

const DAY: Millis = 24 * 3600 * 1000;
/// How long AWS keeps the backup of a deleted table. It cannot be deleted earlier.
const KEPT_DAYS: i64 = 35;

/// The system backup of a deleted table, if the table had point-in-time recovery. `shown` is the table
/// as DescribeTable shows it.
pub(crate) fn of_deleted(name: &str, table: &Table, now: Millis, shown: &Value) -> Option<Backup> {
    table.recovery.as_ref()?;
    let bytes = shown["TableSizeBytes"].as_i64().unwrap_or(0);
    Some(Backup {
        id: format!("{now:014}-{}", hex(&random::bytes::<4>())),
        table: name.to_owned(),
        table_id: table.id.clone(),
        created: now,
        expires: now + KEPT_DAYS * DAY,
        bytes,
        source: Some(source_of(table, shown)),
        features: Some(features_of(table, shown)),
    })
}

fn source_of(table: &Table, shown: &Value) -> Value {
    let (read, write) = table.billing.provisioned.unwrap_or((0, 0));
    let mode = match table.billing.provisioned {
        Some(_) => "PROVISIONED",
        None => "PAY_PER_REQUEST",
    };
    json!({
        "TableSizeBytes": shown["TableSizeBytes"],
        "KeySchema": shown["KeySchema"],
        "TableCreationDateTime": shown["CreationDateTime"],
        "ProvisionedThroughput": { "ReadCapacityUnits": read, "WriteCapacityUnits": write },
        "ItemCount": shown["ItemCount"],
        "BillingMode": mode,
    })
}

/// The indexes, the stream, the TTL and the encryption of a table, as far as it has them.
fn features_of(table: &Table, shown: &Value) -> Value {
    let mut features = Map::new();
    for kind in ["LocalSecondaryIndexes", "GlobalSecondaryIndexes"] {
        let Some(Value::Array(indexes)) = shown.get(kind) else {
            continue;
        };
        let index_of = |index: &Value| {
            json!({
                "IndexName": index["IndexName"],
                "KeySchema": index["KeySchema"],
                "Projection": index["Projection"],
            })
        };
        let indexes = indexes.iter().map(index_of).collect();
        features.insert(kind.to_owned(), Value::Array(indexes));
    }
    for (feature, member) in [
        ("StreamDescription", "StreamSpecification"),
        ("SSEDescription", "SSEDescription"),
    ] {
        if let Some(value) = shown.get(member).filter(|value| !value.is_null()) {
            features.insert(feature.to_owned(), value.clone());
        }
    }
    let ttl = match &table.ttl {
        Some(attribute) => json!({ "TimeToLiveStatus": "ENABLED", "AttributeName": attribute }),
        None => json!({ "TimeToLiveStatus": "DISABLED" }),
    };
    features.insert("TimeToLiveDescription".to_owned(), ttl);
    Value::Object(features)
}

/// The table that a request names. These calls have an error code of their own for a table that does
/// not exist, is being created, or was created a moment ago.
fn table<'s, 'i>(
    state: &'s State,
    call: &Call,
    input: &'i Input,
) -> ApiResult<(&'i str, &'s Table)> {
    let name = table_name(input)?;
    let found = match state.region(&call.region).table(name, call.now) {
        Some((table, Status::Active | Status::Updating)) => Some(table),
        Some((_, Status::Creating | Status::Deleting)) | None => None,
    };
    let found = found.filter(|table| table.locks.backups_unseen_until <= call.now);
    let missing = || {
        let text = format!("Table not found: {name}");
        ApiError::new(400, "TableNotFoundException", text)
    };
    Ok((name, found.ok_or_else(missing)?))
}

pub(crate) fn describe_continuous(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let state = cloud.store.read();
    let (_, table) = table(&state, call, input)?;
    let shown = match table.stale_recovery.at(call.now) {
        Some(status) => description(json!({ "PointInTimeRecoveryStatus": status })),
        None => shown(table.recovery.as_ref(), call.now),
    };
    Ok(shown)
}

fn shown(recovery: Option<&Recovery>, now: Millis) -> Value {
    description(match recovery {
        None => json!({ "PointInTimeRecoveryStatus": "DISABLED" }),
        Some(Recovery { since, days }) => json!({
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": days,
            "EarliestRestorableDateTime": epoch_seconds((*since).max(now - days * DAY)),
            "LatestRestorableDateTime": epoch_seconds(now),
        }),
    })
}

fn description(recovery: Value) -> Value {
    json!({ "ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": recovery,
    }})
}

pub(crate) async fn update_continuous(
    cloud: &Cloud,
    call: &Call,
    input: &Input,
) -> ApiResult<Value> {
    let wanted = input
        .members("PointInTimeRecoverySpecification")?
        .unwrap_or_default();
    let Some(enabled) = wanted.flag("PointInTimeRecoveryEnabled")? else {
        return Err(validation(
            "1 validation error detected: Value null at \
             'pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled' failed to satisfy \
             constraint: Member must not be null",
        ));
    };
    let days = wanted.number("RecoveryPeriodInDays")?;
    if let Some(days) = days.filter(|days| !(1..=35).contains(days)) {
        return Err(validation(&format!(
            "1 validation error detected: Value '{days}' at \
             'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy constraint: \
             Member must have value between 1 and 35"
        )));
    }
    cloud
        .store
        .change(|state| {
            let (name, table) = table(state, call, input)?;
            if call.now < table.locks.backups_until {
                return Err(ApiError::new(
                    400,
                    "ContinuousBackupsUnavailableException",
                    format!("Backups are being enabled for the table: {name}. Please retry later"),
                ));
            }
            let old = table.recovery.clone();
            let recovery = enabled.then(|| Recovery {
                since: old.as_ref().map_or(call.now, |old| old.since),
                days: days.or(old.map(|old| old.days)).unwrap_or(KEPT_DAYS),
            });
            let shown = shown(recovery.as_ref(), call.now);
            let shown_at = cloud.faults.after(call.now, Delay::RecoveryShown);
            if let Some(table) = state.region_mut(&call.region).tables.get_mut(name) {
                show_later(table, enabled, call.now, shown_at);
                table.recovery = recovery;
            }
            Ok(shown)
        })
        .await
}

/// Reads show the old status for a while, then a status that is in no API model.
fn show_later(table: &mut Table, enabled: bool, now: Millis, shown_at: Millis) {
    let (old, changing) = match (table.recovery.is_some(), enabled) {
        (false, true) => ("DISABLED", "ENABLING"),
        (true, false) => ("ENABLED", "DISABLING"),
        (true, true) | (false, false) => return,
    };
    let changing_at = now + (shown_at - now) / 2;
    let stale = &mut table.stale_recovery;
    stale.keep(old.to_owned(), now, changing_at);
    stale.keep(changing.to_owned(), now, shown_at);
}

pub(crate) fn list(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let wanted = input.text("TableName")?.map(arn::name_of);
    let system = matches!(input.text("BackupType")?, Some("SYSTEM" | "ALL"));
    let state = cloud.store.read();
    let backups = state.region(&call.region).backups.iter();
    let backups = backups
        .filter(|backup| system && backup.expires > call.now)
        .filter(|backup| wanted.is_none_or(|name| name == backup.table));
    let shown: Vec<Value> = backups.map(|backup| summary(call, backup)).collect();
    page(shown, input)
}

/// A page of the list, behind the backup with the ARN `ExclusiveStartBackupArn`.
fn page(mut backups: Vec<Value>, input: &Input) -> ApiResult<Value> {
    let limit = match input.number("Limit")? {
        None => 100,
        Some(limit @ 1..=100) => usize::try_from(limit).unwrap_or(100),
        Some(limit) => {
            return Err(validation(&format!(
                "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy \
                 constraint: Member must have value between 1 and 100"
            )));
        }
    };
    if let Some(start) = input.text("ExclusiveStartBackupArn")? {
        let found = backups
            .iter()
            .position(|backup| backup["BackupArn"] == start);
        backups.drain(..found.map_or(0, |at| at + 1));
    }
    let has_more = backups.len() > limit;
    backups.truncate(limit);
    let last = backups.last().map(|backup| backup["BackupArn"].clone());
    let mut answer = json!({ "BackupSummaries": backups });
    if has_more {
        answer["LastEvaluatedBackupArn"] = json!(last);
    }
    Ok(answer)
}

fn arn_of(call: &Call, backup: &Backup) -> String {
    let table_arn = arn::of_table(&call.region, &backup.table);
    format!("{table_arn}/backup/{}", backup.id)
}

/// What describes the backup itself.
fn details(call: &Call, backup: &Backup) -> Map<String, Value> {
    let details = json!({
        "BackupArn": arn_of(call, backup),
        "BackupName": format!("{}$DeletedTableBackup", backup.table),
        "BackupCreationDateTime": epoch_seconds(backup.created),
        "BackupExpiryDateTime": epoch_seconds(backup.expires),
        "BackupStatus": "AVAILABLE",
        "BackupType": "SYSTEM",
        "BackupSizeBytes": backup.bytes,
    });
    details.as_object().cloned().unwrap_or_default()
}

/// What names the table that was backed up.
fn table_names(call: &Call, backup: &Backup) -> Map<String, Value> {
    let names = json!({
        "TableName": backup.table,
        "TableId": backup.table_id,
        "TableArn": arn::of_table(&call.region, &backup.table),
    });
    names.as_object().cloned().unwrap_or_default()
}

/// A backup as ListBackups shows it.
fn summary(call: &Call, backup: &Backup) -> Value {
    let mut summary = details(call, backup);
    summary.extend(table_names(call, backup));
    Value::Object(summary)
}

/// The table as it was when it was backed up.
fn source_table(call: &Call, backup: &Backup) -> Value {
    let mut source = table_names(call, backup);
    if let Some(Value::Object(table)) = &backup.source {
        source.extend(table.clone());
    }
    Value::Object(source)
}

fn find<'a>(state: &'a State, call: &Call, input: &Input) -> ApiResult<&'a Backup> {
    let given = input.required("BackupArn", |_| validation("BackupArn is required"))?;
    let mut backups = state.region(&call.region).backups.iter();
    let found = backups.find(|backup| arn_of(call, backup) == given && backup.expires > call.now);
    found.ok_or_else(|| {
        ApiError::new(
            400,
            "BackupNotFoundException",
            format!("Backup not found: {given}"),
        )
    })
}

pub(crate) fn describe(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let state = cloud.store.read();
    let backup = find(&state, call, input)?;
    Ok(json!({ "BackupDescription": {
        "BackupDetails": details(call, backup),
        "SourceTableDetails": source_table(call, backup),
        "SourceTableFeatureDetails": backup.features.as_ref().unwrap_or(&json!({})),
    }}))
}

pub(crate) fn delete(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let state = cloud.store.read();
    find(&state, call, input)?;
    Err(validation(
        "One or more parameter values were invalid: a system backup cannot be deleted; it expires \
         35 days after its table was deleted",
    ))
}

#[cfg(test)]
mod tests {
    use super::page;
    use crate::api::input::Input;
    use serde_json::json;

    #[test]
    fn backups_are_listed_page_by_page() {
        let check = |request: serde_json::Value, expected: serde_json::Value| {
            let input = Input(request.as_object().unwrap().clone());
            let backups = ["a", "b", "c"].map(|arn| json!({ "BackupArn": arn }));
            assert_eq!(page(backups.to_vec(), &input).unwrap(), expected);
        };
        let [a, b, c] = ["a", "b", "c"].map(|arn| json!({ "BackupArn": arn }));
        check(json!({}), json!({ "BackupSummaries": [a, b, c] }));
        check(
            json!({ "Limit": 2 }),
            json!({ "BackupSummaries": [a, b], "LastEvaluatedBackupArn": "b" }),
        );
        check(
            json!({ "Limit": 2, "ExclusiveStartBackupArn": "b" }),
            json!({ "BackupSummaries": [c] }),
        );
    }
}
