//! The words of a row and of an answer, as plain text.

use super::model::{Row, TimedCall, Work};

/// Of a phase, or the kind of the resource that is changed.
pub fn short_name(row: &Row) -> &'static str {
    match &row.work {
        Work::Read => "read",
        Work::Build => "build and plan",
        Work::Check => "check and confirm",
        Work::Change { id, .. } => id.kind,
        Work::Verify => "verify",
        Work::Other => "other requests",
    }
}

/// `200`, `404 NoSuchEntity`, or why there is no response.
pub fn status(timed: &TimedCall) -> String {
    let Some(answer) = &timed.call.answer else {
        return "no response until the end of the run".to_owned();
    };
    match (&answer.status, &answer.code) {
        (Ok(status), Some(code)) => format!("{status} {code}"),
        (Ok(status), None) => status.to_string(),
        (Err(why), _) => format!("no response ({why})"),
    }
}
