//! Runs the steps, times them, counts their calls, and prints a row for each.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::certify::record::Recorder;
use crate::certify::row::{Row, Verdict};
use crate::engine::clock::SharedClock;
use crate::error::{Error, Exit};

pub struct Log<'a> {
    pub rows: Vec<Row>,
    recorder: Recorder,
    clock: SharedClock,
    print: &'a dyn Fn(&Row),
    /// The names of steps before which a chapter ends.
    without: BTreeSet<String>,
    /// A step of this chapter has failed, here or in the other log: what follows would fail for the same reason.
    has_failed: bool,
    interrupted: bool,
}

impl<'a> Log<'a> {
    pub fn new(recorder: Recorder, clock: SharedClock, print: &'a dyn Fn(&Row)) -> Log<'a> {
        Log {
            rows: Vec::new(),
            recorder,
            clock,
            print,
            without: BTreeSet::new(),
            has_failed: false,
            interrupted: false,
        }
    }

    /// The same log, in which a chapter ends where it ended in another one.
    pub fn limited_to(self, rows: &[Row]) -> Log<'a> {
        let skipped = rows.iter().filter(|row| row.verdict == Verdict::Skipped);
        Log {
            without: skipped.map(|row| row.step.clone()).collect(),
            ..self
        }
    }

    /// The next chapter begins from nothing, whatever became of the one before.
    pub fn chapter(&mut self) {
        self.has_failed = false;
    }

    pub fn has_failed(&self) -> bool {
        self.has_failed
    }

    pub fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// A step that needs all those before it.
    pub async fn step(&mut self, name: &str, work: impl Future<Output = Result<String, Error>>) {
        self.has_failed |= self.without.contains(name);
        if self.has_failed || self.interrupted {
            return self.add(name, Duration::ZERO, 0, Verdict::Skipped, String::new());
        }
        self.always(name, work).await;
    }

    /// A step that is taken even after a failure: what cleans up.
    pub async fn always(&mut self, name: &str, work: impl Future<Output = Result<String, Error>>) {
        let (started, calls) = (self.clock.now(), self.recorder.calls());
        // On the heap: nested futures of this depth are too much for the compiler's layout query.
        let result = Box::pin(work).await;
        let took = self.clock.now().duration_since(started).unwrap_or_default();
        let calls = self.recorder.calls() - calls;
        match result {
            Ok(detail) => self.add(name, took, calls, Verdict::Passed, detail),
            Err(error) => {
                self.has_failed = true;
                self.interrupted |= error.exit == Exit::Interrupted;
                let detail = error.chain().join(": ");
                self.add(name, took, calls, Verdict::Failed, detail);
            }
        }
    }

    fn add(&mut self, step: &str, took: Duration, calls: usize, verdict: Verdict, detail: String) {
        let row = Row {
            step: step.to_owned(),
            took,
            calls,
            verdict,
            detail: detail.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        (self.print)(&row);
        self.rows.push(row);
    }
}
