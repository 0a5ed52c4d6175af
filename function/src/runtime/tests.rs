//! Tests the client against a server on 127.0.0.1 that gives prepared answers in DynamoDB's place.

use super::connection::{Connection, Trust};
use super::dynamodb::Table;
use super::settings::Settings;
use super::warm_up;
use crate::fleet::FLEET;
use crate::geo::Position;
use crate::ride::Ride;
use crate::store::{Guard, Put, RideStore as _, WriteFailure};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

/// One request as it came in: the head in lower case, and the body.
type Received = (String, String);

/// Gives these answers, in turn, to the first connection that is made; returns the requests.
fn serve(answers: Vec<(u16, &'static str)>) -> (String, JoinHandle<Vec<Received>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        let mut stream = BufReader::new(stream);
        let mut seen = Vec::new();
        for (status, answer) in answers {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                assert!(
                    stream.read_line(&mut head).expect("a line") > 0,
                    "it hung up"
                );
            }
            let head = head.to_lowercase();
            let length = head.split("content-length: ").nth(1).map_or(0, |rest| {
                rest.lines().next().unwrap_or("").parse().expect("a number")
            });
            let mut body = vec![0; length];
            stream.read_exact(&mut body).expect("a body");
            let length = answer.len();
            let answer = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.0\r\n\
                 Content-Length: {length}\r\n\r\n{answer}"
            );
            stream.get_mut().write_all(answer.as_bytes()).expect("sent");
            seen.push((head, String::from_utf8(body).expect("text")));
        }
        seen
    });
    (url, served)
}

fn settings(url: String) -> Settings {
    Settings {
        table: "Rides".into(),
        region: "eu-west-1".into(),
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "secret".into(),
        session_token: Some("session".into()),
        endpoint_url: Some(url),
        extra_ca: None,
        system_roots: false,
        log_rider: true,
        warm_up: true,
    }
}

fn ride() -> Ride<'static> {
    Ride {
        id: "the-id".into(),
        user: "ann".into(),
        unicorn: &FLEET[0],
        request_time: "2026-11-22T15:43:12.123Z",
        pickup: Position::new(47.5, -122.25).expect("a position"),
    }
}

/// What one write comes to, where the answers begin with the one to a ping.
fn put(
    guard: Guard,
    status: u16,
    answer: &'static str,
) -> (Result<Put, WriteFailure>, Vec<Received>) {
    let (url, served) = serve(vec![(200, "healthy"), (status, answer)]);
    let settings = settings(url);
    let result = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(async {
            let connection = Connection::new(Trust::default()).expect("a connection");
            let table = Table::new(&settings, &connection);
            warm_up::run(&connection, &settings).await;
            table.put(&ride(), guard).await
        });
    (result, served.join().expect("all was asked for"))
}

#[test]
fn a_ride_travels_on_the_connection_that_the_warm_up_opened() {
    let (result, seen) = put(Guard::None, 200, "{}");
    assert!(matches!(result, Ok(Put::Stored)), "{result:?}");
    let [(ping, nothing), (head, body)] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert!(ping.starts_with("get /ping http/1.1"), "{ping}");
    assert!(
        !ping.contains("authorization") && nothing.is_empty(),
        "{ping}"
    );
    assert!(
        head.contains("x-amz-target: dynamodb_20120810.putitem"),
        "{head}"
    );
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(
        body,
        serde_json::json!({
            "TableName": "Rides",
            "Item": {
                "RideId": {"S": "the-id"},
                "User": {"S": "ann"},
                "Unicorn": {"M": {
                    "Name": {"S": "Bucephalus"}, "Color": {"S": "Golden"}, "Gender": {"S": "Male"},
                }},
                "UnicornName": {"S": "Bucephalus"},
                "RequestTime": {"S": "2026-11-22T15:43:12.123Z"},
                "PickupLocation": {"M": {"Latitude": {"N": "47.5"}, "Longitude": {"N": "-122.25"}}},
            },
        })
    );
}

#[test]
fn a_taken_id_gives_back_the_ride_that_has_it() {
    let (result, seen) = put(
        Guard::KeepFirst,
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
            "Message":"The conditional request failed",
            "Item":{"RideId":{"S":"the-id"},"User":{"S":"ann"},"UnicornName":{"S":"Pegasus"},
              "Unicorn":{"M":{"Name":{"S":"Pegasus"},"Color":{"S":"Red"},"Gender":{"S":"Female"}}},
              "PickupLocation":{"M":{"Latitude":{"N":"47.5"},"Longitude":{"N":"-122.25"}}}}}"#,
    );
    let Ok(Put::AlreadyExists(stored)) = result else {
        panic!("{result:?}");
    };
    assert!(stored.is(&ride()), "{stored:?}");
    assert_eq!(stored.unicorn.name, "Pegasus");
    let body: serde_json::Value = serde_json::from_str(&seen[1].1).expect("JSON");
    assert_eq!(body["ConditionExpression"], "attribute_not_exists(RideId)");
    assert_eq!(body["ReturnValuesOnConditionCheckFailure"], "ALL_OLD");
}

#[test]
fn a_refused_write_tells_awss_code() {
    let (result, _) = put(
        Guard::None,
        400,
        r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"User: x is not authorized to perform: dynamodb:PutItem"}"#,
    );
    let Err(WriteFailure { code, message }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("not authorized"), "{message}");
}

#[test]
fn an_item_that_is_no_ride_is_a_failure() {
    let (result, _) = put(
        Guard::KeepFirst,
        400,
        r#"{"__type":"x#ConditionalCheckFailedException","Item":{"RideId":{"S":"the-id"}}}"#,
    );
    let code = result.map_err(|WriteFailure { code, .. }| code);
    assert!(
        matches!(&code, Err(code) if code == "UnreadableItem"),
        "{code:?}"
    );
}
