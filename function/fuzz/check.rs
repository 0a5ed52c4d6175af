//! Gives one event to the function and checks that the answer and the log line keep the contract.

use crate::events::{self, Deserved};
use crate::random::Random;
use function::answer::Answer;
use function::handler;
use function::log::{Entry, Line};
use function::request_context::RequestContext;
use function::ride::{Ride, StoredRide, UnicornCard};
use function::store::{Guard, Put, RideStore, WriteFailure};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A table in memory.
#[derive(Default)]
pub struct Table {
    pub rides: RefCell<HashMap<String, StoredRide>>,
    /// The code and message with which all writes fail.
    pub failure: Cell<Option<(&'static str, &'static str)>>,
}

impl RideStore for Table {
    async fn put(&self, ride: &Ride<'_>, guard: Guard) -> Result<Put, WriteFailure> {
        if let Some((code, message)) = self.failure.get() {
            return Err(WriteFailure {
                code: code.into(),
                message: message.into(),
            });
        }
        let mut rides = self.rides.borrow_mut();
        if guard == Guard::KeepFirst
            && let Some(stored) = rides.get(&ride.id)
        {
            return Ok(Put::AlreadyExists(stored.clone()));
        }
        // Cleared now and then, so that a run of millions has both first rides and retries.
        if rides.len() > 300 {
            rides.clear();
        }
        let stored = StoredRide {
            user: ride.user.clone().into_owned(),
            unicorn: UnicornCard::from(ride.unicorn),
            latitude: ride.pickup.latitude(),
            longitude: ride.pickup.longitude(),
        };
        rides.insert(ride.id.clone(), stored);
        Ok(Put::Stored)
    }
}

/// The answer and the log entry. A table in memory never waits, so no runtime is needed.
pub fn handle(event: &[u8], context: &RequestContext<'_>, table: &Table) -> (Answer, Entry) {
    let future = pin!(handler::handle(event, context, table));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("a table in memory never waits"),
    }
}

/// The answer's status, or what is wrong with the answer.
pub fn check(event: &[u8], table: &Table, random: &mut Random) -> Result<u16, String> {
    let denied = ("AccessDeniedException", "no\n\"PutItem\"");
    table.failure.set(random.one_in(20).then_some(denied));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&random.next().to_le_bytes());
    let context = RequestContext {
        request_id: "request",
        time: "2026-11-22T15:43:12.123Z",
        random: bytes,
        cold: random.one_in(2),
    };
    let (answer, entry) = handle(event, &context, table);

    let text = serde_json::to_string(&answer).map_err(|error| error.to_string())?;
    let json: Value = serde_json::from_str(&text).map_err(|error| format!("answer: {error}"))?;
    let body = json["body"].as_str().ok_or("the body is no text")?;
    let body: Value = serde_json::from_str(body).map_err(|error| format!("body: {error}"))?;
    if json["headers"]["Access-Control-Allow-Origin"] != "*" || text.len() > 8_000 {
        return Err(format!("answer {text}"));
    }
    let line = Line {
        entry: &entry,
        context: &context,
        took: Duration::ZERO,
        log_rider: true,
    };
    let line = line.render();
    let logged: Value = serde_json::from_slice(&line).map_err(|error| format!("log: {error}"))?;
    if line.iter().filter(|byte| **byte == b'\n').count() != 1 {
        return Err("a log entry has more than one line".into());
    }

    let status = answer.status;
    if json["statusCode"] != status {
        return Err(format!("status {status} in {text}"));
    }
    let expected = match (events::deserved(event), status) {
        (Deserved::Ride | Deserved::Either, 201) => "INFO",
        (Deserved::Ride | Deserved::Either, 409) => "WARN",
        (Deserved::Ride | Deserved::Either, 500) if table.failure.get().is_some() => "ERROR",
        (Deserved::Refusal | Deserved::Either, 400 | 401) => "WARN",
        (deserved, status) => {
            return Err(format!(
                "{status} for one that deserves {deserved:?}: {text}"
            ));
        }
    };
    let members: &[&str] = match status {
        201 => &["RideId", "Unicorn", "UnicornName", "Eta", "Rider"],
        _ => &["Error", "Reference"],
    };
    match members.iter().find(|name| body.get(**name).is_none()) {
        Some(name) => Err(format!("no {name} in {text}")),
        None if logged["level"] != expected => Err(format!("status {status}, log {logged}")),
        None => Ok(status),
    }
}
