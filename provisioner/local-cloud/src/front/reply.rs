//! Answers and errors in the shape of each service's protocol.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode};
use serde_json::{Map, Value};

use crate::answer::{Answer, Body};
use crate::error::ApiError;
use crate::front::{Service, xml};

pub(crate) type Reply = Response<Full<Bytes>>;

const IAM: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

fn namespace(service: Service) -> &'static str {
    if service == Service::Sts { STS } else { IAM }
}

fn content_type(service: Service) -> &'static str {
    match service {
        Service::DynamoDb => "application/x-amz-json-1.0",
        Service::Logs => "application/x-amz-json-1.1",
        Service::Lambda => "application/json",
        Service::Iam | Service::Sts => "text/xml",
    }
}

pub(crate) fn answer(service: Service, action: &str, answer: Answer, request_id: &str) -> Reply {
    let Answer {
        status,
        headers,
        body,
    } = answer;
    let (content_type, body) = match (body, service) {
        (Body::Members(members), Service::Iam | Service::Sts) => {
            let text = xml::answer(action, namespace(service), &members, request_id);
            (Some(content_type(service)), Bytes::from(text))
        }
        (Body::Members(members), _) => (
            Some(content_type(service)),
            Bytes::from(members.to_string()),
        ),
        (Body::Raw(bytes), _) => (None, bytes),
        (Body::Empty, _) => (None, Bytes::new()),
    };
    let mut reply = build(status, body, request_id);
    let map = reply.headers_mut();
    if let Some(content_type) = content_type {
        map.insert("content-type", HeaderValue::from_static(content_type));
    }
    for (name, value) in headers {
        put(map, name, &value);
    }
    reply
}

pub(crate) fn error(service: Service, error: &ApiError, request_id: &str) -> Reply {
    let ApiError {
        status,
        code,
        message,
        members,
    } = error;
    let body = match service {
        Service::Iam | Service::Sts => Bytes::from(xml::error(
            *status,
            code,
            message,
            namespace(service),
            request_id,
        )),
        Service::DynamoDb | Service::Logs | Service::Lambda => {
            let members = members.as_deref().cloned().unwrap_or_default();
            let mut shown = Map::new();
            match service {
                Service::DynamoDb => {
                    shown.insert("__type".to_owned(), namespaced(code).into());
                    shown.insert("message".to_owned(), message.as_str().into());
                }
                Service::Logs => {
                    shown.insert("__type".to_owned(), code.as_ref().into());
                    shown.insert("message".to_owned(), message.as_str().into());
                }
                // Lambda's modelled errors say `Message` and `Type`, its own front door `message`.
                _ if members.contains_key("Type")
                    || *status == 409
                    || code.ends_with("ValueException") =>
                {
                    shown.insert("Type".to_owned(), "User".into());
                    let name = if members.contains_key("Reason") {
                        "message"
                    } else {
                        "Message"
                    };
                    shown.insert(name.to_owned(), message.as_str().into());
                }
                _ => {
                    shown.insert("message".to_owned(), message.as_str().into());
                }
            }
            shown.extend(members);
            Bytes::from(Value::Object(shown).to_string())
        }
    };
    let mut reply = build(*status, body, request_id);
    let map = reply.headers_mut();
    map.insert(
        "content-type",
        HeaderValue::from_static(content_type(service)),
    );
    if service == Service::Lambda {
        put(map, "x-amzn-errortype", code);
    }
    reply
}

/// An error for a service that isn't here, in the shape that its clients read.
pub(crate) fn elsewhere(service: &str, is_form: bool, error: &ApiError, request_id: &str) -> Reply {
    let ApiError {
        status,
        code,
        message,
        ..
    } = error;
    let inner = format!("<Code>{code}</Code><Message>{message}</Message>");
    let body = match service {
        "s3" => format!("<Error>{inner}<RequestId>{request_id}</RequestId></Error>"),
        "ec2" => format!(
            "<Response><Errors><Error>{inner}</Error></Errors><RequestID>{request_id}</RequestID>\
             </Response>"
        ),
        _ if is_form => xml::error(
            *status,
            code,
            message,
            "https://aws.amazon.com/",
            request_id,
        ),
        _ => {
            let mut reply = self::error(Service::Logs, error, request_id);
            put(reply.headers_mut(), "x-amzn-errortype", code);
            return reply;
        }
    };
    let mut reply = build(*status, Bytes::from(body), request_id);
    reply
        .headers_mut()
        .insert("content-type", HeaderValue::from_static("text/xml"));
    reply
}

/// DynamoDB names its errors with the package they come from.
fn namespaced(code: &str) -> String {
    let package = match code {
        "ValidationException" => "com.amazon.coral.validate",
        "AccessDeniedException"
        | "ExpiredTokenException"
        | "IncompleteSignatureException"
        | "InternalFailure"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "NotImplementedException"
        | "SerializationException"
        | "ThrottlingException"
        | "UnknownOperationException"
        | "UnrecognizedClientException" => "com.amazon.coral.service",
        _ => "com.amazonaws.dynamodb.v20120810",
    };
    format!("{package}#{code}")
}

fn build(status: u16, body: Bytes, request_id: &str) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    put(reply.headers_mut(), "x-amzn-requestid", request_id);
    reply
}

fn put(map: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        map.insert(HeaderName::from_static(name), value);
    }
}

/// Outside every protocol: the cloud's own addresses, and what is no AWS request at all.
pub(crate) fn plain(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = build(status, body.into(), &crate::random::uuid());
    reply
        .headers_mut()
        .insert("content-type", HeaderValue::from_static(content_type));
    reply
}
