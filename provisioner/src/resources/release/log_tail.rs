//! The end of a function's log, as the cause of an error.

use std::error::Error;
use std::fmt;

use crate::invocation::Invocation;

/// The last lines that the function logged.
#[derive(Debug)]
pub struct LogTail(String);

impl LogTail {
    pub fn of(invocation: &Invocation) -> LogTail {
        let lines: Vec<&str> = invocation
            .log_tail
            .lines()
            .filter(|line| !line.is_empty())
            .collect();
        let last = lines.len().saturating_sub(8);
        LogTail(format!(
            "the end of its log:\n    {}",
            lines[last..].join("\n    ")
        ))
    }
}

impl fmt::Display for LogTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for LogTail {}
