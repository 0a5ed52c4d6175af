//! What a run has done so far: for the document of a run that fails half way, and for the summary of a CI job.

use std::time::{Duration, SystemTime};

use crate::engine::observed::{Context, ResourceId};
use crate::engine::plan::Plan;
use crate::error::Error;
use crate::report::calls::Calls;
use crate::report::waited::Waited;

/// Empty until the run gets so far.
#[derive(Debug, Default)]
pub struct Record {
    pub context: Option<Context>,
    pub plan: Option<Plan>,
    pub digest: Option<String>,
    /// What the run shows: the plan, or the state.
    pub text: String,
    /// The outcome in a few words, once there is one.
    pub result: Option<String>,
    /// The versions of the function that `live` pointed at before the run, and points at after it.
    pub live_before: Option<String>,
    pub live_after: Option<String>,
    pub function_arn: Option<String>,
    pub table: Option<String>,
    pub steps: Vec<Step>,
    /// What was reported beside the result.
    pub errors: Vec<Error>,
    /// For a command that applies no plan: whether it changed something, or would.
    pub changed: Option<bool>,
    /// Waits that belong to no step: before and after all of them.
    pub waits: Vec<Waited>,
    pub moments: Moments,
    /// The requests, if `--timings` is to show them.
    pub calls: Option<Calls>,
}

/// One change that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub id: ResourceId,
    pub verb: &'static str,
    pub started: SystemTime,
    pub ended: Option<SystemTime>,
    pub progress: Progress,
    pub waits: Vec<Waited>,
}

impl Step {
    pub fn took(&self, now: SystemTime) -> Duration {
        let ended = self.ended.unwrap_or(now);
        ended.duration_since(self.started).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Running,
    Done,
    Failed,
}

/// When each phase of the run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    pub started: Option<SystemTime>,
    /// Everything was read, and the target is known.
    pub read: Option<SystemTime>,
    /// The function was built, and the plan made.
    pub planned: Option<SystemTime>,
    /// The last change ended.
    pub applied: Option<SystemTime>,
}

impl Record {
    /// Whether the run changed something; for `plan`, whether there are changes to make. `None` if it did not get
    /// so far.
    pub fn changed(&self) -> Option<bool> {
        let applied = self.plan.as_ref().map(|_| !self.steps.is_empty());
        self.changed.or(applied)
    }

    /// The last step of a resource: a log group may be deleted twice.
    pub fn step(&self, id: &ResourceId) -> Option<&Step> {
        self.steps.iter().rev().find(|step| step.id == *id)
    }

    /// The phases that have begun, in order, and how long each took until `now`.
    pub fn phases(&self, now: SystemTime) -> Vec<(&'static str, Duration)> {
        let Moments {
            started,
            read,
            planned,
            applied,
        } = self.moments;
        let phases = [
            ("read", started, read),
            ("build", read, planned),
            ("apply", planned, applied),
            ("verify", applied, Some(now)),
        ];
        let begun = phases.into_iter().filter_map(|(name, start, end)| {
            let took = end.unwrap_or(now).duration_since(start?);
            Some((name, took.unwrap_or_default()))
        });
        begun.collect()
    }

    pub fn total(&self, now: SystemTime) -> Duration {
        let started = self.moments.started.unwrap_or(now);
        now.duration_since(started).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Moments, Record};

    #[test]
    fn a_phase_lasts_until_the_next_one_or_until_now() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let phases = |moments| {
            let record = Record {
                moments,
                ..Record::default()
            };
            let phases = record.phases(at(9)).into_iter();
            phases
                .map(|(name, took)| format!("{name} {}", took.as_secs()))
                .collect::<Vec<_>>()
        };
        let mut moments = Moments {
            started: Some(at(1)),
            ..Moments::default()
        };
        assert_eq!(phases(Moments::default()), [""; 0]);
        assert_eq!(phases(moments), ["read 8"]);
        moments.read = Some(at(3));
        moments.planned = Some(at(4));
        assert_eq!(phases(moments), ["read 2", "build 1", "apply 5"]);
        moments.applied = Some(at(7));
        assert_eq!(
            phases(moments),
            ["read 2", "build 1", "apply 3", "verify 2"]
        );
    }
}
