//! awsQuery: everything in a form, in the body or in the query string; answers as XML.

use bytes::Bytes;
use serde_json::Value;

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::identity::authenticate::AuthenticationError;
use crate::identity::sigv4::SignatureError;
use crate::protocol::authentication_error::{QUERY, with_codes};
use crate::protocol::operation::Operation;
use crate::protocol::request::HttpRequest;
use crate::protocol::wire::Protocol;
use crate::protocol::{form, rest, xml};

pub(crate) struct AwsQuery {
    /// The XML namespace of the answers.
    pub(crate) namespace: &'static str,
}

impl Protocol for AwsQuery {
    fn recognizes(&self, path: &str, target: Option<&str>) -> bool {
        target.is_none() && !rest::is_rest_path(path)
    }

    fn read(&self, request: &HttpRequest) -> ApiResult<Operation> {
        let form = match request.method.as_str() {
            "GET" => form::read(request.query.as_bytes())?,
            _ => form::read(&request.body)?,
        };
        let input = Input(form);
        let is_name =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        match input.text("Action")?.filter(|action| is_name(action)) {
            Some(action) => Ok(Operation::new(action.to_owned(), input)),
            None => Err(ApiError::new(
                400,
                "InvalidAction",
                "Could not find operation",
            )),
        }
    }

    fn content_type(&self) -> &'static str {
        "text/xml"
    }

    fn answer(&self, action: &str, members: &Value, request_id: &str) -> Bytes {
        Bytes::from(xml::answer(action, self.namespace, members, request_id))
    }

    fn error(&self, error: &ApiError, request_id: &str) -> Bytes {
        self::error(error, self.namespace, request_id)
    }

    fn access_denied(&self, text: String) -> ApiError {
        ApiError::new(403, "AccessDenied", text)
    }

    fn not_authenticated(&self, error: AuthenticationError) -> ApiError {
        let is_incomplete = matches!(
            error,
            AuthenticationError::Signature(SignatureError::Incomplete(_))
        );
        with_codes(error, &QUERY, if is_incomplete { 400 } else { 403 })
    }
}

/// An error in the shape of this protocol.
pub(crate) fn error(error: &ApiError, namespace: &str, request_id: &str) -> Bytes {
    let ApiError {
        status,
        code,
        message,
        ..
    } = error;
    Bytes::from(xml::error(*status, code, message, namespace, request_id))
}
