//! DynamoDB: dynoxide keeps the items, this module what surrounds them.
//!
//! A table exists if its record is in the state; what dynoxide holds beyond that is left from a
//! call that was never answered, and is cleared when its name is used again.

mod arn;
mod backups;
mod database;
mod describe;
mod items;
pub(crate) mod model;
mod needs;
mod tables;
mod tags;
mod ttl;
mod update;

pub(crate) use database::Databases;
pub(crate) use needs::needs;

use serde_json::Value;

use crate::call::Call;
use crate::cloud::Cloud;
use crate::error::{ApiError, ApiResult};
use crate::input::Input;

pub(crate) async fn handle(
    cloud: &Cloud,
    call: &Call,
    action: &str,
    input: &Input,
) -> ApiResult<Value> {
    tables::bury(cloud, call).await?;
    match action {
        "CreateTable" => tables::create(cloud, call, input).await,
        "DescribeTable" => tables::describe(cloud, call, input).await,
        "ListTables" => tables::list(cloud, call, input),
        "UpdateTable" => update::update(cloud, call, input).await,
        "DeleteTable" => tables::delete(cloud, call, input).await,
        "TagResource" => tags::tag(cloud, call, input).await,
        "UntagResource" => tags::untag(cloud, call, input).await,
        "ListTagsOfResource" => tags::list(cloud, call, input),
        "DescribeContinuousBackups" => backups::describe_continuous(cloud, call, input),
        "UpdateContinuousBackups" => backups::update_continuous(cloud, call, input).await,
        "ListBackups" => backups::list(cloud, call, input),
        "DescribeBackup" => backups::describe(cloud, call, input),
        "DeleteBackup" => backups::delete(cloud, call, input),
        "DescribeTimeToLive" => ttl::describe(cloud, call, input),
        "UpdateTimeToLive" => ttl::update(cloud, call, input).await,
        "PutItem" | "GetItem" | "DeleteItem" | "UpdateItem" | "Query" | "Scan" | "BatchGetItem"
        | "BatchWriteItem" | "TransactGetItems" | "TransactWriteItems" => {
            items::run(cloud, call, action, input).await
        }
        other => Err(ApiError::missing(&format!("dynamodb:{other}"))),
    }
}

/// The table that a request names, by name or ARN.
fn table_name(input: &Input) -> ApiResult<&str> {
    let name = input.required("TableName", |_| {
        validation("The parameter 'TableName' is required but was not present in the request")
    })?;
    let name = arn::name_of(name);
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if !(3..=255).contains(&name.len()) {
        return Err(validation(
            "TableName must be at least 3 characters long and at most 255 characters long",
        ));
    }
    if !name.chars().all(fits) {
        return Err(validation(&format!(
            "1 validation error detected: Value '{name}' at 'tableName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        )));
    }
    Ok(name)
}

fn validation(text: &str) -> ApiError {
    ApiError::new(400, "ValidationException", text)
}

fn in_use(text: &str) -> ApiError {
    ApiError::new(400, "ResourceInUseException", text)
}

fn not_found(text: &str) -> ApiError {
    ApiError::new(400, "ResourceNotFoundException", text)
}

fn no_table(name: &str) -> ApiError {
    not_found(&format!(
        "Requested resource not found: Table: {name} not found"
    ))
}
