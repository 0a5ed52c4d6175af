//! Parts of Lambda that the local cloud does not have, as a read of a function finds them: not set.
//!
//! Terraform, Ansible, cargo-lambda and SAM ask for some of them wherever they find a function, and stop
//! at any other answer. What sets one of them is answered with 501.

use serde_json::{Value, json};

use crate::api::answer::Answer;
use crate::api::error::{ApiError, ApiResult};
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::protocol::Operation;
use crate::services::lambda::errors::not_found;
use crate::services::lambda::find::{find, find_version};
use crate::services::lambda::function_name::{self, Name, arn, qualified};
use crate::services::lambda::show::runtime_arn;
use crate::state::function::Function;

/// `None` for an operation that is none of these.
pub(crate) fn read(cloud: &Cloud, call: &Call, operation: &Operation) -> Option<ApiResult<Answer>> {
    let answer: fn(&Call, &Name, &Function) -> ApiResult<Answer> = match operation.action() {
        "ListEventSourceMappings" => {
            return Some(Ok(Answer::ok(json!({ "EventSourceMappings": [] }))));
        }
        "GetFunctionUrlConfig" | "DeleteFunctionUrlConfig" => return Some(Err(no_resource())),
        "GetFunctionEventInvokeConfig" | "DeleteFunctionEventInvokeConfig" => {
            return Some(no_event_invoke_config(call, operation));
        }
        "GetFunctionCodeSigningConfig" => |_, _, _| Ok(Answer::ok(json!({}))),
        "DeleteFunctionCodeSigningConfig" | "DeleteProvisionedConcurrencyConfig" => {
            |_, _, _| Ok(Answer::no_content())
        }
        "ListFunctionUrlConfigs" => |_, _, _| empty("FunctionUrlConfigs"),
        "ListFunctionEventInvokeConfigs" => |_, _, _| empty("FunctionEventInvokeConfigs"),
        "GetProvisionedConcurrencyConfig" => match operation.parameter("List") {
            Some("ALL") => |_, _, _| empty("ProvisionedConcurrencyConfigs"),
            _ => no_provisioned_concurrency,
        },
        "GetRuntimeManagementConfig" => runtime_management,
        "GetFunctionRecursionConfig" => {
            |_, _, _| Ok(Answer::ok(json!({ "RecursiveLoop": "Terminate" })))
        }
        _ => return None,
    };
    Some(of_function(cloud, call, operation, answer))
}

/// The answer for a function that must exist.
fn of_function(
    cloud: &Cloud,
    call: &Call,
    operation: &Operation,
    answer: fn(&Call, &Name, &Function) -> ApiResult<Answer>,
) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let state = cloud.store.read();
    answer(call, &name, find(&state, call, &name)?)
}

fn empty(list: &str) -> ApiResult<Answer> {
    Ok(Answer::ok(json!({ list: Vec::<Value>::new() })))
}

fn no_resource() -> ApiError {
    not_found("The resource you requested does not exist.")
}

fn no_event_invoke_config(call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let qualifier = name.qualifier.as_deref().unwrap_or(Function::LATEST);
    let arn = qualified(&call.region, &name.name, Some(qualifier));
    Err(not_found(format!(
        "The function {arn} doesn't have an EventInvokeConfig"
    )))
}

fn no_provisioned_concurrency(call: &Call, name: &Name, function: &Function) -> ApiResult<Answer> {
    find_version(function, call, name)?;
    let error = ApiError::new(
        404,
        "ProvisionedConcurrencyConfigNotFoundException",
        "No Provisioned Concurrency Config found for this function",
    );
    Err(error.with("Type", "User"))
}

fn runtime_management(call: &Call, name: &Name, function: &Function) -> ApiResult<Answer> {
    find_version(function, call, name)?;
    Ok(Answer::ok(json!({
        "UpdateRuntimeOn": "Auto",
        "RuntimeVersionArn": runtime_arn(&call.region),
        "FunctionArn": arn(&call.region, &function.name),
    })))
}
