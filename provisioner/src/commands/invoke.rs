//! Requests a ride through `live` and shows the end of its log.

use std::io::Read as _;
use std::time::UNIX_EPOCH;

use jiff::tz::TimeZone;
use serde_json::json;

use crate::aws::clients::Cloud;
use crate::cli::{self, Output};
use crate::error::{Error, Exit};
use crate::invocation::{Invocation, RideRequest, invoke};
use crate::report::{Event, document, requests};
use crate::requests::{Entry, LogEvent, Requests};
use crate::session::Session;
use crate::stack::names::LIVE;

const LOGS: &str = "see the function's log: `provision logs`";
const GOOD_EVENT: &str = "a valid request: `provision invoke --at 47.61,-122.33`";

/// The rider of `--at`.
const USER: &str = "the_username";

pub async fn run(flags: cli::Invoke, cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    let event = event(&flags, session).await?;
    session.guard(cloud).await?;
    let function = session.named_stack(&cloud.build_target)?.function.name;
    let invocation = invoke(&cloud.lambda, &function, LIVE, &event)
        .await
        .map_err(Error::of_missing_stack)?;
    let failure = failure(&invocation);
    print(&invocation, failure.as_slice(), session);
    match failure {
        None => Ok(Exit::Done),
        Some(error) => {
            // In addition to the response, which is printed in every case.
            session.report_error(error);
            Ok(Exit::Failed)
        }
    }
}

fn failure(invocation: &Invocation) -> Option<Error> {
    if let Some(kind) = &invocation.function_error {
        let text = format!("the function failed ({kind})");
        return Some(Error::failed(text).hint(LOGS));
    }
    let status = invocation
        .status()
        .filter(|status| !(200..300).contains(status))?;
    let error = Error::failed(format!("the function returned {status}"));
    Some(if status < 500 {
        error.hint(format!(
            "the response says what is wrong with the event; {GOOD_EVENT}"
        ))
    } else {
        error.hint(LOGS)
    })
}

async fn event(flags: &cli::Invoke, session: &Session) -> Result<Vec<u8>, Error> {
    match (&flags.event, &flags.at) {
        (Some(path), _) if path.as_os_str() == "-" => {
            let read = || {
                let mut event = Vec::new();
                std::io::stdin().read_to_end(&mut event)?;
                Ok(event)
            };
            let event = session.from_stdin(read).await?.map_err(|error| {
                Error::failed("read the event from stdin")
                    .because(error)
                    .hint(GOOD_EVENT)
            })?;
            json_only(event, "stdin")
        }
        (Some(path), _) if path.to_string_lossy().trim_start().starts_with('{') => {
            let text = "`--event` takes the path of a file, and was given JSON";
            Err(Error::usage(text).hint("save it in a file, or pass it on stdin: `… --event -`"))
        }
        (Some(path), _) => {
            let event = std::fs::read(path).map_err(|error| {
                Error::usage(format!("read the event from `{}`", path.display()))
                    .because(error)
                    .hint(GOOD_EVENT)
            })?;
            json_only(event, &path.display().to_string())
        }
        (None, Some(at)) => ride(at),
        (None, None) => Err(Error::usage("`--at` or `--event` is required")
            .hint("pass a pickup location: `… --at 47.61,-122.33`; or an event: `--event FILE`")),
    }
}

fn json_only(event: Vec<u8>, from: &str) -> Result<Vec<u8>, Error> {
    match serde_json::from_slice::<serde_json::Value>(&event) {
        Ok(_) => Ok(event),
        Err(error) => Err(Error::usage(format!("the event from `{from}` is not JSON"))
            .because(error)
            .hint(format!("Lambda accepts only JSON; {GOOD_EVENT}"))),
    }
}

fn ride(at: &str) -> Result<Vec<u8>, Error> {
    let malformed = || {
        Error::usage(format!("`--at {at}` is not a position"))
            .hint("latitude and longitude in degrees: `… --at 47.61,-122.33`")
    };
    let (latitude, longitude) = at.split_once(',').ok_or_else(malformed)?;
    let degrees = |text: &str, most: f64| {
        let degrees: f64 = text.trim().parse().map_err(|_| malformed())?;
        if degrees.is_finite() && degrees.abs() <= most {
            Ok(degrees)
        } else {
            Err(malformed())
        }
    };
    let request = RideRequest {
        latitude: degrees(latitude, 90.0)?,
        longitude: degrees(longitude, 180.0)?,
        user: USER.to_owned(),
        idempotency_key: None,
    };
    Ok(request.event().to_string().into_bytes())
}

fn print(invocation: &Invocation, errors: &[Error], session: &Session) {
    match session.output {
        Output::Text => {
            let body = invocation
                .body()
                .unwrap_or_else(|| invocation.answer.clone());
            let status = invocation
                .status()
                .map_or(String::new(), |s| format!(" returned {s}"));
            let text = format!("version {}{status}", invocation.version);
            session.reporter.report(&Event::Info { text: &text });
            session.json(&body);
            let text = log(invocation, session);
            session.reporter.report(&Event::Info { text: &text });
        }
        Output::Json => {
            let mut body = json!({
                "executedVersion": invocation.version,
                "functionError": invocation.function_error,
                "answer": invocation.answer,
                "body": invocation.body(),
                "logTail": invocation.log_tail,
            });
            document::add_errors(&mut body, errors, &session.command_line);
            session.json(&document::document("invoke", None, body));
        }
    }
}

/// The end of the function's log, as `logs` shows it. Its lines have no times: they are from just now.
fn log(invocation: &Invocation, session: &Session) -> String {
    let now = session.clock.now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default().as_millis();
    let mut read = Requests::default();
    let lines = invocation.log_tail.lines();
    let events = lines.filter(|line| !line.is_empty()).map(|line| LogEvent {
        timestamp: i64::try_from(now).unwrap_or(i64::MAX),
        stream: String::new(),
        message: line.to_owned(),
    });
    let mut entries: Vec<Entry> = events.flat_map(|event| read.add(event)).collect();
    entries.extend(read.unfinished(i64::MAX));
    let zone = TimeZone::system();
    let texts = entries
        .iter()
        .map(|entry| requests::text(entry, &zone, session.style));
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::ride;

    #[test]
    fn a_position_is_two_numbers_in_degrees() {
        for good in ["47.61,-122.33", "0,0", "-90, 180"] {
            assert!(ride(good).is_ok(), "{good}");
        }
        for bad in ["", "47.61", "91,0", "0,181", "a,b", "NaN,0", "1,2,3"] {
            assert!(ride(bad).is_err(), "{bad}");
        }
    }
}
