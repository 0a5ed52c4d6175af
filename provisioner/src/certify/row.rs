//! One row of the table: a step of the life cycle and how it ended.

use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Failed,
    /// An earlier step of the same chapter failed, or the run was interrupted.
    Skipped,
}

impl Verdict {
    pub fn text(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "FAILED",
            Verdict::Skipped => "skipped",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Row {
    pub step: String,
    pub took: Duration,
    /// Requests sent, each attempt counted.
    pub calls: usize,
    pub verdict: Verdict,
    /// What was seen, or why the step failed.
    pub detail: String,
}

pub const HEAD: &str = "step                        seconds  calls  verdict\n";

impl Row {
    pub fn line(&self) -> String {
        let Row {
            step,
            took,
            calls,
            verdict,
            detail,
        } = self;
        let verdict = verdict.text();
        let line = format!(
            "{step:26} {:8.1} {calls:6}  {verdict:8} {detail}",
            took.as_secs_f64()
        );
        format!("{}\n", line.trim_end())
    }
}

/// The number of rows with this verdict.
pub fn count(rows: &[Row], verdict: Verdict) -> usize {
    rows.iter().filter(|row| row.verdict == verdict).count()
}
