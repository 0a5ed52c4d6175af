//! DescribeTable, and the descriptions in the answers of the calls that change a table.

use serde_json::{Map, Value, json};

use crate::api::error::ApiResult;
use crate::api::input::Input;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::services::dynamodb::description::{counts_of, overlay};
use crate::services::dynamodb::errors::no_table;
use crate::services::dynamodb::table_name::table_name;
use crate::state::table::{Status, Table};

/// How often DynamoDB counts items and bytes.
const COUNTED_EVERY: Millis = 6 * 3600 * 1000;

pub(crate) async fn describe(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = table_name(input)?;
    let state = cloud.store.read();
    let (table, status) = state
        .region(&call.region)
        .table(name, call.now)
        .ok_or_else(|| no_table(name))?;
    let description = in_dynoxide(cloud, call, name).await?;
    if call.now < table.counted + COUNTED_EVERY || status == Status::Deleting {
        return Ok(json!({ "Table": overlay(description, call, name, table, status) }));
    }
    let counted = Table {
        counts: counts_of(&description),
        counted: call.now,
        ..table.clone()
    };
    store_counts(cloud, call, name, &counted).await?;
    Ok(json!({ "Table": overlay(description, call, name, &counted, status) }))
}

/// A table as it is shown at this moment.
pub(crate) async fn shown(
    cloud: &Cloud,
    call: &Call,
    name: &str,
    table: &Table,
    status: Status,
) -> ApiResult<Value> {
    let description = in_dynoxide(cloud, call, name).await?;
    Ok(overlay(description, call, name, table, status))
}

/// dynoxide's description of a table.
pub(crate) async fn in_dynoxide(cloud: &Cloud, call: &Call, name: &str) -> ApiResult<Value> {
    let mut members = Map::new();
    members.insert("TableName".to_owned(), name.into());
    let operation = dynoxide::Database::describe_table;
    let databases = &cloud.databases;
    let answer = databases
        .run(&call.region, "DescribeTable", members, operation)
        .await?;
    Ok(answer.get("Table").cloned().unwrap_or_default())
}

/// Stores the counts for the next hours.
async fn store_counts(cloud: &Cloud, call: &Call, name: &str, counted: &Table) -> ApiResult<()> {
    let store = |state: &mut crate::state::State| {
        // Only the counts are stored: another call may have changed the table meanwhile.
        let tables = &mut state.region_mut(&call.region).tables;
        if let Some(table) = tables.get_mut(name).filter(|table| table.id == counted.id) {
            table.counts.clone_from(&counted.counts);
            table.counted = counted.counted;
        }
        Ok(())
    };
    cloud.store.change(store).await
}
