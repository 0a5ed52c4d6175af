//! The operation that a request asks for, whichever protocol brought it.

use bytes::Bytes;
use hyper::HeaderMap;
use serde_json::Value;

use crate::api::input::Input;

/// One operation with its members.
#[derive(Debug, Default)]
pub(crate) struct Operation {
    pub(crate) route: Route,
    pub(crate) input: Input,
    /// Names the resource: repeated calls of an action on it count as repetitions when faults are
    /// injected.
    pub(crate) resource_key: String,
    /// REST only: the parameters of the query string.
    pub(crate) query: Vec<(String, String)>,
    /// REST only.
    pub(crate) headers: HeaderMap,
    /// REST only: the body, for operations whose body is a payload and not a structure.
    pub(crate) body: Bytes,
}

/// The action of a request, and what a REST path says beside it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Route {
    pub(crate) action: String,
    /// REST only: the resource in the path, such as a function's name or an ARN.
    pub(crate) resource: String,
    /// REST only: what follows the resource, such as an alias or the id of a statement.
    pub(crate) part: String,
    /// REST only: the body is passed on and not read as members.
    pub(crate) has_payload: bool,
}

impl Operation {
    /// An operation that consists of an action and members.
    pub(crate) fn new(action: String, input: Input) -> Operation {
        Operation {
            route: Route {
                action,
                ..Route::default()
            },
            resource_key: resource_key(&input),
            input,
            ..Operation::default()
        }
    }

    pub(crate) fn action(&self) -> &str {
        &self.route.action
    }

    /// A parameter of the query string.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A header's value, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

fn resource_key(input: &Input) -> String {
    const NAMES: &[&str] = &[
        "TableName",
        "ResourceArn",
        "RoleName",
        "PolicyName",
        "PolicyArn",
        "logGroupName",
        "logGroupNamePrefix",
        "resourceArn",
    ];
    let texts = NAMES
        .iter()
        .filter_map(|name| input.get(name).and_then(Value::as_str));
    texts.collect::<Vec<_>>().join(" ")
}
