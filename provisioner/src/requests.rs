//! Log events grouped by the request that wrote them. Pure.
//!
//! Lambda runs one request at a time in an environment, and each environment has a log stream of its own: what is
//! in a stream between START and REPORT belongs to one request.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEvent {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub timestamp: i64,
    pub stream: String,
    pub message: String,
}

impl LogEvent {
    /// The message as a JSON object, which is how the function logs.
    pub fn fields(&self) -> Option<serde_json::Map<String, Value>> {
        match serde_json::from_str(&self.message) {
            Ok(Value::Object(fields)) => Some(fields),
            _ => None,
        }
    }

    pub fn is_error(&self) -> bool {
        match self.fields() {
            Some(fields) => matches!(
                fields.get("level").and_then(Value::as_str),
                Some("ERROR" | "FATAL")
            ),
            // Lambda's own lines, and what a crashed program prints.
            None => ["Task timed out", "panicked at", "Runtime.", "Error Type:"]
                .iter()
                .any(|text| self.message.contains(text)),
        }
    }
}

/// A request with the events that it wrote, without Lambda's START, END and REPORT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    pub id: String,
    pub version: String,
    pub start: LogEvent,
    pub lines: Vec<LogEvent>,
    /// `None` while the request runs, and for one whose end was not read.
    pub report: Option<Report>,
}

/// What Lambda measured, as it prints it: `34.40 ms`, `15 MB`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub duration: String,
    pub billed: String,
    pub memory: String,
    pub memory_used: String,
    /// Only for a cold start.
    pub init: Option<String>,
    /// `error` or `timeout`.
    pub status: Option<String>,
    event: Option<LogEvent>,
}

impl LoggedRequest {
    pub fn is_failed(&self) -> bool {
        let status = self
            .report
            .as_ref()
            .and_then(|report| report.status.as_ref());
        status.is_some() || self.lines.iter().any(LogEvent::is_error)
    }

    pub fn stored(&self, ride: &str) -> bool {
        self.lines.iter().any(|line| {
            let fields = line.fields();
            fields.is_some_and(|fields| fields.get("rideId").and_then(Value::as_str) == Some(ride))
        })
    }

    /// Its events as they were logged, except for END.
    pub fn events(&self) -> impl Iterator<Item = &LogEvent> {
        let report = self
            .report
            .as_ref()
            .and_then(|report| report.event.as_ref());
        std::iter::once(&self.start)
            .chain(&self.lines)
            .chain(report)
    }
}

/// What is shown as one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are requests, and each is printed at once"
)]
pub enum Entry {
    Request(LoggedRequest),
    /// An event outside of any request: INIT_START, and the end of a request that began earlier.
    Other(LogEvent),
}

/// Takes events in the order of their times, and returns entries as they become complete.
#[derive(Debug, Default)]
pub struct Requests {
    /// By log stream.
    open: BTreeMap<String, LoggedRequest>,
}

impl Requests {
    pub fn add(&mut self, event: LogEvent) -> Vec<Entry> {
        if let Some((id, version)) = start(&event.message) {
            let request = LoggedRequest {
                id: id.to_owned(),
                version: version.to_owned(),
                start: event.clone(),
                lines: Vec::new(),
                report: None,
            };
            // One without REPORT was killed with its environment.
            let killed = self.open.insert(event.stream, request);
            return killed.map(Entry::Request).into_iter().collect();
        }
        let Some(request) = self.open.get_mut(&event.stream) else {
            return vec![Entry::Other(event)];
        };
        match event.message.strip_prefix("REPORT ") {
            Some(rest) => {
                let report = report(rest);
                let stream = event.stream.clone();
                request.report = Some(Report {
                    event: Some(event),
                    ..report
                });
                let done = self.open.remove(&stream);
                done.map(Entry::Request).into_iter().collect()
            }
            None => {
                if !event.message.starts_with("END RequestId: ") {
                    request.lines.push(event);
                }
                Vec::new()
            }
        }
    }

    /// The requests that began before `before`, in milliseconds, and have not ended.
    pub fn unfinished(&mut self, before: i64) -> Vec<Entry> {
        let old = self
            .open
            .extract_if(.., |_, request| request.start.timestamp < before);
        let mut old: Vec<LoggedRequest> = old.map(|(_, request)| request).collect();
        old.sort_by_key(|request| request.start.timestamp);
        old.into_iter().map(Entry::Request).collect()
    }
}

/// The ID and the version of `START RequestId: … Version: …`.
fn start(message: &str) -> Option<(&str, &str)> {
    let rest = message.trim_end().strip_prefix("START RequestId: ")?;
    Some(rest.split_once(" Version: ").unwrap_or((rest, "")))
}

fn report(text: &str) -> Report {
    let mut report = Report::default();
    for part in text.trim_end().split('\t') {
        let Some((name, value)) = part.trim().split_once(": ") else {
            continue;
        };
        let value = value.to_owned();
        match name {
            "Duration" => report.duration = value,
            "Billed Duration" => report.billed = value,
            "Memory Size" => report.memory = value,
            "Max Memory Used" => report.memory_used = value,
            "Init Duration" => report.init = Some(value),
            "Status" => report.status = Some(value),
            _ => {}
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::{Entry, LogEvent, LoggedRequest, Requests};

    fn event(timestamp: i64, stream: &str, message: &str) -> LogEvent {
        LogEvent {
            timestamp,
            stream: stream.to_owned(),
            message: message.to_owned(),
        }
    }

    fn request(entry: &Entry) -> &LoggedRequest {
        match entry {
            Entry::Request(request) => request,
            Entry::Other(event) => panic!("{event:?}"),
        }
    }

    #[test]
    fn streams_are_kept_apart() {
        let mut requests = Requests::default();
        let mut add = |at, stream, message| requests.add(event(at, stream, message));
        assert!(add(1, "a", "START RequestId: one Version: 3\n").is_empty());
        assert!(add(2, "b", "START RequestId: two Version: 3").is_empty());
        assert!(add(3, "a", r#"{"level":"INFO","rideId":"r1"}"#).is_empty());
        assert!(add(4, "b", r#"{"level":"ERROR","code":"x"}"#).is_empty());
        assert!(add(5, "a", "END RequestId: one").is_empty());
        let done = add(
            6,
            "a",
            "REPORT RequestId: one\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t\
             Max Memory Used: 14 MB\tInit Duration: 9.00 ms\t",
        );
        let one = request(&done[0]);
        assert_eq!((&*one.id, &*one.version), ("one", "3"));
        assert!(one.stored("r1") && !one.stored("r2") && !one.is_failed());
        let report = one.report.as_ref().expect("it has ended");
        assert_eq!(
            [
                &report.duration,
                &report.billed,
                &report.memory,
                &report.memory_used
            ],
            ["1.23 ms", "2 ms", "128 MB", "14 MB"]
        );
        assert_eq!(report.init.as_deref(), Some("9.00 ms"));
        assert_eq!(one.events().count(), 3);
        assert!(requests.unfinished(2).is_empty());
        let two = requests.unfinished(3);
        assert!(request(&two[0]).is_failed());
    }

    #[test]
    fn what_belongs_to_no_request_is_passed_on_at_once() {
        let mut requests = Requests::default();
        let other = requests.add(event(1, "a", "INIT_START Runtime Version: provided:al2023"));
        assert!(matches!(&other[..], [Entry::Other(_)]), "{other:?}");
    }

    #[test]
    fn a_request_whose_environment_died_ends_with_the_next_one() {
        let mut requests = Requests::default();
        assert!(
            requests
                .add(event(1, "a", "START RequestId: one Version: 1"))
                .is_empty()
        );
        let killed = requests.add(event(9, "a", "START RequestId: two Version: 1"));
        assert_eq!(request(&killed[0]).id, "one");
        assert_eq!(request(&killed[0]).report, None);
    }

    #[test]
    fn a_timeout_is_a_failure() {
        let mut requests = Requests::default();
        requests.add(event(1, "a", "START RequestId: one Version: 1"));
        let report = "REPORT RequestId: one\tDuration: 3000.00 ms\tStatus: timeout";
        let done = requests.add(event(2, "a", report));
        assert!(request(&done[0]).is_failed());
    }
}
