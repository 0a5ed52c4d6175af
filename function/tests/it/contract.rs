//! The contract from outside: events in, answers and log lines out, over a table in memory.

use crate::check::{Table, handle};
use function::answer::Answer;
use function::contract;
use function::log::{Entry, Line};
use function::request_context::RequestContext;
use serde_json::{Value, json};
use std::time::Duration;

const CONTEXT: RequestContext<'static> = RequestContext {
    request_id: "request-1",
    time: "1970-01-01T00:00:00.000Z",
    random: [7; 16],
    cold: true,
};

/// What API Gateway gets, and what the log gets.
fn take(table: &Table, event: &Value) -> (Value, Value) {
    let (answer, entry) = handle(event.to_string().as_bytes(), &CONTEXT, table);
    (json_of(&answer), logged(&entry, true))
}

fn json_of(answer: &Answer) -> Value {
    let mut answer = serde_json::to_value(answer).expect("JSON");
    let body = answer["body"].as_str().expect("a text").to_owned();
    answer["body"] = serde_json::from_str(&body).expect("a body of JSON");
    answer
}

fn logged(entry: &Entry, log_rider: bool) -> Value {
    let line = Line {
        entry,
        context: &CONTEXT,
        took: Duration::from_micros(1_234),
        log_rider,
    };
    let line = String::from_utf8(line.render()).expect("text");
    assert_eq!(line.matches('\n').count(), 1, "{line}");
    serde_json::from_str(&line).expect("a line of JSON")
}

fn event(user: &str, key: Option<&str>, latitude: f64) -> Value {
    let mut headers = json!({"Accept": "*/*"});
    if let Some(key) = key {
        headers["Idempotency-Key"] = json!(key);
    }
    let body = json!({"PickupLocation": {"Latitude": latitude, "Longitude": -122.2884}});
    json!({
        "headers": headers,
        "requestContext": {"authorizer": {"claims": {"cognito:username": user}}},
        "body": body.to_string(),
    })
}

#[test]
fn a_ride_is_answered_stored_and_logged() {
    let table = Table::default();
    let (answer, log) = take(&table, &event("the_username", None, 47.6175));
    let ride_id = contract::ride_id([7; 16]);
    assert_eq!(
        answer,
        json!({
            "statusCode": 201,
            "headers": {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"},
            "body": {
                "RideId": ride_id,
                "Unicorn": {"Name": "Bucephalus", "Color": "Golden", "Gender": "Male"},
                "UnicornName": "Bucephalus",
                "Eta": "3 minutes 24 seconds",
                "Rider": "the_username",
            },
        })
    );
    assert_eq!(
        log,
        json!({
            "level": "INFO", "timestamp": "1970-01-01T00:00:00.000Z", "requestId": "request-1",
            "rideId": ride_id, "unicorn": "Bucephalus", "distanceMetres": 4577,
            "rider": "the_username", "replayed": false, "durationMs": 1.234, "start": "cold",
        })
    );
    assert_eq!(table.rides.borrow()[&ride_id].user, "the_username");
}

#[test]
fn the_rider_can_be_left_out_of_the_log() {
    let table = Table::default();
    let event = event("somebody", None, 47.0).to_string();
    let (_, entry) = handle(event.as_bytes(), &CONTEXT, &table);
    assert_eq!(logged(&entry, true)["rider"], "somebody");
    assert_eq!(logged(&entry, false).get("rider"), None);
}

#[test]
fn a_retry_gets_the_same_ride_and_is_told() {
    let table = Table::default();
    let (first, _) = take(&table, &event("ann", Some("key"), 47.6));
    assert_eq!(first["headers"].get("Idempotent-Replayed"), None);
    for _ in 0..3 {
        let (again, log) = take(&table, &event("ann", Some("key"), 47.6));
        assert_eq!(again["statusCode"], 201);
        assert_eq!(again["body"], first["body"]);
        assert_eq!(again["headers"]["Idempotent-Replayed"], "true");
        assert_eq!(log["replayed"], true);
    }
    assert_eq!(table.rides.borrow().len(), 1);
}

#[test]
fn the_same_key_with_another_body_is_409() {
    let table = Table::default();
    take(&table, &event("ann", Some("key"), 47.6));
    let (answer, log) = take(&table, &event("ann", Some("key"), 47.7));
    assert_eq!(answer["statusCode"], 409);
    assert_eq!(answer["body"]["Reference"], "request-1");
    assert_eq!(
        (&log["level"], &log["status"]),
        (&json!("WARN"), &json!(409))
    );
    // Another rider's key is another key.
    let (answer, _) = take(&table, &event("bob", Some("key"), 47.7));
    assert_eq!(answer["statusCode"], 201);
    assert_eq!(table.rides.borrow().len(), 2);
}

#[test]
fn a_unicorn_that_left_the_fleet_still_comes() {
    let table = Table::default();
    take(&table, &event("ann", Some("key"), 47.6));
    for stored in table.rides.borrow_mut().values_mut() {
        stored.unicorn.name = "Pegasus".into();
    }
    let (answer, log) = take(&table, &event("ann", Some("key"), 47.6));
    assert_eq!(answer["body"]["UnicornName"], "Pegasus");
    assert_eq!(answer["body"]["Eta"], "unknown");
    assert_eq!(log["distanceMetres"], Value::Null);
}

#[test]
fn a_failed_write_is_500_and_its_cause_is_logged_once() {
    let denied =
        "User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: dynamodb:PutItem";
    let table = Table::default();
    table.failure.set(Some(("AccessDeniedException", denied)));
    let (answer, log) = take(&table, &event("ann", None, 47.6));
    assert_eq!(answer["statusCode"], 500);
    assert_eq!(answer["body"]["Reference"], "request-1");
    assert!(!answer.to_string().contains("dynamodb"), "{answer}");
    assert_eq!(
        log,
        json!({
            "level": "ERROR", "timestamp": "1970-01-01T00:00:00.000Z", "requestId": "request-1",
            "rideId": contract::ride_id([7; 16]), "action": "dynamodb:PutItem",
            "code": "AccessDeniedException", "message": denied,
            "durationMs": 1.234, "start": "cold",
        })
    );
}

#[test]
fn a_log_without_riders_has_none_in_any_line() {
    let rider = "alice";
    let stored = event(rider, None, 47.6);
    let mut events = vec![stored.clone()];
    for pointer in [
        "/requestContext",
        "/requestContext/authorizer",
        "/requestContext/authorizer/claims",
        "/headers",
        "/isBase64Encoded",
        "/body",
    ] {
        for value in [json!(rider), json!([rider]), json!({rider: rider})] {
            let mut event = stored.clone();
            event["isBase64Encoded"] = json!(false);
            *event.pointer_mut(pointer).expect("a member") = value;
            events.push(event);
        }
    }
    let mut event = stored.clone();
    event["body"] = json!(json!({"PickupLocation": rider}).to_string());
    events.push(event);
    let texts = events.iter().map(Value::to_string);
    // Cut off, the rider is where the error is.
    let half = stored.to_string();
    let half = half.split_once(rider).expect("the rider").0.to_owned();
    for text in texts.chain([format!("{half}{rider}"), format!("{half}\",\"{rider}\":")]) {
        let (_, entry) = handle(text.as_bytes(), &CONTEXT, &Table::default());
        let log = logged(&entry, false).to_string();
        assert!(!log.contains(rider), "{text}: {log}");
    }
}

#[test]
fn a_rejection_names_the_request_and_is_logged() {
    let (answer, log) = take(&Table::default(), &json!({"body": "{}"}));
    assert_eq!(answer["statusCode"], 401);
    assert_eq!(answer["headers"]["Access-Control-Allow-Origin"], "*");
    assert_eq!(answer["body"]["Reference"], "request-1");
    assert_eq!(answer["body"]["Error"], log["message"]);
    assert_eq!(log["level"], "WARN");
}
