//! AWS's wire protocols: how a request names its operation, and how an answer or an error is written.

mod authentication_error;
mod form;
mod json;
mod operation;
mod query;
mod request;
mod rest;
mod wire;
mod xml;

pub(crate) use json::AwsJson;
pub(crate) use operation::{Operation, Route};
pub(crate) use query::{AwsQuery, error as query_error};
pub(crate) use request::HttpRequest;
pub(crate) use rest::RestJson;
pub(crate) use wire::Protocol;
