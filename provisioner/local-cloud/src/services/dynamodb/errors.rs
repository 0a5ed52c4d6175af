//! DynamoDB's common errors.

use crate::api::error::ApiError;

pub(crate) fn validation(text: &str) -> ApiError {
    ApiError::new(400, "ValidationException", text)
}

pub(crate) fn in_use(text: &str) -> ApiError {
    ApiError::new(400, "ResourceInUseException", text)
}

pub(crate) fn not_found(text: &str) -> ApiError {
    ApiError::new(400, "ResourceNotFoundException", text)
}

pub(crate) fn no_table(name: &str) -> ApiError {
    not_found(&format!(
        "Requested resource not found: Table: {name} not found"
    ))
}

/// The `__type` of an error: DynamoDB puts the package of the error before its code.
pub(crate) fn error_type(code: &str) -> String {
    let package = match code {
        "ValidationException" => "com.amazon.coral.validate",
        "AccessDeniedException"
        | "ExpiredTokenException"
        | "IncompleteSignatureException"
        | "InternalFailure"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "NotImplementedException"
        | "SerializationException"
        | "ThrottlingException"
        | "UnknownOperationException"
        | "UnrecognizedClientException" => "com.amazon.coral.service",
        _ => "com.amazonaws.dynamodb.v20120810",
    };
    format!("{package}#{code}")
}
