//! A run on an axis that begins with it: its phases and changes, what each waited for, and the requests of each. Pure.

use std::time::{Duration, SystemTime};

use super::critical_path::{Node, critical_path};
use crate::engine::observed::ResourceId;
use crate::engine::purpose::Purpose;
use crate::report::calls::Call;
use crate::report::record::{Moments, Progress, Record};
use crate::report::waited::Waited;

/// A phase without requests that is shorter is not worth a row.
const SHORTEST: Duration = Duration::from_millis(10);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timings {
    /// Of the whole run.
    pub wall: Duration,
    /// In the order in which they began.
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub work: Work,
    pub span: Span,
    pub progress: Progress,
    /// Whether the run would have been shorter without it.
    pub is_critical: bool,
    pub waits: Vec<TimedWait>,
    pub calls: Vec<TimedCall>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    Read,
    Build,
    Check,
    Change {
        verb: &'static str,
        id: ResourceId,
    },
    Verify,
    /// Requests that no phase and no change sent.
    Other,
}

/// Both ends are counted from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: Duration,
    pub end: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedWait {
    pub span: Span,
    /// Completes "waiting until". `None` if it was not for AWS.
    pub until: Option<&'static str>,
    pub service: Option<&'static str>,
}

/// One attempt of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedCall {
    pub span: Span,
    pub call: Call,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallResult {
    Ok,
    /// AWS answered with an error. Some are expected: that a resource does not exist, or cannot be used yet.
    Error,
    /// No response, or one that says that the service failed.
    Failed,
}

impl Span {
    pub fn took(self) -> Duration {
        self.end.saturating_sub(self.start)
    }
}

impl TimedCall {
    /// What calls are sorted by.
    pub fn order(&self) -> (Duration, &str, &str) {
        (self.span.start, &self.call.service, &self.call.operation)
    }

    pub fn result(&self) -> CallResult {
        let status = self.call.answer.as_ref().map(|answer| &answer.status);
        match status {
            Some(Ok(200..=399)) => CallResult::Ok,
            Some(Ok(400..=499)) => CallResult::Error,
            Some(Ok(_) | Err(_)) | None => CallResult::Failed,
        }
    }
}

impl Row {
    /// How long at least one of its waits was for AWS.
    pub fn imposed(&self) -> Duration {
        imposed(&self.waits)
    }
}

impl Timings {
    pub fn of(record: &Record, now: SystemTime) -> Timings {
        let axis = Axis {
            start: record.moments.started.unwrap_or(now),
            end: now,
        };
        let calls = record.calls.as_ref().map(|calls| calls.list());
        let calls = calls.unwrap_or_default();
        let mut rows: Vec<Row> = changes(record, axis);
        rows.extend(phases(record, &calls, axis));
        place(calls, &mut rows, axis);
        for row in &mut rows {
            // Those that began together, too, have an order that does not depend on the network.
            row.calls.sort_by(|a, b| a.order().cmp(&b.order()));
        }
        rows.retain(|row| !row.is_negligible());
        rows.sort_by_key(|row| row.span.start);
        Timings {
            wall: record.total(now),
            rows,
        }
    }

    pub fn calls(&self) -> impl Iterator<Item = (&Row, &TimedCall)> {
        let rows = self.rows.iter();
        rows.flat_map(|row| row.calls.iter().map(move |call| (row, call)))
    }

    pub fn waits(&self) -> Vec<TimedWait> {
        let waits = self.rows.iter().flat_map(|row| &row.waits);
        waits.copied().collect()
    }
}

/// How long at least one of these waits was for AWS.
pub fn imposed(waits: &[TimedWait]) -> Duration {
    let waits = waits.iter().filter(|wait| wait.until.is_some());
    let mut spans: Vec<Span> = waits.map(|wait| wait.span).collect();
    spans.sort_by_key(|span| span.start);
    let mut total = Duration::ZERO;
    let mut until = Duration::ZERO;
    for span in spans {
        total += span.end.saturating_sub(span.start.max(until));
        until = until.max(span.end);
    }
    total
}

/// The time of the run.
#[derive(Clone, Copy)]
struct Axis {
    start: SystemTime,
    end: SystemTime,
}

impl Axis {
    fn span(self, start: SystemTime, end: Option<SystemTime>) -> Span {
        let since = |moment: SystemTime| moment.duration_since(self.start).unwrap_or_default();
        let start = since(start);
        Span {
            start,
            end: since(end.unwrap_or(self.end)).max(start),
        }
    }

    fn wait(self, waited: &Waited) -> TimedWait {
        TimedWait {
            span: self.span(waited.start, Some(waited.end)),
            until: waited.until,
            service: waited.service,
        }
    }
}

impl Row {
    fn phase(work: Work, span: Span, progress: Progress) -> Row {
        Row {
            work,
            span,
            progress,
            is_critical: true,
            waits: Vec::new(),
            calls: Vec::new(),
        }
    }

    /// Whether requests for this purpose belong to the row.
    fn is_for(&self, purpose: &Purpose) -> bool {
        match (&self.work, purpose) {
            (Work::Read, Purpose::Read)
            | (Work::Check, Purpose::Check)
            | (Work::Verify, Purpose::Verify) => true,
            (Work::Change { id, .. }, Purpose::Change(changed)) => id == changed,
            _ => false,
        }
    }

    fn is_negligible(&self) -> bool {
        let is_phase = !matches!(self.work, Work::Change { .. });
        is_phase && self.calls.is_empty() && self.waits.is_empty() && self.span.took() < SHORTEST
    }
}

fn changes(record: &Record, axis: Axis) -> Vec<Row> {
    let steps = record.steps.iter();
    let mut rows: Vec<Row> = steps
        .map(|step| Row {
            work: Work::Change {
                verb: step.verb,
                id: step.id.clone(),
            },
            span: axis.span(step.started, step.ended),
            progress: step.progress,
            is_critical: false,
            waits: step.waits.iter().map(|waited| axis.wait(waited)).collect(),
            calls: Vec::new(),
        })
        .collect();
    for row in on_critical_path(record, &rows) {
        rows[row].is_critical = true;
    }
    rows
}

/// The positions of the changes on the critical path.
fn on_critical_path(record: &Record, rows: &[Row]) -> Vec<usize> {
    let planned = record.plan.iter().flat_map(|plan| &plan.changes);
    let after = |id: &ResourceId| {
        let mut changes = planned.clone();
        let change = changes.find(|change| change.id == *id);
        change.map_or(&[][..], |change| &change.after)
    };
    let steps = record.steps.iter().zip(rows).map(|(step, row)| Node {
        id: &step.id,
        after: after(&step.id),
        span: Some((row.span.start, row.span.end)),
    });
    let others = planned
        .clone()
        .filter(|change| record.step(&change.id).is_none());
    let others = others.map(|change| Node {
        id: &change.id,
        after: &change.after,
        span: None,
    });
    critical_path(&steps.chain(others).collect::<Vec<_>>())
}

/// What came before and after the changes. One phase begins where the one before it ended.
fn phases(record: &Record, calls: &[Call], axis: Axis) -> Vec<Row> {
    let Moments {
        started,
        read,
        planned,
        applied: _,
    } = record.moments;
    let calls_for = |purpose| calls.iter().filter(move |call| call.purpose == purpose);
    let first = record.steps.first().map(|step| step.started);
    let is_checked = first.is_some() || calls_for(Purpose::Check).next().is_some();
    let verified = calls_for(Purpose::Verify).next().map(|call| call.began);
    let phases = [
        (Work::Read, started, read),
        (Work::Build, read, planned),
        (Work::Check, planned.filter(|_| is_checked), first),
        (Work::Verify, verified, Some(axis.end)),
    ];
    let begun = phases.into_iter().filter_map(|(work, start, end)| {
        let progress = match end {
            Some(_) => Progress::Done,
            None => Progress::Running,
        };
        let mut row = Row::phase(work, axis.span(start?, end), progress);
        // No change was running: these waits were in a phase, and the phases follow one another.
        let waits = record.waits.iter().map(|waited| axis.wait(waited));
        row.waits = waits
            .filter(|wait| is_within(wait.span, row.span))
            .collect();
        Some(row)
    });
    begun.collect()
}

fn is_within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Adds each call to the row that it is for.
fn place(calls: Vec<Call>, rows: &mut Vec<Row>, axis: Axis) {
    let mut others = Vec::new();
    for call in calls {
        let answered = call.answer.as_ref().map(|answer| answer.at);
        let span = axis.span(call.began, answered);
        // A resource that is changed twice is so at different times.
        let is_of = |row: &&mut Row| row.is_for(&call.purpose) && row.span.start <= span.start;
        let found = rows.iter_mut().rev().find(is_of);
        let list = found.map_or(&mut others, |row| &mut row.calls);
        list.push(TimedCall { span, call });
    }
    let ends = others.iter().map(|call| call.span.end).max();
    if let (Some(first), Some(end)) = (others.first(), ends) {
        let start = first.span.start;
        let mut row = Row::phase(Work::Other, Span { start, end }, Progress::Done);
        row.is_critical = false;
        row.calls = others;
        rows.push(row);
    }
}
