//! dynoxide's errors, translated into those of DynamoDB.

use dynoxide::DynoxideError;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::api::error::{ApiError, ApiResult};

/// Parses a request. dynoxide's error texts begin with a mark for the kind of error.
pub(crate) fn read<Q: DeserializeOwned>(action: &str, members: Map<String, Value>) -> ApiResult<Q> {
    let text = Value::Object(members).to_string();
    let error = match serde_json::from_str(&text) {
        Ok(request) => return Ok(request),
        Err(error) => error.to_string(),
    };
    let bare = error.split(" at line ").next().unwrap_or(&error).to_owned();
    for (mark, code, enveloped) in [
        ("VALIDATION_REQUEST:", "ValidationException", true),
        ("VALIDATION_AS_READ:", "ValidationException", false),
        ("VALIDATION:", "ValidationException", false),
        ("SERIALIZATION_AS_READ:", "SerializationException", false),
        ("SERIALIZATION:", "SerializationException", false),
    ] {
        if let Some(text) = bare.strip_prefix(mark) {
            return Err(ApiError::new(400, code, envelope(action, text, enveloped)));
        }
    }
    let is_validation = [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "AttributeValue",
    ]
    .iter()
    .any(|part| bare.contains(part));
    let code = if is_validation {
        "ValidationException"
    } else {
        "SerializationException"
    };
    let text = if bare.contains("empty AttributeValue") {
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
    } else {
        &bare
    };
    Err(ApiError::new(400, code, text))
}

fn envelope(action: &str, text: &str, enveloped: bool) -> String {
    if enveloped && matches!(action, "PutItem" | "UpdateItem" | "DeleteItem") {
        format!("1 validation error detected: {text}")
    } else {
        text.to_owned()
    }
}

/// The error of an operation.
pub(crate) fn translate(action: &str, error: DynoxideError) -> ApiError {
    let code = error.error_type().rsplit('#').next().unwrap_or_default();
    let text = error.to_string();
    let text = text.strip_prefix("VALIDATION:").unwrap_or(&text);
    match error {
        DynoxideError::EnvelopedValidation(ref text) => {
            ApiError::new(400, "ValidationException", envelope(action, text, true))
        }
        DynoxideError::ConditionalCheckFailedException(_, ref item) => {
            let refusal = ApiError::new(400, code, text);
            match item.as_ref().map(serde_json::to_value) {
                Some(Ok(item)) => refusal.with("Item", item),
                _ => refusal,
            }
        }
        DynoxideError::TransactionCanceledException(_, ref reasons) => {
            let refusal = ApiError::new(400, code, text);
            match serde_json::to_value(reasons) {
                Ok(reasons) => refusal.with("CancellationReasons", reasons),
                Err(_) => refusal,
            }
        }
        DynoxideError::UnsupportedCapability(ref what) => ApiError::missing(what),
        ref other => ApiError::new(other.status_code(), code, text),
    }
}
