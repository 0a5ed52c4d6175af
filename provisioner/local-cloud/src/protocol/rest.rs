//! REST-JSON: the operation in the method and the path, members as JSON in the body.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::identity::authenticate::AuthenticationError;
use crate::identity::canonical::pairs;
use crate::identity::sigv4::SignatureError;
use crate::protocol::authentication_error::{JSON, with_codes};
use crate::protocol::operation::{Operation, Route};
use crate::protocol::request::HttpRequest;
use crate::protocol::wire::Protocol;

pub(crate) struct RestJson {
    /// The service's name, for errors.
    pub(crate) service: &'static str,
    /// The route of a method and a path, if the service has it.
    pub(crate) route: fn(&str, &str) -> Option<Route>,
}

/// Whether a path begins with the date of an API version, such as `/2015-03-31/`.
pub(crate) fn is_rest_path(path: &str) -> bool {
    path.starts_with("/20")
}

impl Protocol for RestJson {
    fn recognizes(&self, path: &str, target: Option<&str>) -> bool {
        target.is_none() && is_rest_path(path)
    }

    fn read(&self, request: &HttpRequest) -> ApiResult<Operation> {
        let (method, path) = (&request.method, &request.path);
        let Some(route) = (self.route)(method, path) else {
            let service = self.service;
            return Err(ApiError::missing(&format!("{service}: {method} {path}")));
        };
        let input = match route.has_payload {
            true => Input::default(),
            false => Input::from_json(&request.body)?,
        };
        Ok(Operation {
            route,
            resource_key: format!("{path}?{}", request.query),
            query: pairs(&request.query).collect(),
            headers: request.headers.clone(),
            input,
            body: request.body.clone(),
        })
    }

    fn content_type(&self) -> &'static str {
        "application/json"
    }

    fn answer(&self, _action: &str, members: &Value, _request_id: &str) -> Bytes {
        Bytes::from(members.to_string())
    }

    fn error(&self, error: &ApiError, _request_id: &str) -> Bytes {
        let ApiError {
            status,
            code,
            message,
            members,
        } = error;
        let members = members.as_deref().cloned().unwrap_or_default();
        let mut shown = Map::new();
        // Modeled errors of the service have a `Type`, those of its gateway do not.
        let is_modeled =
            members.contains_key("Type") || *status == 409 || code.ends_with("ValueException");
        if is_modeled {
            shown.insert("Type".to_owned(), "User".into());
        }
        // The models of some errors name the text `Message` and those of others `message`.
        for name in ["Message", "message"] {
            shown.insert(name.to_owned(), message.as_str().into());
        }
        shown.extend(members);
        Bytes::from(Value::Object(shown).to_string())
    }

    fn has_error_type_header(&self) -> bool {
        true
    }

    fn access_denied(&self, text: String) -> ApiError {
        ApiError::new(403, "AccessDeniedException", text)
    }

    fn not_authenticated(&self, error: AuthenticationError) -> ApiError {
        let is_missing = matches!(
            error,
            AuthenticationError::Signature(SignatureError::Missing)
        );
        let refused = with_codes(error, &JSON, 403);
        match is_missing {
            true => ApiError {
                message: "Missing Authentication Token".to_owned(),
                ..refused
            },
            false => refused,
        }
    }
}
