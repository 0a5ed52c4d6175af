//! Invoke: the request, checked, and the response.

use bytes::Bytes;
use hyper::header::HeaderValue;
use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::error::{ApiError, ApiResult};
use crate::cloud::Cloud;
use crate::encode::base64;
use crate::identity::call::Call;
use crate::protocol::Operation;
use crate::random;
use crate::runtime::{ConcurrencySlot, log_tail};
use crate::services::lambda::errors::{invalid, no_function};
use crate::services::lambda::find::{find, find_version};
use crate::services::lambda::function_name::{self, qualified};
use crate::services::lambda::guards::must_be_created;
use crate::services::lambda::run::{Run, run_on_environment};
use crate::state::function::{Function, Version};

const SYNCHRONOUS_LIMIT: usize = 6 * 1024 * 1024;
const ASYNCHRONOUS_LIMIT: usize = 1024 * 1024;

pub(crate) async fn invoke(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let kind = operation.header("x-amz-invocation-type");
    let kind = kind.unwrap_or("RequestResponse");
    let payload = payload(operation, kind)?;
    let state = cloud.store.read();
    // This operation's error names `$LATEST` where the request has no qualifier.
    let qualifier = name.qualifier.as_deref().unwrap_or(Function::LATEST);
    let function = find(&state, call, &name.with(Some(qualifier)))?;
    let target = pick(function, name.qualifier.as_deref());
    let target = target.as_deref().or(name.qualifier.as_deref());
    let (version, version_name) = function
        .resolve(target)
        .ok_or_else(|| no_function(call, &name))?;
    find_version(function, call, &name)?;
    must_be_created(version, call.now)?;
    let slot = concurrency_slot(cloud, function)?;
    let version = version.serving(call.now);
    must_be_runnable(version)?;
    let run = Run {
        function: function.name.clone(),
        function_id: function.id.clone(),
        version: version.clone(),
        version_name,
        arn: qualified(&call.region, &function.name, name.qualifier.as_deref()),
        payload,
        client_context: operation
            .header("x-amz-client-context")
            .and_then(decode_context),
        _slot: slot,
    };
    match kind {
        "DryRun" => Ok(Answer::no_content()),
        "Event" => {
            let (cloud, call) = (cloud.clone(), call.clone());
            tokio::spawn(async move {
                // The caller does not wait for the result; it is in the log.
                let _ = run_on_environment(&cloud, &call, run).await;
            });
            Ok(Answer::raw(202, Bytes::new()))
        }
        "RequestResponse" => respond(cloud, call, operation, run).await,
        other => Err(invalid(format!(
            "Value '{other}' at 'invocationType' is unknown"
        ))),
    }
}

/// The payload of an invocation: JSON, within the limit of its kind.
fn payload(operation: &Operation, kind: &str) -> ApiResult<Bytes> {
    let limit = match kind {
        "Event" => ASYNCHRONOUS_LIMIT,
        _ => SYNCHRONOUS_LIMIT,
    };
    let size = operation.body.len();
    if size > limit {
        let text = format!(
            "{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        );
        return Err(ApiError::new(413, "RequestTooLargeException", text).with("Type", "User"));
    }
    if size == 0 {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(&operation.body) {
        Ok(_) => Ok(operation.body.clone()),
        Err(error) => {
            let text = format!(
                "Could not parse request body into json: Could not parse payload into json: {error}"
            );
            let error = ApiError::new(400, "InvalidRequestContentException", text);
            Err(error.with("Type", "User"))
        }
    }
}

fn concurrency_slot(cloud: &Cloud, function: &Function) -> ApiResult<ConcurrencySlot> {
    let slot = cloud
        .environments
        .admit(&function.id, function.reserved_concurrency);
    slot.ok_or_else(|| {
        let error = ApiError::new(429, "TooManyRequestsException", "Rate Exceeded.");
        let reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
        error.with("Reason", reason).with("Type", "User")
    })
}

/// Runs the function and returns its response.
async fn respond(cloud: &Cloud, call: &Call, operation: &Operation, run: Run) -> ApiResult<Answer> {
    let version_name = run.version_name.clone();
    let outcome = run_on_environment(cloud, call, run).await?;
    let mut answer = Answer::raw(200, outcome.payload)
        .header("content-type", "application/json")
        .header("x-amz-executed-version", version_name);
    if outcome.failed {
        answer = answer.header("x-amz-function-error", "Unhandled");
    }
    if operation.header("x-amz-log-type") == Some("Tail") {
        let tail = base64(log_tail(&outcome.log).as_bytes());
        answer = answer.header("x-amz-log-result", tail);
    }
    Ok(answer)
}

/// The version that an alias picks by its weights. `None` if the qualifier is not an alias.
fn pick(function: &Function, qualifier: Option<&str>) -> Option<String> {
    let alias = function.aliases.get(qualifier?)?;
    let dice = f64::from(u32::from_be_bytes(random::bytes())) / f64::from(u32::MAX);
    let mut edge = 0.0;
    for (version, weight) in &alias.weights {
        edge += weight;
        if dice < edge {
            return Some(version.clone());
        }
    }
    Some(alias.version.clone())
}

fn must_be_runnable(version: &Version) -> ApiResult<()> {
    let runtime = &version.config.runtime;
    if runtime.starts_with("provided") {
        return Ok(());
    }
    Err(ApiError::missing(&format!(
        "the runtime {runtime}: it runs the `bootstrap` of provided.al2023"
    )))
}

fn decode_context(text: &str) -> Option<String> {
    String::from_utf8(crate::encode::from_base64(text)?)
        .ok()
        // It is passed to the function in a header, which must not contain control characters.
        .filter(|context| {
            serde_json::from_str::<Value>(context).is_ok() && HeaderValue::from_str(context).is_ok()
        })
}
