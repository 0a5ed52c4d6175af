//! Invoke: from a name and a payload to a process, and back.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::HeaderValue;
use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::error::{ApiError, ApiResult};
use crate::clock::{Millis, day_path};
use crate::cloud::Cloud;
use crate::encode::{base64, hex};
use crate::identity::call::Call;
use crate::identity::caller::Caller;
use crate::protocol::Operation;
use crate::random;
use crate::runtime::{ConcurrencySlot, EnvironmentSpec, Invocation, Outcome, VersionKey, log_tail};
use crate::services::lambda::errors::{invalid, no_function};
use crate::services::lambda::find::{find, find_version};
use crate::services::lambda::function_name;
use crate::services::lambda::function_name::qualified;
use crate::services::lambda::guards::must_be_created;
use crate::services::lambda::role::{Grant, may_run};
use crate::services::logs::deliver;
use crate::state::function::{Function, Version};
use crate::state::keys::Session;

const SYNCHRONOUS_LIMIT: usize = 6 * 1024 * 1024;
const ASYNCHRONOUS_LIMIT: usize = 1024 * 1024;
const CREDENTIALS_LIFE: Millis = 12 * 3600 * 1000;

pub(crate) async fn invoke(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let kind = operation
        .header("x-amz-invocation-type")
        .unwrap_or("RequestResponse");
    let limit = if kind == "Event" {
        ASYNCHRONOUS_LIMIT
    } else {
        SYNCHRONOUS_LIMIT
    };
    if operation.body.len() > limit {
        let size = operation.body.len();
        let text = format!(
            "{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        );
        return Err(ApiError::new(413, "RequestTooLargeException", text).with("Type", "User"));
    }
    let payload = match operation.body.is_empty() {
        true => Bytes::from_static(b"{}"),
        false => operation.body.clone(),
    };
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&payload) {
        let text = format!(
            "Could not parse request body into json: Could not parse payload into json: {error}"
        );
        return Err(ApiError::new(400, "InvalidRequestContentException", text).with("Type", "User"));
    }
    let state = cloud.store.read();
    let function = find(&state, call, &name)?;
    let target = pick(function, name.qualifier.as_deref());
    let target = target.as_deref().or(name.qualifier.as_deref());
    let (version, version_name) = function
        .resolve(target)
        .ok_or_else(|| no_function(call, &name))?;
    find_version(function, call, &name)?;
    must_be_created(version, call.now)?;
    let slot = cloud
        .environments
        .admit(&function.id, function.reserved_concurrency);
    let slot = slot.ok_or_else(|| {
        let error = ApiError::new(429, "TooManyRequestsException", "Rate Exceeded.");
        let reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
        error.with("Reason", reason).with("Type", "User")
    })?;
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
                // Nobody waits for the result; the log has what came of it.
                let _ = run_on_environment(&cloud, &call, run).await;
            });
            Ok(Answer::raw(202, Bytes::new()))
        }
        "RequestResponse" => {
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
        other => Err(invalid(format!(
            "Value '{other}' at 'invocationType' is unknown"
        ))),
    }
}

/// An alias that shares calls out picks by weight; none: the name itself decides.
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
        // It travels to the function in a header, which takes no control characters.
        .filter(|context| {
            serde_json::from_str::<Value>(context).is_ok() && HeaderValue::from_str(context).is_ok()
        })
}

/// All that a run needs to know, so that it can outlive the call.
struct Run {
    function: String,
    function_id: String,
    version: Version,
    version_name: String,
    arn: String,
    payload: Bytes,
    client_context: Option<String>,
    /// Counts against the function's reserved concurrency until the run is over.
    _slot: ConcurrencySlot,
}

async fn run_on_environment(cloud: &Cloud, call: &Call, run: Run) -> ApiResult<Outcome> {
    let key = VersionKey {
        function_id: run.function_id.clone(),
        revision: run.version.revision.clone(),
    };
    let invocation = Invocation {
        request_id: call.request_id.clone(),
        arn: run.arn.clone(),
        payload: run.payload.clone(),
        client_context: run.client_context.clone(),
    };
    // The role is asked for every time: a role that is gone stops a warm function, too.
    let caller = assume_role(cloud, call, &run)?;
    let spec = async || environment_spec(cloud, call, &run).await;
    let outcome = cloud
        .environments
        .invoke(key, invocation, call.now, spec)
        .await;
    let outcome =
        outcome.unwrap_or_else(|| Err(ApiError::internal("the local cloud has ended")))?;
    deliver(cloud, &call.region, &caller, &outcome).await;
    Ok(outcome)
}

fn role_session(state: &crate::state::State, call: &Call, run: &Run) -> ApiResult<Session> {
    let config = &run.version.config;
    let grant = may_run(
        state,
        &config.role,
        &run.version.role_id,
        &call.region,
        &run.function,
        call.now,
    );
    let refused = |code: &'static str, text: &str| {
        let status = if code == "AccessDeniedException" {
            403
        } else {
            502
        };
        Err(ApiError::new(status, code, text).with("Type", "User"))
    };
    match grant {
        Grant::Given => {}
        Grant::Refused => {
            let text = "The role defined for the function cannot be assumed by Lambda.";
            return refused("AccessDeniedException", text);
        }
        // Variables are encrypted for the role's id; without variables nothing is.
        Grant::AnotherRole if config.environment.as_ref().is_none_or(|v| v.is_empty()) => {}
        Grant::AnotherRole => {
            let text = "Lambda was unable to decrypt the environment variables because KMS access \
                        was denied. Please check the function's KMS key settings. KMS Exception: \
                        AccessDeniedException";
            return refused("KMSAccessDeniedException", text);
        }
    }
    let Some(role) = state.iam.role_by_arn(&config.role) else {
        return refused("AccessDeniedException", "The role of the function is gone.");
    };
    Ok(Session::Role {
        role: role.name.clone(),
        role_id: role.id.clone(),
        name: run.function.clone(),
        policy: None,
        issued: call.now,
        expires: call.now + CREDENTIALS_LIFE,
    })
}

fn assume_role(cloud: &Cloud, call: &Call, run: &Run) -> ApiResult<Caller> {
    let session = role_session(&cloud.store.read(), call, run)?;
    Ok(Caller::of(&session))
}

async fn environment_spec(cloud: &Cloud, call: &Call, run: &Run) -> ApiResult<EnvironmentSpec> {
    let root = cloud.codes.unpack(&run.version.code.sha256).await?;
    let state = cloud.store.read();
    let credentials = state.keys.seal(&role_session(&state, call, run)?);
    let (config, region) = (&run.version.config, &call.region);
    let stream = hex(&random::bytes::<16>());
    let log_stream = format!("{}/[{}]{stream}", day_path(call.now), run.version_name);
    let mut variables: Vec<(String, String)> = [
        ("_HANDLER", config.handler.as_str()),
        ("LAMBDA_TASK_ROOT", &root.to_string_lossy()),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("AWS_LAMBDA_FUNCTION_NAME", &run.function),
        ("AWS_LAMBDA_FUNCTION_VERSION", &run.version_name),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            &config.memory.to_string(),
        ),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &config.log_group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", &log_stream),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_ACCESS_KEY_ID", &credentials.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key),
        (
            "AWS_SESSION_TOKEN",
            credentials.session_token.as_deref().unwrap_or_default(),
        ),
        ("AWS_ENDPOINT_URL", &cloud.endpoint_url()),
        ("TZ", ":UTC"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for (name, value) in config.environment.iter().flatten() {
        variables.retain(|(known, _)| known != name);
        variables.push((name.clone(), value.clone()));
    }
    Ok(EnvironmentSpec {
        version: run.version_name.clone(),
        memory: config.memory,
        timeout: Duration::from_secs(u64::try_from(config.timeout).unwrap_or(3)),
        root,
        log_group: config.log_group.clone(),
        log_stream,
        variables,
        expires: call.now + CREDENTIALS_LIFE,
    })
}
