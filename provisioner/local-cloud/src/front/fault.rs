//! The failures of weather, in each service's words: nothing is wrong with the call.

use serde_json::Value;

use crate::error::ApiError;
use crate::front::Service;
use crate::input::Input;

/// Asked too often.
pub(crate) fn throttled(service: Service) -> ApiError {
    match service {
        Service::DynamoDb => ApiError::new(
            400,
            "ThrottlingException",
            "The rate of control plane requests made by this account is too high",
        ),
        Service::Iam | Service::Sts => ApiError::new(400, "Throttling", "Rate exceeded"),
        Service::Lambda => ApiError::new(429, "TooManyRequestsException", "Rate exceeded")
            .with("Reason", "CallerRateLimitExceeded")
            .with("Type", "User"),
        Service::Logs => ApiError::new(400, "ThrottlingException", "Rate exceeded"),
    }
}

/// The service itself failed.
pub(crate) fn failed(service: Service) -> ApiError {
    match service {
        Service::DynamoDb => ApiError::new(500, "InternalServerError", "Internal server error"),
        Service::Iam | Service::Sts => ApiError::new(
            500,
            "ServiceFailure",
            "The request processing has failed because of an unknown error, exception or failure.",
        ),
        Service::Lambda => ApiError::new(
            500,
            "ServiceException",
            "An error occurred and the request cannot be processed.",
        )
        .with("Type", "Service"),
        Service::Logs => ApiError::new(
            503,
            "ServiceUnavailableException",
            "The service cannot complete the request.",
        ),
    }
}

/// What a call is about, so that one that is sent again is known.
pub(crate) fn subject(input: &Input) -> String {
    const NAMES: &[&str] = &[
        "TableName",
        "ResourceArn",
        "RoleName",
        "PolicyName",
        "PolicyArn",
        "logGroupName",
        "logGroupNamePrefix",
        "resourceArn",
    ];
    let texts = NAMES
        .iter()
        .filter_map(|name| input.get(name).and_then(Value::as_str));
    texts.collect::<Vec<_>>().join(" ")
}
