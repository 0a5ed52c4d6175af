//! Lambda: functions with their versions, aliases and permissions.

mod aliases;
mod check;
mod code;
mod concurrency;
mod environment;
mod errors;
mod find;
mod function_name;
mod functions;
mod guards;
mod invoke;
mod logging;
mod page;
mod required_permissions;
mod resource_policy;
mod role;
mod route;
mod run;
mod runtimes;
mod show;
mod tags;
mod unseen;
mod unsupported;
mod update;
mod versions;

use crate::api::answer::Answer;
use crate::api::error::{ApiError, ApiResult};
use crate::cloud::Cloud;
use crate::identity::authorize::RequiredPermission;
use crate::identity::call::Call;
use crate::protocol::{Operation, Protocol, RestJson};
use crate::services::lambda::required_permissions::required_permissions;
use crate::services::service::{Handling, Service};
use crate::state::State;

static PROTOCOL: RestJson = RestJson {
    service: "lambda",
    route: route::route,
};

pub(crate) struct Lambda;

impl Service for Lambda {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn protocol(&self) -> &'static dyn Protocol {
        &PROTOCOL
    }

    /// A zip of 50 MB as base64, and the rest of the request.
    fn body_limit(&self) -> usize {
        70_167_211
    }

    fn body_too_large(&self) -> ApiError {
        let limit = self.body_limit();
        ApiError::new(
            413,
            "RequestEntityTooLargeException",
            format!("Request must be smaller than {limit} bytes for the CreateFunction operation"),
        )
    }

    fn throttled(&self) -> ApiError {
        ApiError::new(429, "TooManyRequestsException", "Rate exceeded")
            .with("Reason", "CallerRateLimitExceeded")
            .with("Type", "User")
    }

    fn failed(&self) -> ApiError {
        ApiError::new(
            500,
            "ServiceException",
            "An error occurred and the request cannot be processed.",
        )
        .with("Type", "Service")
    }

    fn required_permissions(
        &self,
        state: &State,
        call: &Call,
        operation: &Operation,
    ) -> Vec<RequiredPermission> {
        required_permissions(state, call, operation)
    }

    fn handle<'a>(
        &'a self,
        cloud: &'a Cloud,
        call: &'a Call,
        operation: &'a Operation,
    ) -> Handling<'a> {
        Box::pin(handle(cloud, call, operation))
    }
}

async fn handle(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    unseen::must_be_seen(&cloud.store.read(), call, operation)?;
    match operation.action() {
        "CreateFunction" => functions::create(cloud, call, operation).await,
        "GetFunction" => functions::get(cloud, call, operation),
        "GetFunctionConfiguration" => functions::get_configuration(cloud, call, operation),
        "ListFunctions" => functions::list(cloud, call, operation),
        "DeleteFunction" => functions::delete(cloud, call, operation).await,
        "UpdateFunctionCode" => update::code(cloud, call, operation).await,
        "UpdateFunctionConfiguration" => update::configuration(cloud, call, operation).await,
        "PublishVersion" => versions::publish(cloud, call, operation).await,
        "ListVersionsByFunction" => versions::list(cloud, call, operation),
        "CreateAlias" => aliases::create(cloud, call, operation).await,
        "GetAlias" => aliases::get(cloud, call, operation),
        "UpdateAlias" => aliases::update(cloud, call, operation).await,
        "DeleteAlias" => aliases::delete(cloud, call, operation).await,
        "ListAliases" => aliases::list(cloud, call, operation),
        "TagResource" => tags::tag(cloud, call, operation).await,
        "UntagResource" => tags::untag(cloud, call, operation).await,
        "ListTags" => tags::list(cloud, call, operation),
        "AddPermission" => resource_policy::add(cloud, call, operation).await,
        "RemovePermission" => resource_policy::remove(cloud, call, operation).await,
        "GetPolicy" => resource_policy::get(cloud, call, operation),
        "PutFunctionConcurrency" => concurrency::put(cloud, call, operation).await,
        "GetFunctionConcurrency" => concurrency::get(cloud, call, operation),
        "DeleteFunctionConcurrency" => concurrency::delete(cloud, call, operation).await,
        "GetAccountSettings" => concurrency::account_settings(cloud, call),
        "Invoke" => invoke::invoke(cloud, call, operation).await,
        other => unsupported::read(cloud, call, operation)
            .unwrap_or_else(|| Err(ApiError::missing(&format!("lambda:{other}")))),
    }
}
