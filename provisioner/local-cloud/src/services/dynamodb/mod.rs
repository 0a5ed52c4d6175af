//! DynamoDB: dynoxide stores the items, this folder adds what surrounds them.
//!
//! A table exists if the state has its record. What dynoxide has beyond that is left over from a call
//! that was never acknowledged, and is deleted when its name is used again.

mod absent;
mod arn;
mod backups;
mod describe;
mod description;
mod errors;
mod items;
mod partiql;
mod required_permissions;
mod table_name;
mod tables;
mod tags;
mod ttl;
mod update;
mod update_request;

use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::error::{ApiError, ApiResult};
use crate::cloud::Cloud;
use crate::identity::authorize::RequiredPermission;
use crate::identity::call::Call;
use crate::protocol::{AwsJson, Operation, Protocol};
use crate::services::dynamodb::required_permissions::required_permissions;
use crate::services::service::{Handling, Service};
use crate::state::State;

static PROTOCOL: AwsJson = AwsJson {
    target: "DynamoDB_20120810",
    content_type: "application/x-amz-json-1.0",
    error_type: errors::error_type,
};

pub(crate) struct DynamoDb;

impl Service for DynamoDb {
    fn name(&self) -> &'static str {
        "dynamodb"
    }

    fn protocol(&self) -> &'static dyn Protocol {
        &PROTOCOL
    }

    fn body_limit(&self) -> usize {
        16 * 1024 * 1024
    }

    fn throttled(&self) -> ApiError {
        ApiError::new(
            400,
            "ThrottlingException",
            "The rate of control plane requests made by this account is too high",
        )
    }

    fn failed(&self) -> ApiError {
        ApiError::new(500, "InternalServerError", "Internal server error")
    }

    fn required_permissions(
        &self,
        state: &State,
        call: &Call,
        operation: &Operation,
    ) -> Vec<RequiredPermission> {
        required_permissions(state, call, operation.action(), &operation.input)
    }

    fn handle<'a>(
        &'a self,
        cloud: &'a Cloud,
        call: &'a Call,
        operation: &'a Operation,
    ) -> Handling<'a> {
        Box::pin(async move { Ok(Answer::ok(handle(cloud, call, operation).await?)) })
    }
}

async fn handle(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Value> {
    let (action, input) = (operation.action(), &operation.input);
    tables::purge_deleted(cloud, call).await?;
    match action {
        "CreateTable" => tables::create(cloud, call, input).await,
        "DescribeTable" => describe::describe(cloud, call, input).await,
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
        "PutItem"
        | "GetItem"
        | "DeleteItem"
        | "UpdateItem"
        | "Query"
        | "Scan"
        | "BatchGetItem"
        | "BatchWriteItem"
        | "TransactGetItems"
        | "TransactWriteItems"
        | "ExecuteStatement"
        | "BatchExecuteStatement"
        | "ExecuteTransaction" => items::run(cloud, call, action, input).await,
        other => Err(ApiError::missing(&format!("dynamodb:{other}"))),
    }
}
