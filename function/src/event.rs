//! Parses an API Gateway event (REST API, HTTP API or function URL) into a checked request, or a
//! rejection that names the field.

use crate::contract::{header, item};
use crate::geo::Position;
use crate::object::{Members, Object, Text, members};
use crate::rejection::Rejection;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, MapAccess};
use serde_path_to_error::{Path, Segment};
use std::borrow::Cow;

/// The longest user name accepted: an IAM ARN may have 2,048 characters, a Cognito user name 128.
const MAX_USER_BYTES: usize = 2_048;

/// The longest idempotency key accepted, as in other APIs.
const MAX_KEY_BYTES: usize = 255;

/// Where the event names the rider.
const AUTHORIZER: &str = "requestContext.authorizer";

/// What a rider asks for.
#[derive(Debug, PartialEq)]
pub struct RideRequest<'e> {
    pub user: Cow<'e, str>,
    pub pickup: Position,
    pub idempotency_key: Option<Cow<'e, str>>,
}

/// The request in an event. The event may be any bytes.
pub fn read(event: &[u8]) -> Result<RideRequest<'_>, Rejection> {
    let Object(Event {
        context,
        headers,
        body,
        is_base64,
    }) = parse(event, "event")?;
    let user = user(context)?;
    let idempotency_key = headers.and_then(|Object(headers)| headers.idempotency_key);
    if let Some(Text(key)) = &idempotency_key {
        let what = header::IDEMPOTENCY_KEY;
        match key.len() {
            0 => return Err(Rejection::bad(what, "is empty")),
            1..=MAX_KEY_BYTES => {}
            _ => {
                return Err(Rejection::bad(
                    what,
                    format!("is longer than {MAX_KEY_BYTES} bytes"),
                ));
            }
        }
    }
    let Some(Text(body)) = body else {
        return Err(Rejection::bad("body", "is missing"));
    };
    let pickup = match is_base64 {
        Some(true) => pickup(&decode(&body)?)?,
        Some(false) | None => pickup(body.as_bytes())?,
    };
    Ok(RideRequest {
        user,
        pickup,
        idempotency_key: idempotency_key.map(|Text(key)| key),
    })
}

members! {
    /// The members that both payload formats have at the top; null counts as missing.
    Event<'e> {
        "requestContext" => context: Object<GatewayContext<'e>>,
        "headers" => headers: Object<Headers<'e>>,
        "body" => body: Text<'e>,
        "isBase64Encoded" => is_base64: bool,
    }
    GatewayContext<'e> {
        "authorizer" => authorizer: Object<Authorizer<'e>>,
    }
    /// The caller's identity: a REST API has `claims`, an HTTP API `jwt`, a function URL `iam`.
    Authorizer<'e> {
        "claims" => claims: Object<Claims<'e>>,
        "jwt" => jwt: Object<Jwt<'e>>,
        "iam" => iam: Object<Iam<'e>>,
    }
    Jwt<'e> {
        "claims" => claims: Object<Claims<'e>>,
    }
    Claims<'e> {
        "cognito:username" => username: Text<'e>,
    }
    Iam<'e> {
        "userArn" => user_arn: Text<'e>,
    }
}

#[derive(Default)]
struct Headers<'e> {
    idempotency_key: Option<Text<'e>>,
}

impl<'e> Members<'e> for Headers<'e> {
    fn read<A: MapAccess<'e>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        // A REST API passes header names as the caller wrote them.
        if !name.eq_ignore_ascii_case(header::IDEMPOTENCY_KEY) {
            return Ok(false);
        }
        self.idempotency_key = map.next_value()?;
        Ok(true)
    }
}

#[derive(Default)]
struct Body {
    pickup: Option<Object<Pickup>>,
}

impl<'b> Members<'b> for Body {
    fn read<A: MapAccess<'b>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            item::PICKUP_LOCATION => self.pickup = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[derive(Default)]
struct Pickup {
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl<'b> Members<'b> for Pickup {
    fn read<A: MapAccess<'b>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            item::LATITUDE => self.latitude = map.next_value()?,
            item::LONGITUDE => self.longitude = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// The user named by the authorizer. Without an authorizer the request is rejected.
fn user<'e>(context: Option<Object<GatewayContext<'e>>>) -> Result<Cow<'e, str>, Rejection> {
    let authorizer = context.and_then(|Object(context)| context.authorizer);
    let Some(Object(Authorizer { claims, jwt, iam })) = authorizer else {
        return Err(Rejection::NoAuthorizer(
            "no `requestContext.authorizer`".into(),
        ));
    };
    // The first of the three that names a user; one without a user is skipped.
    let username = |Object(claims): Object<Claims<'e>>| claims.username;
    let named = claims
        .and_then(username)
        .or_else(|| jwt.and_then(|Object(jwt)| jwt.claims).and_then(username))
        .or_else(|| iam.and_then(|Object(iam)| iam.user_arn));
    match named {
        Some(Text(user)) if user.len() > MAX_USER_BYTES => {
            let why = format!("is longer than {MAX_USER_BYTES} bytes");
            Err(Rejection::bad(
                "requestContext.authorizer: the user name",
                why,
            ))
        }
        Some(Text(user)) if !user.is_empty() => Ok(user),
        _ => Err(Rejection::NoAuthorizer(
            "`requestContext.authorizer` names no user: neither `cognito:username` in `claims` or \
             `jwt.claims`, nor `iam.userArn`"
                .into(),
        )),
    }
}

fn decode(body: &str) -> Result<Vec<u8>, Rejection> {
    let not_base64 = |error| Rejection::bad("body", format!("is not base64: {error}"));
    STANDARD.decode(body).map_err(not_base64)
}

fn pickup(body: &[u8]) -> Result<Position, Rejection> {
    let Object(Body { pickup }) = parse(body, "body")?;
    let Some(Object(Pickup {
        latitude,
        longitude,
    })) = pickup
    else {
        return Err(Rejection::bad(item::PICKUP_LOCATION, "is missing"));
    };
    let field = |name| format!("{}.{name}", item::PICKUP_LOCATION);
    let missing = |name| Rejection::bad(field(name), "is missing");
    let latitude = latitude.ok_or_else(|| missing(item::LATITUDE))?;
    let longitude = longitude.ok_or_else(|| missing(item::LONGITUDE))?;
    Position::new(latitude, longitude).map_err(|bad| Rejection::bad(field(bad.field), bad.why))
}

/// Parses the text. Only if that fails it is parsed again, more slowly, to find the wrong field.
fn parse<'t, T: Deserialize<'t>>(text: &'t [u8], what: &str) -> Result<T, Rejection> {
    // Checked once for the whole text: cheaper than for each string, as the parser would do.
    let text = str::from_utf8(text)
        .map_err(|error| Rejection::bad(what, format!("is not UTF-8 text: {error}")))?;
    serde_json::from_str(text).map_err(|error| {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
            Err(traced) if names_a_field(traced.path()) => {
                let (path, why) = (traced.path().to_string(), traced.inner().to_string());
                // An authorizer of another form than API Gateway's, such as one whose claims are a text.
                if path.starts_with(AUTHORIZER) && traced.inner().is_data() {
                    Rejection::NoAuthorizer(format!("`{path}`: {why}"))
                } else {
                    Rejection::bad(path, why)
                }
            }
            // The error concerns the whole text, or something that follows it.
            _ => Rejection::bad(what, error.to_string()),
        }
    })
}

/// Whether the path names a field. It ends in a question mark if the text ends inside a name.
fn names_a_field(path: &Path) -> bool {
    path.iter().next().is_some() && !path.iter().any(|part| matches!(part, Segment::Unknown))
}

#[cfg(test)]
mod tests;
