//! awsJson: the operation in the header `X-Amz-Target`, the members as JSON in the body.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::identity::authenticate::AuthenticationError;
use crate::protocol::authentication_error::{JSON, with_codes};
use crate::protocol::operation::Operation;
use crate::protocol::request::HttpRequest;
use crate::protocol::wire::Protocol;

pub(crate) struct AwsJson {
    /// The service in `X-Amz-Target`, before the dot.
    pub(crate) target: &'static str,
    pub(crate) content_type: &'static str,
    /// The `__type` of an error, from its code.
    pub(crate) error_type: fn(&str) -> String,
}

impl Protocol for AwsJson {
    fn recognizes(&self, _path: &str, target: Option<&str>) -> bool {
        target == Some(self.target)
    }

    fn read(&self, request: &HttpRequest) -> ApiResult<Operation> {
        let Some(target) = request.header("x-amz-target") else {
            return Err(ApiError::new(400, "UnknownOperationException", ""));
        };
        match target.split_once('.') {
            Some((service, action)) if service == self.target => {
                let input = Input::from_json(&request.body)?;
                Ok(Operation::new(action.to_owned(), input))
            }
            // For example DynamoDB Streams, which is signed for `dynamodb`.
            _ => Err(ApiError::missing(target)),
        }
    }

    fn content_type(&self) -> &'static str {
        self.content_type
    }

    fn answer(&self, _action: &str, members: &Value, _request_id: &str) -> Bytes {
        Bytes::from(members.to_string())
    }

    fn error(&self, error: &ApiError, _request_id: &str) -> Bytes {
        let mut shown = Map::new();
        shown.insert("__type".to_owned(), (self.error_type)(&error.code).into());
        shown.insert("message".to_owned(), error.message.as_str().into());
        shown.extend(error.members.as_deref().cloned().unwrap_or_default());
        Bytes::from(Value::Object(shown).to_string())
    }

    fn access_denied(&self, text: String) -> ApiError {
        ApiError::new(400, "AccessDeniedException", text)
    }

    fn not_authenticated(&self, error: AuthenticationError) -> ApiError {
        with_codes(error, &JSON, 400)
    }
}
