//! One invocation of the function with the end of its log, and the event that requests a ride.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::Config;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use aws_smithy_types::retry::RetryConfig;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use function_contract::header::IDEMPOTENCY_KEY;
use serde_json::{Value, json};

use crate::aws::error::CloudError;

#[derive(Clone, Debug)]
pub struct Invocation {
    /// `Handled` or `Unhandled`: then the answer is an error.
    pub function_error: Option<String>,
    pub answer: Value,
    /// The last 4 KB of the log.
    pub log_tail: String,
    pub version: String,
}

impl Invocation {
    /// The HTTP status that the function returned, if it returned one.
    pub fn status(&self) -> Option<u64> {
        self.answer["statusCode"].as_u64()
    }

    /// The body of the answer, which is JSON in a string.
    pub fn body(&self) -> Option<Value> {
        serde_json::from_str(self.answer["body"].as_str()?).ok()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.answer["headers"].as_object()?;
        let found = headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str())
    }

    /// The function's own JSON lines in the log tail.
    pub fn log_lines(&self) -> impl Iterator<Item = Value> {
        self.log_tail
            .lines()
            .filter_map(|line| serde_json::from_str(line.trim()).ok())
    }
}

/// Lambda's own limit, and some time for a cold start.
const LONGEST_RUN: Duration = Duration::from_secs(30 * 60 + 30);

/// Invokes the function. Sends one attempt only, because a retried invocation may run twice.
pub async fn invoke(
    client: &Client,
    function: &str,
    qualifier: &str,
    event: &[u8],
) -> Result<Invocation, CloudError> {
    let doing = format!("invoke {function}:{qualifier}");
    let mut once = Config::builder().retry_config(RetryConfig::disabled());
    let limits = client.config().timeout_config();
    if limits.is_some_and(|limits| limits.operation_attempt_timeout().is_some()) {
        let limits = TimeoutConfig::builder().operation_attempt_timeout(LONGEST_RUN);
        once = once.timeout_config(limits.build());
    }
    let answer = client
        .invoke()
        .function_name(function)
        .qualifier(qualifier)
        .log_type(LogType::Tail)
        .payload(Blob::new(event))
        .customize()
        .config_override(once)
        .send()
        .await
        .map_err(CloudError::of(&doing))?;
    let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
    let log = answer
        .log_result
        .and_then(|log| BASE64_STANDARD.decode(log).ok());
    Ok(Invocation {
        function_error: answer.function_error,
        // An answer that is not JSON is shown unchanged.
        answer: serde_json::from_slice(&payload)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&payload).into_owned())),
        log_tail: String::from_utf8_lossy(&log.unwrap_or_default()).into_owned(),
        version: answer.executed_version.unwrap_or_default(),
    })
}

/// The rider and the pickup location.
#[derive(Clone, Debug)]
pub struct RideRequest {
    pub latitude: f64,
    pub longitude: f64,
    pub user: String,
    pub idempotency_key: Option<String>,
}

impl RideRequest {
    /// The event as API Gateway sends it with a Cognito authorizer.
    pub fn event(&self) -> Value {
        let RideRequest {
            latitude,
            longitude,
            user,
            idempotency_key,
        } = self;
        let location = json!({"PickupLocation": {"Latitude": latitude, "Longitude": longitude}});
        let mut event = json!({
            "httpMethod": "POST",
            "path": "/ride",
            "headers": {"Content-Type": "application/json"},
            "requestContext": {"authorizer": {"claims": {"cognito:username": user}}},
            "body": location.to_string(),
            "isBase64Encoded": false,
        });
        if let Some(key) = idempotency_key {
            event["headers"][IDEMPOTENCY_KEY] = json!(key);
        }
        event
    }
}
