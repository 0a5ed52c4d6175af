//! The answer to an event, as API Gateway takes it from a proxy integration.

use crate::contract::header;
use crate::rejection::Rejection;
use crate::ride::UnicornCard;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// The answer; it is the same in both payload formats.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub replayed: bool,
    pub body: String,
}

/// The body of an answer with a ride.
#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RideBody<'a> {
    pub ride_id: &'a str,
    pub unicorn: &'a UnicornCard<'a>,
    pub unicorn_name: &'a str,
    pub eta: &'a str,
    pub rider: &'a str,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody<'a> {
    error: &'a str,
    reference: &'a str,
}

impl Answer {
    pub fn ride(body: &RideBody<'_>, replayed: bool) -> Answer {
        Answer {
            status: 201,
            replayed,
            body: json(body),
        }
    }

    pub fn rejection(rejection: &Rejection, request_id: &str) -> Answer {
        let body = ErrorBody {
            error: &rejection.message(),
            reference: request_id,
        };
        Answer {
            status: rejection.status(),
            replayed: false,
            body: json(&body),
        }
    }
}

/// The value as JSON. serde_json cannot fail on structs of strings; if it did, an empty body would be
/// better than no answer.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_else(|_| "{}".into())
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("statusCode", &self.status)?;
        map.serialize_entry(
            "headers",
            &Headers {
                replayed: self.replayed,
            },
        )?;
        map.serialize_entry("body", &self.body)?;
        map.end()
    }
}

struct Headers {
    replayed: bool,
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Access-Control-Allow-Origin", "*")?;
        map.serialize_entry("Content-Type", "application/json")?;
        if self.replayed {
            map.serialize_entry(header::IDEMPOTENT_REPLAYED, "true")?;
        }
        map.end()
    }
}
