//! The environment variables of a function.

use std::collections::BTreeMap;

use crate::api::constraint::Broken;
use crate::api::error::ApiResult;
use crate::services::lambda::errors::{broken, invalid};

const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

const ENVIRONMENT_LIMIT: usize = 4096;

/// The variables, if all of them are valid.
pub(crate) fn checked(variables: Vec<(String, String)>) -> ApiResult<BTreeMap<String, String>> {
    let is_name = |name: &str| {
        name.len() >= 2
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let reserved: Vec<&str> = variables
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| RESERVED.contains(name))
        .collect();
    if !reserved.is_empty() {
        let names = reserved.join(", ");
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment \
             variables you have provided contains reserved keys that are currently not supported \
             for modification. Reserved keys used in this request: {names}"
        )));
    }
    if let Some((name, _)) = variables.iter().find(|(name, _)| !is_name(name)) {
        let pattern = "[a-zA-Z]([a-zA-Z0-9_])+";
        return Err(broken(&[Broken::pattern(
            name,
            "environment.variables",
            pattern,
        )]));
    }
    let all: BTreeMap<String, String> = variables.into_iter().collect();
    // Lambda measures the size as JSON.
    let measured = serde_json::to_string(&all).unwrap_or_default();
    if measured.len() > ENVIRONMENT_LIMIT {
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment \
             variables you have provided exceeded the 4KB limit. String measured: {measured}"
        )));
    }
    Ok(all)
}
