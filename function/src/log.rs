//! One line of JSON for each event, in the shape that Lambda's JSON log format filters by level.

use crate::contract::PUT_ITEM;
use crate::handler::Arrival;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use std::time::Duration;

/// What became of an event.
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
    Rejected { status: u16, message: String },
    /// ERROR: the write failed. The provisioner reads `action` and `code` to tell a missing
    /// permission from one that is still spreading.
    WriteFailed {
        ride_id: String,
        code: String,
        message: String,
    },
}

/// What the line says beside its entry.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub entry: &'a Entry,
    pub arrival: &'a Arrival<'a>,
    pub took: Duration,
    pub log_rider: bool,
}

impl Line<'_> {
    /// The line with its end.
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
            arrival,
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
        map.serialize_entry("timestamp", arrival.time)?;
        map.serialize_entry("requestId", arrival.request_id)?;
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
            Entry::Rejected { status, message } => {
                map.serialize_entry("status", status)?;
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
        map.serialize_entry("start", if arrival.cold { "cold" } else { "warm" })?;
        map.end()
    }
}
