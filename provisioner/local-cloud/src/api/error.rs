//! A refusal in AWS's words, before it takes the shape of one protocol.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// An error answer: HTTP status, AWS's code and text, and what else its shape carries.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// Further members of the error's shape, such as the `Item` of a failed condition.
    /// Boxed, so that the many results that hold an error stay small.
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

    /// Adds a member to the error's shape.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> ApiError {
        self.members
            .get_or_insert_default()
            .insert(name.to_owned(), value.into());
        self
    }

    /// The cloud itself failed: nothing was changed.
    pub(crate) fn internal(message: impl Into<String>) -> ApiError {
        ApiError::new(500, "InternalFailure", message)
    }

    /// What this cloud does not have. 501 is never retried by an SDK.
    pub(crate) fn missing(what: &str) -> ApiError {
        ApiError::new(
            501,
            "NotImplementedException",
            format!("the local cloud does not have {what}"),
        )
    }
}
