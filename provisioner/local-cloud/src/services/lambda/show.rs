//! A version as Lambda shows it.

use serde_json::{Map, Value, json};

use crate::clock::{Millis, iso_lambda};
use crate::encode::base64;
use crate::services::lambda::function_name::qualified;
use crate::state::function::{Change, Config, Function, Version};

/// Whether a change is shown as in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    /// The answer to the change itself always shows it as in progress.
    Changing,
    /// What a read finds at this moment.
    Found(Millis),
}

/// A function's configuration. `name` is that of the version; `qualifier` is the one of the request,
/// and ends the ARN.
pub(crate) fn configuration(
    region: &str,
    function: &Function,
    version: &Version,
    name: &str,
    qualifier: Option<&str>,
    shown_as: As,
) -> Map<String, Value> {
    let config = &version.config;
    let settled = match shown_as {
        As::Changing => false,
        As::Found(now) => version.is_settled(now),
    };
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("FunctionName", json!(function.name));
    put(
        "FunctionArn",
        json!(qualified(region, &function.name, qualifier)),
    );
    put("Runtime", json!(config.runtime));
    put("Role", json!(config.role));
    put("Handler", json!(config.handler));
    put("CodeSize", json!(version.code.bytes));
    put("Description", json!(config.description));
    put("Timeout", json!(config.timeout));
    put("MemorySize", json!(config.memory));
    put("LastModified", json!(iso_lambda(version.modified)));
    put("CodeSha256", json!(code_sha256(&version.code.sha256)));
    put("Version", json!(name));
    if let Some(variables) = &config.environment {
        put("Environment", json!({ "Variables": variables }));
    }
    put("TracingConfig", json!({ "Mode": config.tracing }));
    let revision = match settled {
        true => &version.settled_revision,
        false => &version.revision,
    };
    put("RevisionId", json!(revision));
    put("PackageType", json!("Zip"));
    put("Architectures", json!([config.architecture]));
    put(
        "EphemeralStorage",
        json!({ "Size": config.ephemeral_storage }),
    );
    put(
        "SnapStart",
        json!({ "ApplyOn": config.snap_start, "OptimizationStatus": "Off" }),
    );
    put(
        "RuntimeVersionConfig",
        json!({ "RuntimeVersionArn": runtime_arn(region) }),
    );
    put("LoggingConfig", logging(config));
    for (name, value) in status(version, settled) {
        put(name, json!(value));
    }
    shown
}

/// The version of the runtime, which AWS changes at any time.
pub(crate) fn runtime_arn(region: &str) -> String {
    format!("arn:aws:lambda:{region}::runtime:{}", "0".repeat(64))
}

fn logging(config: &Config) -> Value {
    let mut logging = json!({ "LogFormat": config.log_format, "LogGroup": config.log_group });
    if let Some(level) = &config.application_log_level {
        logging["ApplicationLogLevel"] = json!(level);
    }
    if let Some(level) = &config.system_log_level {
        logging["SystemLogLevel"] = json!(level);
    }
    logging
}

/// The members that show how far the last change has come.
fn status(version: &Version, settled: bool) -> Vec<(&'static str, &'static str)> {
    // AWS gives the reason of a creation during an update too.
    let reason = "The function is being created.";
    let failure = "Lambda encountered an internal error.";
    match (version.change, settled) {
        (Change::Creation, true) if version.failed => vec![
            ("State", "Failed"),
            ("StateReason", failure),
            ("StateReasonCode", "InternalError"),
        ],
        (Change::Update, true) if version.failed => vec![
            ("State", "Active"),
            ("LastUpdateStatus", "Failed"),
            ("LastUpdateStatusReason", failure),
            ("LastUpdateStatusReasonCode", "InternalError"),
        ],
        (Change::Creation, false) => vec![
            ("State", "Pending"),
            ("StateReason", reason),
            ("StateReasonCode", "Creating"),
        ],
        (Change::Update, false) => vec![
            ("State", "Active"),
            ("LastUpdateStatus", "InProgress"),
            ("LastUpdateStatusReason", reason),
            ("LastUpdateStatusReasonCode", "Creating"),
        ],
        (Change::Creation | Change::Update, true) => {
            vec![("State", "Active"), ("LastUpdateStatus", "Successful")]
        }
    }
}

/// The form in lists, without the states.
pub(crate) fn listed(mut shown: Map<String, Value>) -> Map<String, Value> {
    for name in [
        "State",
        "StateReason",
        "StateReasonCode",
        "LastUpdateStatus",
        "LastUpdateStatusReason",
        "LastUpdateStatusReasonCode",
        "RuntimeVersionConfig",
    ] {
        shown.remove(name);
    }
    shown
}

/// The digest of a zip in base64, as Lambda shows it.
pub(crate) fn code_sha256(hex: &str) -> String {
    let digit = |pair: &[u8]| {
        std::str::from_utf8(pair)
            .ok()
            .and_then(|p| u8::from_str_radix(p, 16).ok())
    };
    let bytes: Option<Vec<u8>> = hex.as_bytes().chunks(2).map(digit).collect();
    base64(&bytes.unwrap_or_default())
}
