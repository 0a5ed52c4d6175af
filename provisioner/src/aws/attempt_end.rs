//! How an attempt of a request ended.

use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;

use super::error::chain;
use super::response;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptEnd {
    /// The status, or why there is no response.
    pub status: Result<u16, String>,
    /// AWS's code of an error.
    pub code: Option<String>,
    pub request_id: Option<String>,
}

impl AttemptEnd {
    pub fn of(context: &FinalizerInterceptorContextRef<'_>) -> AttemptEnd {
        let response = context.response();
        let error = context.output_or_error().and_then(Result::err);
        let status = match (response, error) {
            (Some(response), _) => Ok(response.status().as_u16()),
            (None, Some(error)) => Err(response::one_line(&chain(error))),
            (None, None) => Err("canceled".to_owned()),
        };
        AttemptEnd {
            status,
            code: response.and_then(response::error_code),
            request_id: response.and_then(response::request_id),
        }
    }
}
