//! Tests valid and invalid events, and the messages about the invalid ones.

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
fn an_authorizer_of_another_form_is_401() {
    for (member, value, fragment) in [
        ("", json!("x"), "`requestContext.authorizer`: invalid type"),
        ("/claims", json!("x"), "authorizer.claims`: invalid type"),
        ("/jwt", json!([]), "authorizer.jwt`: invalid type"),
        ("/iam", json!("arn"), "authorizer.iam`: invalid type"),
        (
            "/claims/cognito:username",
            json!(5),
            "`requestContext.authorizer.claims.cognito:username`: invalid type: integer `5`",
        ),
    ] {
        let pointer = format!("/requestContext/authorizer{member}");
        check_bad(&v1_with(&pointer, Some(value)), 401, fragment);
    }
    let long = v1_with("/requestContext/authorizer", Some(json!("x".repeat(9_000))));
    let rejection = read(long.as_bytes()).expect_err("no authorizer");
    assert!(rejection.message().len() < 400);
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
        ("/isBase64Encoded", Some(json!(true)), "body: is not base64"),
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
    check_bad(&event.to_string(), 400, "body: is not UTF-8 text");
    let rejection = read(b"{\"body\":\"\xff\"}").expect_err("no text");
    assert_eq!(rejection.status(), 400);
    assert!(rejection.message().starts_with("event: is not UTF-8 text"));
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
