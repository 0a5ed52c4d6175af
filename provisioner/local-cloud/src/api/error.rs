//! The error of an operation, independent of the protocol.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// An error as AWS has it: HTTP status, code, text and further members.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// Further members, such as the `Item` of a failed condition. Boxed to keep results small.
    pub(crate) members: Option<Box<Map<String, Value>>>,
}

pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    pub(crate) fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> ApiError {
        ApiError {
            status,
            code: code.into(),
            message: message.into(),
            members: None,
        }
    }

    /// Adds a further member.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> ApiError {
        self.members
            .get_or_insert_default()
            .insert(name.to_owned(), value.into());
        self
    }

    /// A failure of the local cloud itself. Nothing was changed.
    pub(crate) fn internal(message: impl Into<String>) -> ApiError {
        ApiError::new(500, "InternalFailure", message)
    }

    /// The error for a feature that the local cloud does not have. No SDK retries a 501.
    pub(crate) fn missing(what: &str) -> ApiError {
        ApiError::new(
            501,
            "NotImplementedException",
            format!("the local cloud does not have {what}"),
        )
    }
}
