//! The run of one invocation: under the function's role, on an environment.

use std::time::Duration;

use bytes::Bytes;

use crate::api::error::{ApiError, ApiResult};
use crate::clock::{Millis, day_path};
use crate::cloud::Cloud;
use crate::encode::hex;
use crate::identity::call::Call;
use crate::identity::caller::Caller;
use crate::random;
use crate::runtime::{ConcurrencySlot, EnvironmentSpec, Invocation, Outcome, VersionKey};
use crate::services::lambda::role::{Grant, may_run};
use crate::services::logs::deliver;
use crate::state::State;
use crate::state::function::Version;
use crate::state::keys::Session;

const CREDENTIALS_LIFETIME: Millis = 12 * 3600 * 1000;

/// Everything that a run needs, so that it can outlive the call.
pub(crate) struct Run {
    pub(crate) function: String,
    pub(crate) function_id: String,
    pub(crate) version: Version,
    pub(crate) version_name: String,
    pub(crate) arn: String,
    pub(crate) payload: Bytes,
    pub(crate) client_context: Option<String>,
    /// Counts against the function's reserved concurrency until the run ends.
    pub(crate) _slot: ConcurrencySlot,
}

pub(crate) async fn run_on_environment(cloud: &Cloud, call: &Call, run: Run) -> ApiResult<Outcome> {
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
    // Checked for every invocation: a deleted role stops a warm function too.
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

fn role_session(state: &State, call: &Call, run: &Run) -> ApiResult<Session> {
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
        // Environment variables are encrypted for the role's id. Without variables nothing is encrypted.
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
        expires: call.now + CREDENTIALS_LIFETIME,
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
        expires: call.now + CREDENTIALS_LIFETIME,
    })
}
