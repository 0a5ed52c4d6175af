//! Responses.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode};

use crate::api::answer::{Answer, Body};
use crate::api::error::ApiError;
use crate::protocol::{AwsJson, Protocol, query_error};

pub(crate) type Reply = Response<Full<Bytes>>;

/// The response to an operation that succeeded.
pub(crate) fn answer(
    protocol: &dyn Protocol,
    action: &str,
    answer: Answer,
    request_id: &str,
) -> Reply {
    let Answer {
        status,
        headers,
        body,
    } = answer;
    let (content_type, body) = match body {
        Body::Members(members) => (
            Some(protocol.content_type()),
            protocol.answer(action, &members, request_id),
        ),
        Body::Raw(bytes) => (None, bytes),
        Body::Empty => (None, Bytes::new()),
    };
    let mut reply = build(status, content_type, body, request_id);
    for (name, value) in headers {
        put(reply.headers_mut(), name, &value);
    }
    reply
}

/// The response to an operation that failed.
pub(crate) fn error(protocol: &dyn Protocol, error: &ApiError, request_id: &str) -> Reply {
    let body = protocol.error(error, request_id);
    let content_type = Some(protocol.content_type());
    let mut reply = build(error.status, content_type, body, request_id);
    if protocol.has_error_type_header() {
        put(reply.headers_mut(), "x-amzn-errortype", &error.code);
    }
    reply
}

/// An error for a service that the local cloud does not have, in the shape that its clients read.
pub(crate) fn unknown_service(
    service: &str,
    is_form: bool,
    error: &ApiError,
    request_id: &str,
) -> Reply {
    const JSON: AwsJson = AwsJson {
        target: "",
        content_type: "application/x-amz-json-1.1",
        error_type: str::to_owned,
    };
    let ApiError {
        status,
        code,
        message,
        ..
    } = error;
    let inner = format!("<Code>{code}</Code><Message>{message}</Message>");
    let body = match service {
        "s3" => Bytes::from(format!(
            "<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
        )),
        "ec2" => Bytes::from(format!(
            "<Response><Errors><Error>{inner}</Error></Errors><RequestID>{request_id}</RequestID>\
             </Response>"
        )),
        _ if is_form => query_error(error, "https://aws.amazon.com/", request_id),
        _ => {
            let mut reply = self::error(&JSON, error, request_id);
            put(reply.headers_mut(), "x-amzn-errortype", code);
            return reply;
        }
    };
    build(*status, Some("text/xml"), body, request_id)
}

/// A response outside every protocol: of the cloud's own addresses, or to a request that is not an
/// AWS request.
pub(crate) fn plain(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let request_id = crate::random::uuid();
    build(status, Some(content_type), body.into(), &request_id)
}

fn build(status: u16, content_type: Option<&'static str>, body: Bytes, request_id: &str) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = reply.headers_mut();
    put(headers, "x-amzn-requestid", request_id);
    if let Some(content_type) = content_type {
        headers.insert("content-type", HeaderValue::from_static(content_type));
    }
    reply
}

fn put(map: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        map.insert(HeaderName::from_static(name), value);
    }
}
