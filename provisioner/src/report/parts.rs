//! The parts of a run on one axis: its changes, and the verification after them. Pure.

use std::time::{Duration, SystemTime};

use crate::engine::observed::ResourceId;
use crate::report::escape;
use crate::report::record::{Record, Step};
use crate::report::waited::{Waited, together};

/// A shorter verification is not worth a line.
const SHORTEST: Duration = Duration::from_millis(100);

pub struct Part {
    pub name: String,
    pub start: SystemTime,
    pub end: SystemTime,
    pub waits: Vec<Waited>,
}

impl Part {
    pub fn took(&self) -> Duration {
        self.end.duration_since(self.start).unwrap_or_default()
    }

    pub fn waited(&self) -> Duration {
        together(&self.waits)
    }
}

/// In the order in which they began; none without a change. What is still running ends now.
pub fn parts(record: &Record, now: SystemTime) -> Vec<Part> {
    let steps = &record.steps;
    let mut parts: Vec<Part> = steps.iter().map(|step| part(step, steps, now)).collect();
    let Some(last) = parts.iter().map(|part| part.end).max() else {
        return parts;
    };
    let verify = Part {
        name: "verify".to_owned(),
        start: last,
        end: now,
        waits: waits_since(parts[0].start, record),
    };
    if verify.took() >= SHORTEST {
        parts.push(verify);
    }
    parts
}

fn part(step: &Step, steps: &[Step], now: SystemTime) -> Part {
    Part {
        name: name(step, steps),
        start: step.started,
        end: step.ended.unwrap_or(now),
        waits: step.waits.clone(),
    }
}

/// The kind of the resource, and its name where there are several of this kind.
fn name(step: &Step, steps: &[Step]) -> String {
    let ResourceId { kind, name } = &step.id;
    let mut others = steps.iter().map(|other| &other.id);
    if others.any(|other| other.kind == *kind && other.name != *name) {
        escape::value(&step.id.to_string()).into_owned()
    } else {
        (*kind).to_owned()
    }
}

/// What the verification waited for. Earlier waits were before the plan.
fn waits_since(start: SystemTime, record: &Record) -> Vec<Waited> {
    let waits = record.waits.iter().filter(|waited| waited.start >= start);
    waits.copied().collect()
}
