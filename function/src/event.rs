//! An API Gateway event (REST, HTTP API or function URL) becomes a checked request, or a rejection
//! that names the field.

use crate::contract::{header, item};
use crate::globe::Position;
use crate::object::{Members, Object, Text};
use crate::rejection::Rejection;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, MapAccess};
use serde_path_to_error::{Path, Segment};
use std::borrow::Cow;

/// Longest user name taken: an IAM ARN may have 2,048 characters, Cognito's names 128.
const MAX_USER_BYTES: usize = 2_048;

/// Longest idempotency key taken; as other APIs have it.
const MAX_KEY_BYTES: usize = 255;

/// What a rider asks for.
#[derive(Debug, PartialEq)]
pub struct RideRequest<'e> {
    pub user: Cow<'e, str>,
    pub pickup: Position,
    pub idempotency_key: Option<Cow<'e, str>>,
}

/// The request in an event, which may be any bytes.
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

/// The event's members in the order of the two payload formats; null is absent.
#[derive(Default)]
struct Event<'e> {
    context: Option<Object<RequestContext<'e>>>,
    headers: Option<Object<Headers<'e>>>,
    body: Option<Text<'e>>,
    is_base64: Option<bool>,
}

impl<'e> Members<'e> for Event<'e> {
    fn read<A: MapAccess<'e>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "requestContext" => self.context = map.next_value()?,
            "headers" => self.headers = map.next_value()?,
            "body" => self.body = map.next_value()?,
            "isBase64Encoded" => self.is_base64 = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[derive(Default)]
struct RequestContext<'e> {
    authorizer: Option<Object<Authorizer<'e>>>,
}

impl<'e> Members<'e> for RequestContext<'e> {
    fn read<A: MapAccess<'e>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "authorizer" => self.authorizer = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Who a caller is: a REST API has `claims`, an HTTP API `jwt`, a function URL `iam`.
#[derive(Default)]
struct Authorizer<'e> {
    claims: Option<Object<Claims<'e>>>,
    jwt: Option<Object<Jwt<'e>>>,
    iam: Option<Object<Iam<'e>>>,
}

impl<'e> Members<'e> for Authorizer<'e> {
    fn read<A: MapAccess<'e>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "claims" => self.claims = map.next_value()?,
            "jwt" => self.jwt = map.next_value()?,
            "iam" => self.iam = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[derive(Default)]
struct Jwt<'e> {
    claims: Option<Object<Claims<'e>>>,
}

impl<'e> Members<'e> for Jwt<'e> {
    fn read<A: MapAccess<'e>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "claims" => self.claims = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[derive(Default)]
struct Claims<'e> {
    username: Option<Text<'e>>,
}

impl<'e> Members<'e> for Claims<'e> {
    fn read<A: MapAccess<'e>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "cognito:username" => self.username = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[derive(Default)]
struct Iam<'e> {
    user_arn: Option<Text<'e>>,
}

impl<'e> Members<'e> for Iam<'e> {
    fn read<A: MapAccess<'e>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "userArn" => self.user_arn = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[derive(Default)]
struct Headers<'e> {
    idempotency_key: Option<Text<'e>>,
}

impl<'e> Members<'e> for Headers<'e> {
    fn read<A: MapAccess<'e>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        // A REST API passes headers on in the case the caller wrote them in.
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

/// Whoever the authorizer says it is. No authorizer, no ride.
fn user<'e>(context: Option<Object<RequestContext<'e>>>) -> Result<Cow<'e, str>, Rejection> {
    let authorizer = context.and_then(|Object(context)| context.authorizer);
    let Some(Object(Authorizer { claims, jwt, iam })) = authorizer else {
        return Err(Rejection::NoAuthorizer(
            "no `requestContext.authorizer`".into(),
        ));
    };
    // The first of the three that names somebody: an empty one beside it hides nobody.
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
    let no_base64 = |error| Rejection::bad("body", format!("is no base64: {error}"));
    STANDARD.decode(body).map_err(no_base64)
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

/// Parses quickly, and once more slowly where that failed, to learn which field was wrong.
fn parse<'t, T: Deserialize<'t>>(text: &'t [u8], what: &str) -> Result<T, Rejection> {
    // All at once: cheaper than string by string, as the parser would do.
    let text = str::from_utf8(text)
        .map_err(|error| Rejection::bad(what, format!("is no UTF-8 text: {error}")))?;
    serde_json::from_str(text).map_err(|error| {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
            Err(traced) if names_a_field(traced.path()) => {
                Rejection::bad(traced.path().to_string(), traced.inner().to_string())
            }
            // Wrong as a whole, or followed by something else.
            _ => Rejection::bad(what, error.to_string()),
        }
    })
}

/// Where the text breaks off inside a name, the path ends in a question mark.
fn names_a_field(path: &Path) -> bool {
    path.iter().next().is_some() && !path.iter().any(|part| matches!(part, Segment::Unknown))
}

#[cfg(test)]
mod tests {
    use super::read;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    const BODY: &str = r#"{"PickupLocation":{"Latitude":47.6,"Longitude":-122.3}}"#;

    fn v1() -> Value {
        json!({
            "path": "/ride", "httpMethod": "POST",
            "headers": {"Accept": "*/*", "content-type": "application/json"},
            "requestContext": {
                "accountId": "123456789012",
                "authorizer": {"claims": {"sub": "x", "cognito:username": "the_username"}},
            },
            "body": BODY, "isBase64Encoded": false,
        })
    }

    /// `v1` with the value at `pointer` replaced, or removed by `None`.
    fn v1_with(pointer: &str, value: Option<Value>) -> String {
        let mut event = v1();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = event
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .expect("an object");
        match value {
            Some(value) => parent.insert(name.into(), value),
            None => parent.remove(name),
        };
        event.to_string()
    }

    fn check_ok(event: &str, user: &str, key: Option<&str>) {
        let request =
            read(event.as_bytes()).unwrap_or_else(|rejection| panic!("{event}: {rejection:?}"));
        assert_eq!(request.user, user, "{event}");
        assert_eq!(request.pickup.latitude(), 47.6, "{event}");
        assert_eq!(request.pickup.longitude(), -122.3, "{event}");
        assert_eq!(request.idempotency_key.as_deref(), key, "{event}");
    }

    fn check_bad(event: &str, status: u16, fragment: &str) {
        let rejection = read(event.as_bytes()).expect_err(event);
        let found = (rejection.status(), rejection.message());
        assert!(
            found.0 == status && found.1.contains(fragment),
            "{event}: {found:?}"
        );
    }

    #[test]
    fn a_rest_event_is_read() {
        check_ok(&v1().to_string(), "the_username", None);
    }

    #[test]
    fn an_http_api_event_is_read() {
        let event = json!({
            "version": "2.0", "rawPath": "/ride", "headers": {"idempotency-key": "k"},
            "requestContext": {"authorizer": {"jwt": {"claims": {"cognito:username": "u"}, "scopes": null}}},
            "body": STANDARD.encode(BODY), "isBase64Encoded": true,
        });
        check_ok(&event.to_string(), "u", Some("k"));
    }

    #[test]
    fn a_function_url_event_is_read() {
        let arn = "arn:aws:sts::123456789012:assumed-role/Rider/session";
        let event = json!({
            "version": "2.0", "headers": null,
            "requestContext": {"authorizer": {"iam": {"userArn": arn, "callerId": "x"}}},
            "body": BODY,
        });
        check_ok(&event.to_string(), arn, None);
    }

    #[test]
    fn empty_claims_hide_nobody() {
        let jwt = json!({"claims": {"cognito:username": "u"}});
        let authorizer = json!({"claims": {}, "jwt": jwt, "iam": {"userArn": "arn"}});
        let event = v1_with("/requestContext/authorizer", Some(authorizer));
        check_ok(&event, "u", None);
    }

    #[test]
    fn the_key_is_found_in_any_case_and_bodies_may_hold_more() {
        for name in ["Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY"] {
            check_ok(
                &v1_with(&format!("/headers/{name}"), Some(json!("a b"))),
                "the_username",
                Some("a b"),
            );
        }
        let body =
            r#" {"x":[{}],"PickupLocation":{"Longitude":-122.3,"Z":{"a":[1]},"Latitude":47.6}} "#;
        check_ok(&v1_with("/body", Some(json!(body))), "the_username", None);
    }

    #[test]
    fn without_an_authorizer_it_is_401() {
        for event in [
            "{}",
            r#"{"requestContext":null}"#,
            r#"{"requestContext":{}}"#,
        ] {
            check_bad(event, 401, "no `requestContext.authorizer`");
        }
        check_bad(
            &v1_with("/requestContext/authorizer", Some(Value::Null)),
            401,
            "no `request",
        );
        for authorizer in [
            json!({}),
            json!({"claims": null}),
            json!({"claims": {}}),
            json!({"claims": {"cognito:username": ""}}),
            json!({"jwt": {"claims": {"username": "x"}}}),
            json!({"iam": {}}),
            json!({"lambda": {"user": "x"}}),
        ] {
            check_bad(
                &v1_with("/requestContext/authorizer", Some(authorizer)),
                401,
                "names no user",
            );
        }
    }

    #[test]
    fn an_event_that_is_none_is_400() {
        for event in ["[]", "null", "3", "\"x\"", "true", "", "{", "{} {}", "[{}]"] {
            check_bad(event, 400, "event: ");
        }
    }

    #[test]
    fn a_wrong_field_is_named() {
        for (pointer, value, fragment) in [
            ("/body", None, "body: is missing"),
            ("/body", Some(Value::Null), "body: is missing"),
            (
                "/body",
                Some(json!({})),
                "body: invalid type: map, expected a string",
            ),
            ("/body", Some(json!("")), "body: EOF"),
            ("/body", Some(json!("nonsense")), "body: expected ident"),
            (
                "/body",
                Some(json!("[[1,2]]")),
                "body: invalid type: sequence, expected an object",
            ),
            (
                "/body",
                Some(json!(format!("{BODY}x"))),
                "body: trailing characters",
            ),
            ("/body", Some(json!("{}")), "PickupLocation: is missing"),
            (
                "/body",
                Some(json!(r#"{"PickupLocation":null}"#)),
                "PickupLocation: is missing",
            ),
            (
                "/body",
                Some(json!(r#"{"PickupLocation":[1,2]}"#)),
                "PickupLocation: invalid type",
            ),
            (
                "/isBase64Encoded",
                Some(json!(1)),
                "isBase64Encoded: invalid type: integer `1`",
            ),
            ("/isBase64Encoded", Some(json!(true)), "body: is no base64"),
            (
                "/headers",
                Some(json!([])),
                "headers: invalid type: sequence, expected an object",
            ),
            (
                "/headers/Idempotency-Key",
                Some(json!(7)),
                "headers.Idempotency-Key: invalid type",
            ),
            (
                "/headers/Idempotency-Key",
                Some(json!("")),
                "Idempotency-Key: is empty",
            ),
            (
                "/headers/Idempotency-Key",
                Some(json!("k".repeat(256))),
                "longer than 255",
            ),
            (
                "/requestContext",
                Some(json!("x")),
                "requestContext: invalid type",
            ),
            (
                "/requestContext/authorizer/claims",
                Some(json!("x")),
                "authorizer.claims: invalid type",
            ),
            (
                "/requestContext/authorizer/claims/cognito:username",
                Some(json!(5)),
                "requestContext.authorizer.claims.cognito:username: invalid type: integer `5`",
            ),
            (
                "/requestContext/authorizer/claims/cognito:username",
                Some(json!("u".repeat(2_049))),
                "longer than 2048",
            ),
        ] {
            check_bad(&v1_with(pointer, value), 400, fragment);
        }
    }

    #[test]
    fn a_wrong_coordinate_is_named() {
        for (pickup, fragment) in [
            (r#"{}"#, "PickupLocation.Latitude: is missing"),
            (r#"{"Latitude":1}"#, "PickupLocation.Longitude: is missing"),
            (
                r#"{"Latitude":null,"Longitude":1}"#,
                "PickupLocation.Latitude: is missing",
            ),
            (
                r#"{"Latitude":"1","Longitude":1}"#,
                "PickupLocation.Latitude: invalid type: string",
            ),
            (
                r#"{"Latitude":91,"Longitude":1}"#,
                "PickupLocation.Latitude: 91 is not within",
            ),
            (
                r#"{"Latitude":1,"Longitude":-180.1}"#,
                "PickupLocation.Longitude: -180.1 is not",
            ),
            (
                r#"{"Latitude":1e999,"Longitude":1}"#,
                "PickupLocation.Latitude: number out of range",
            ),
            (
                r#"{"Latitude":NaN,"Longitude":1}"#,
                "PickupLocation.Latitude: expected",
            ),
        ] {
            let body = json!(format!(r#"{{"PickupLocation":{pickup}}}"#));
            check_bad(&v1_with("/body", Some(body)), 400, fragment);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_the_callers_mistake() {
        let mut event = v1();
        event["isBase64Encoded"] = json!(true);
        event["body"] = json!(STANDARD.encode([0xff, 0xfe]));
        check_bad(&event.to_string(), 400, "body: is no UTF-8 text");
        let rejection = read(b"{\"body\":\"\xff\"}").expect_err("no text");
        assert_eq!(rejection.status(), 400);
        assert!(rejection.message().starts_with("event: is no UTF-8 text"));
    }

    #[test]
    fn half_a_surrogate_is_the_callers_mistake() {
        let event = v1().to_string().replace("the_username", "\\ud800");
        check_bad(
            &event,
            400,
            "requestContext.authorizer.claims.cognito:username: ",
        );
    }

    #[test]
    fn depth_and_length_do_no_harm() {
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        check_bad(&deep, 401, "authorizer");
        let nested = v1_with("/body", Some(json!(deep)));
        check_bad(&nested, 400, "PickupLocation: is missing");
        let long = v1_with("/isBase64Encoded", Some(json!("x".repeat(1_000_000))));
        let message = read(long.as_bytes()).expect_err("bad").message();
        assert!(message.len() < 400, "{}", message.len());
    }
}
