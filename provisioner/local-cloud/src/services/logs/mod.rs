//! CloudWatch Logs: groups in the state, streams and events in files beside it.

mod account_policies;
mod delivery;
mod errors;
mod events;
mod filter;
mod groups;
mod limit;
mod names;
mod period;
mod required_permissions;
mod streams;
mod tags;
mod unseen;

pub(crate) use delivery::deliver;

use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::error::{ApiError, ApiResult};
use crate::cloud::Cloud;
use crate::identity::authorize::RequiredPermission;
use crate::identity::call::Call;
use crate::protocol::{AwsJson, Operation, Protocol};
use crate::services::logs::required_permissions::required_permissions;
use crate::services::service::{Handling, Service};
use crate::state::State;

static PROTOCOL: AwsJson = AwsJson {
    target: "Logs_20140328",
    content_type: "application/x-amz-json-1.1",
    error_type: str::to_owned,
};

pub(crate) struct Logs;

impl Service for Logs {
    fn name(&self) -> &'static str {
        "logs"
    }

    fn protocol(&self) -> &'static dyn Protocol {
        &PROTOCOL
    }

    fn body_limit(&self) -> usize {
        2 * 1024 * 1024
    }

    fn throttled(&self) -> ApiError {
        ApiError::new(400, "ThrottlingException", "Rate exceeded")
    }

    fn failed(&self) -> ApiError {
        ApiError::new(
            503,
            "ServiceUnavailableException",
            "The service cannot complete the request.",
        )
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
    groups::recreate_late(cloud, call).await?;
    unseen::must_be_seen(&cloud.store.read(), call, action, input)?;
    match action {
        "CreateLogGroup" => groups::create(cloud, call, input).await,
        "DescribeLogGroups" => groups::describe(cloud, call, input).await,
        "PutRetentionPolicy" => groups::put_retention(cloud, call, input).await,
        "DeleteRetentionPolicy" => groups::delete_retention(cloud, call, input).await,
        "PutLogGroupDeletionProtection" => groups::put_protection(cloud, call, input).await,
        "PutAccountPolicy" => account_policies::put(cloud, call, input).await,
        "DescribeAccountPolicies" => account_policies::describe(cloud, call, input),
        "DeleteAccountPolicy" => account_policies::delete(cloud, call, input).await,
        "DeleteLogGroup" => groups::delete(cloud, call, input).await,
        "TagResource" | "TagLogGroup" => tags::tag(cloud, call, input).await,
        "UntagResource" | "UntagLogGroup" => tags::untag(cloud, call, input).await,
        "ListTagsForResource" | "ListTagsLogGroup" => tags::list(cloud, call, input),
        "CreateLogStream" => streams::create(cloud, call, input).await,
        "DescribeLogStreams" => streams::describe(cloud, call, input).await,
        "DeleteLogStream" => streams::delete(cloud, call, input).await,
        "PutLogEvents" => events::put(cloud, call, input).await,
        "GetLogEvents" => events::get(cloud, call, input).await,
        "FilterLogEvents" => filter::filter(cloud, call, input).await,
        other => Err(ApiError::missing(&format!("logs:{other}"))),
    }
}
