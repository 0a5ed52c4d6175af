//! Generates valid, mutated and random events, and knows which answer each must get.

use crate::random::Random;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The answer that an event must get, according to a simple JSON parser.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Deserved {
    /// 201, or 409 where the key was used before.
    Ride,
    /// 400 or 401.
    Refusal,
    /// Either: not valid JSON, or an event for which the contract allows both.
    Either,
}

/// The next event's bytes.
pub fn next(random: &mut Random) -> Vec<u8> {
    if random.one_in(50) {
        return noise(random);
    }
    let mut event = good(random);
    for _ in 0..random.below(4) {
        mutate(&mut event, random);
    }
    let mut bytes = event.to_string().into_bytes();
    if random.one_in(4) {
        for _ in 0..=random.below(4) {
            scramble(&mut bytes, random);
        }
    }
    bytes
}

/// An event of one of the three kinds.
fn good(random: &mut Random) -> Value {
    let body = body(random);
    let (body, is_base64) = match random.below(3) {
        0 => (STANDARD.encode(body), json!(true)),
        1 => (body, json!(false)),
        _ => (body, Value::Null),
    };
    let user = random.pick(&[
        "the_username",
        "🦄",
        "a\"b\\c\u{0}",
        "x",
        "ann@example.test",
    ]);
    let claims = json!({"sub": "x", "cognito:username": user, "exp": 1});
    let authorizer = match random.below(3) {
        0 => json!({"claims": claims}),
        1 => json!({"jwt": {"claims": claims, "scopes": null}}),
        _ => json!({"iam": {"userArn": user, "callerId": "x"}}),
    };
    let mut headers = json!({"Accept": "*/*", "X-Forwarded-For": "192.0.2.10, 192.0.2.20"});
    if random.one_in(2) {
        let name = random.pick(&["Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY"]);
        headers[name] = json!(format!("key-{}", random.below(50)));
    }
    json!({
        "version": "2.0", "path": "/ride", "headers": headers, "multiValueHeaders": {"a": ["b"]},
        "requestContext": {"accountId": "123456789012", "authorizer": authorizer, "stage": "prod"},
        "body": body, "isBase64Encoded": is_base64,
    })
}

fn body(random: &mut Random) -> String {
    let (latitude, longitude) = (coordinate(random, 90.0), coordinate(random, 180.0));
    let mut body = json!({"PickupLocation": {"Latitude": latitude, "Longitude": longitude}});
    if random.one_in(3) {
        mutate(&mut body, random);
    }
    let mut bytes = body.to_string().into_bytes();
    if random.one_in(6) {
        scramble(&mut bytes, random);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn coordinate(random: &mut Random, limit: f64) -> Value {
    match random.below(12) {
        0 => json!(limit),
        1 => json!(-limit),
        2 => json!(0),
        3 => json!(-0.0),
        4 => json!(5e-324),
        5 => json!(random.within(limit * 1.2)),
        6 => json!(random.within(1e-9)),
        _ => json!(random.within(limit)),
    }
}

/// Replaces, removes, adds or renames something somewhere in `value`.
fn mutate(value: &mut Value, random: &mut Random) {
    match value {
        Value::Object(members) if !members.is_empty() && !random.one_in(8) => {
            let names: Vec<String> = members.keys().cloned().collect();
            let name = &names[random.below(names.len())];
            match random.below(8) {
                0 => {
                    members.remove(name);
                }
                1 => {
                    let moved = members.remove(name).unwrap_or_default();
                    members.insert(odd_text(random), moved);
                }
                2 => {
                    members.insert(odd_text(random), odd_value(random));
                }
                _ => {
                    if let Some(inner) = members.get_mut(name) {
                        mutate(inner, random);
                    }
                }
            }
        }
        Value::Array(items) if !items.is_empty() && !random.one_in(4) => {
            let index = random.below(items.len());
            mutate(&mut items[index], random);
        }
        _ => *value = odd_value(random),
    }
}

fn odd_value(random: &mut Random) -> Value {
    match random.below(14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(random.next()),
        3 => json!(random.within(1e308)),
        4 => json!(i64::MIN),
        5 => json!([]),
        6 => json!({}),
        7 => json!([null, [1, "x"], {}]),
        8 => (0..random.below(200)).fold(json!(0), |inner, _| json!([inner])),
        9 => (0..random.below(100)).fold(json!(0), |inner, _| json!({"PickupLocation": inner})),
        10 => json!("x".repeat(random.below(5_000))),
        11 => json!({"Latitude": "1", "Longitude": [2]}),
        _ => json!(odd_text(random)),
    }
}

fn odd_text(random: &mut Random) -> String {
    random
        .pick(&[
            "",
            "null",
            "{}",
            "[]",
            "{\"PickupLocation\":",
            "claims",
            "jwt",
            "iam",
            "userArn",
            "cognito:username",
            "body",
            "headers",
            "Idempotency-Key",
            "Latitude",
            "Longitude",
            "PickupLocation",
            "requestContext",
            "authorizer",
            "isBase64Encoded",
            "eA==",
            "e30=",
            "=",
            "\u{0}",
            "\u{7f}",
            "🦄\u{301}",
            "\\ud800",
            "NaN",
            "1e999",
            "\"",
            "$serde_json::private",
        ])
        .to_owned()
}

/// Changes some bytes, after which the event may be neither JSON nor text.
fn scramble(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    match random.below(7) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, random.next() as u8),
        2 if at < bytes.len() => {
            bytes.remove(at);
        }
        3 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        4 => {
            let inserted: &[u8] = random.pick(&[
                b"\\ud800" as &[u8],
                b"\\u0000",
                b"\xff",
                b"\xed\xa0\x80",
                b"1e999",
                b"-",
                b"[[[[",
                b"}}",
                b",",
                b"null",
                b"\"",
                b"\\",
                b"\xef\xbb\xbf",
                b"0000",
                b"\n",
            ]);
            bytes.splice(at..at, inserted.iter().copied());
        }
        5 => {
            let end = (at + random.below(40)).min(bytes.len());
            let copied = bytes[at..end].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, copied);
        }
        _ => {
            let end = (at + random.below(40)).min(bytes.len());
            bytes.drain(at..end);
        }
    }
}

fn noise(random: &mut Random) -> Vec<u8> {
    match random.below(3) {
        0 => (0..random.below(60)).map(|_| random.next() as u8).collect(),
        1 => {
            let letters = b"{}[]\":,0123456789.eE+-truefalsn\\ \n";
            (0..random.below(60))
                .map(|_| letters[random.below(letters.len())])
                .collect()
        }
        _ => random
            .pick(&["{", "[", "{\"a\":", "[["])
            .repeat(1 + random.below(3_000))
            .into_bytes(),
    }
}

/// The answer that `event` must get, found with a tree of values and without regard to speed.
pub fn deserved(event: &[u8]) -> Deserved {
    // The function may accept what this parser refuses, since it skips members without checking them.
    let Some(event) = plain(event) else {
        return Deserved::Either;
    };
    let Some(event) = event.as_object() else {
        return Deserved::Refusal;
    };
    match wanted(event) {
        Some(true) => Deserved::Ride,
        Some(false) => Deserved::Refusal,
        None => Deserved::Either,
    }
}

/// The JSON, if a tree of values keeps all of it. Otherwise the text has a name twice, and a parser may
/// use either value or fail.
fn plain(text: &[u8]) -> Option<Value> {
    let value: Value = serde_json::from_slice(text).ok()?;
    (value.to_string().len() == text.len()).then_some(value)
}

/// Whether the event has all that a ride needs; none if the contract allows both answers.
fn wanted(event: &Map<String, Value>) -> Option<bool> {
    let object = |value: &Value| match value {
        Value::Null => Some(None),
        Value::Object(members) => Some(Some(members.clone())),
        _ => None,
    };
    // A member that is neither an object nor null is refused; null counts as missing.
    macro_rules! member {
        ($of:expr, $name:expr) => {
            match object($of.get($name).unwrap_or(&Value::Null)) {
                Some(found) => found,
                None => return Some(false),
            }
        };
    }
    let Some(context) = member!(event, "requestContext") else {
        return Some(false);
    };
    let Some(authorizer) = member!(context, "authorizer") else {
        return Some(false);
    };
    let (claims, jwt, iam) = (
        member!(authorizer, "claims"),
        member!(authorizer, "jwt"),
        member!(authorizer, "iam"),
    );
    let jwt_claims = match jwt {
        Some(jwt) => member!(jwt, "claims"),
        None => None,
    };
    let mut user = None;
    for (place, name) in [
        (claims, "cognito:username"),
        (jwt_claims, "cognito:username"),
        (iam, "userArn"),
    ] {
        match place.as_ref().and_then(|place| place.get(name)) {
            None | Some(Value::Null) => {}
            // Two users: the contract does not say which one counts.
            Some(Value::String(_)) if user.is_some() => return None,
            Some(Value::String(found)) => user = Some(found.clone()),
            Some(_) => return Some(false),
        }
    }
    if user.is_none_or(|user| user.is_empty() || user.len() > 2_048) {
        return Some(false);
    }
    let keys: Vec<Value> = member!(event, "headers")
        .unwrap_or_default()
        .into_iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("idempotency-key"))
        .map(|(_, value)| value)
        .collect();
    match &keys[..] {
        [] | [Value::Null] => {}
        [Value::String(key)] if (1..=255).contains(&key.len()) => {}
        [_] => return Some(false),
        _ => return None,
    }
    let is_base64 = match event.get("isBase64Encoded").unwrap_or(&Value::Null) {
        Value::Null => false,
        Value::Bool(is) => *is,
        _ => return Some(false),
    };
    let body = match event.get("body") {
        Some(Value::String(body)) if is_base64 => match STANDARD.decode(body) {
            Ok(bytes) => bytes,
            Err(_) => return Some(false),
        },
        Some(Value::String(body)) => body.clone().into_bytes(),
        _ => return Some(false),
    };
    let body = plain(&body)?;
    let Some(body) = body.as_object() else {
        return Some(false);
    };
    let Some(pickup) = member!(body, "PickupLocation") else {
        return Some(false);
    };
    let within = |name, limit: f64| {
        pickup
            .get(name)
            .and_then(Value::as_f64)
            .is_some_and(|value| value.abs() <= limit)
    };
    Some(within("Latitude", 90.0) && within("Longitude", 180.0))
}
