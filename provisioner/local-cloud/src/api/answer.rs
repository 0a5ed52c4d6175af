//! The answer of an operation, independent of the protocol.

use bytes::Bytes;
use serde_json::Value;

/// The answer of one operation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    /// A structure, which the protocol writes as JSON or XML.
    Members(Value),
    /// Bytes that are sent unchanged, such as a function's payload.
    Raw(Bytes),
    Empty,
}

impl Answer {
    pub(crate) fn ok(members: Value) -> Answer {
        Answer {
            status: 200,
            headers: Vec::new(),
            body: Body::Members(members),
        }
    }

    pub(crate) fn created(members: Value) -> Answer {
        Answer {
            status: 201,
            ..Answer::ok(members)
        }
    }

    pub(crate) fn no_content() -> Answer {
        Answer {
            status: 204,
            headers: Vec::new(),
            body: Body::Empty,
        }
    }

    pub(crate) fn raw(status: u16, bytes: impl Into<Bytes>) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            body: Body::Raw(bytes.into()),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}
