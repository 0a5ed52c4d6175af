//! One line of JSON for each event, in the shape that Lambda's JSON log format filters by level.

use crate::contract::PUT_ITEM;
use crate::request_context::RequestContext;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use std::time::Duration;

/// The outcome of one event.
#[derive(Debug)]
pub enum Entry {
    /// INFO: a ride.
    Ride {
        ride_id: String,
        unicorn: String,
        /// None where the unicorn has left the fleet since.
        metres: Option<f64>,
        rider: String,
        replayed: bool,
    },
    /// WARN: the caller's mistake.
    Rejected {
        status: u16,
        /// Quotes the event, which may name the rider where it should not.
        message: String,
        /// The message without quotations, for a log without riders.
        summary: &'static str,
    },
    /// ERROR: the write failed. The provisioner reads `action` and `code` to distinguish a missing
    /// permission from one that IAM has not propagated yet.
    WriteFailed {
        ride_id: String,
        code: String,
        message: String,
    },
}

/// One log line: the entry and what is logged with every entry.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub entry: &'a Entry,
    pub context: &'a RequestContext<'a>,
    pub took: Duration,
    pub log_rider: bool,
}

impl Line<'_> {
    /// The line, with its newline.
    pub fn render(&self) -> Vec<u8> {
        let mut line = Vec::with_capacity(384);
        // Strings and numbers into memory: nothing that can fail.
        let _ = serde_json::to_writer(&mut line, self);
        line.push(b'\n');
        line
    }
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Line {
            entry,
            context,
            took,
            log_rider,
        } = self;
        let mut map = serializer.serialize_map(None)?;
        let level = match entry {
            Entry::Ride { .. } => "INFO",
            Entry::Rejected { .. } => "WARN",
            Entry::WriteFailed { .. } => "ERROR",
        };
        map.serialize_entry("level", level)?;
        map.serialize_entry("timestamp", context.time)?;
        map.serialize_entry("requestId", context.request_id)?;
        match entry {
            Entry::Ride {
                ride_id,
                unicorn,
                metres,
                rider,
                replayed,
            } => {
                map.serialize_entry("rideId", ride_id)?;
                map.serialize_entry("unicorn", unicorn)?;
                map.serialize_entry(
                    "distanceMetres",
                    &metres.map(|metres| metres.round() as u64),
                )?;
                if *log_rider {
                    map.serialize_entry("rider", rider)?;
                }
                map.serialize_entry("replayed", replayed)?;
            }
            Entry::Rejected {
                status,
                message,
                summary,
            } => {
                map.serialize_entry("status", status)?;
                let message = if *log_rider { message } else { *summary };
                map.serialize_entry("message", message)?;
            }
            Entry::WriteFailed {
                ride_id,
                code,
                message,
            } => {
                map.serialize_entry("rideId", ride_id)?;
                map.serialize_entry("action", PUT_ITEM)?;
                map.serialize_entry("code", code)?;
                map.serialize_entry("message", message)?;
            }
        }
        map.serialize_entry("durationMs", &(took.as_micros() as f64 / 1e3))?;
        map.serialize_entry("start", if context.cold { "cold" } else { "warm" })?;
        map.end()
    }
}
