//! What each protocol decides.

use bytes::Bytes;
use serde_json::Value;

use crate::api::error::{ApiError, ApiResult};
use crate::identity::authenticate::AuthenticationError;
use crate::protocol::operation::Operation;
use crate::protocol::request::HttpRequest;

/// One of AWS's wire protocols, as one service uses it.
pub(crate) trait Protocol: Sync {
    /// Whether an unsigned request is for a service of this protocol, judged by its path and by the
    /// part of `X-Amz-Target` before the dot.
    fn recognizes(&self, path: &str, target: Option<&str>) -> bool;

    /// The operation that a request asks for.
    fn read(&self, request: &HttpRequest) -> ApiResult<Operation>;

    fn content_type(&self) -> &'static str;

    /// The body of a successful response.
    fn answer(&self, action: &str, members: &Value, request_id: &str) -> Bytes;

    /// The body of an error response.
    fn error(&self, error: &ApiError, request_id: &str) -> Bytes;

    /// Whether an error's code is repeated in the header `x-amzn-errortype`.
    fn has_error_type_header(&self) -> bool {
        false
    }

    /// The error for a missing permission.
    fn access_denied(&self, text: String) -> ApiError;

    /// The error for a request that is not authenticated.
    fn not_authenticated(&self, error: AuthenticationError) -> ApiError;
}
