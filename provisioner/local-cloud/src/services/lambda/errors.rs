//! Lambda's common errors.

use crate::api::constraint::{Broken, refuse};
use crate::api::error::{ApiError, ApiResult};
use crate::identity::call::Call;
use crate::services::lambda::function_name::{Name, qualified};

pub(crate) fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidParameterValueException", text)
}

pub(crate) fn broken(all: &[Broken]) -> ApiError {
    refuse("ValidationException", all)
}

/// The error for a function, a version or an alias that does not exist. The text names the qualifier in
/// `name`, which differs by operation.
pub(crate) fn no_function(call: &Call, name: &Name) -> ApiError {
    let arn = qualified(&call.region, &name.name, name.qualifier.as_deref());
    ApiError::new(
        404,
        "ResourceNotFoundException",
        format!("Function not found: {arn}"),
    )
    .with("Type", "User")
}

pub(crate) fn no_alias(call: &Call, name: &Name) -> ApiError {
    let arn = qualified(&call.region, &name.name, name.qualifier.as_deref());
    not_found(format!("Cannot find alias arn: {arn}"))
}

pub(crate) fn conflict(text: String) -> ApiError {
    ApiError::new(409, "ResourceConflictException", text).with("Type", "User")
}

pub(crate) fn not_found(text: impl Into<String>) -> ApiError {
    ApiError::new(404, "ResourceNotFoundException", text).with("Type", "User")
}

/// Refuses a member that has none of these values.
pub(crate) fn one_of(value: &str, member: &str, values: &[&str]) -> ApiResult<()> {
    if values.contains(&value) {
        return Ok(());
    }
    let must = format!("satisfy enum value set: [{}]", values.join(", "));
    Err(broken(&[Broken::new(value, member, must)]))
}
