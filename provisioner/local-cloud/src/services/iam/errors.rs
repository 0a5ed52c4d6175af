//! Errors that IAM and STS have in common.

use crate::api::error::ApiError;

pub(crate) fn malformed(text: impl Into<String>) -> ApiError {
    ApiError::new(400, "MalformedPolicyDocument", text)
}

pub(crate) fn throttled() -> ApiError {
    ApiError::new(400, "Throttling", "Rate exceeded")
}

pub(crate) fn failed() -> ApiError {
    ApiError::new(
        500,
        "ServiceFailure",
        "The request processing has failed because of an unknown error, exception or failure.",
    )
}
