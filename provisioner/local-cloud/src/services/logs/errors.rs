//! The common errors of CloudWatch Logs.

use crate::api::constraint::{Broken, refuse};
use crate::api::error::ApiError;

pub(crate) fn invalid(broken: &[Broken]) -> ApiError {
    refuse("InvalidParameterException", broken)
}

pub(crate) fn no_group() -> ApiError {
    ApiError::new(
        400,
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )
}

pub(crate) fn no_stream() -> ApiError {
    ApiError::new(
        400,
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
}

pub(crate) fn bad_token() -> ApiError {
    ApiError::new(
        400,
        "InvalidParameterException",
        "The specified nextToken is invalid.",
    )
}
