//! The errors of an invocation, in Lambda's words.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;

use bytes::Bytes;
use serde_json::json;

use crate::runtime::executable::EXEC_FORMAT_ERROR;

/// An error as Lambda returns it to the caller.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) payload: Bytes,
    /// A line for the function's log.
    pub(crate) note: Option<String>,
}

impl Failure {
    pub(crate) fn new(request_id: &str, kind: &str, what: &str) -> Failure {
        let message = format!("RequestId: {request_id} Error: {what}");
        let payload = json!({ "errorType": kind, "errorMessage": message }).to_string();
        Failure {
            payload: Bytes::from(payload),
            note: Some(message),
        }
    }
}

pub(crate) fn timed_out(request_id: &str, seconds: &str) -> Failure {
    Failure::new(
        request_id,
        "Sandbox.Timedout",
        &format!("Task timed out after {seconds} seconds"),
    )
}

pub(crate) fn exit_failure(request_id: &str, status: Option<ExitStatus>) -> Failure {
    let what = match status {
        Some(status) => match (status.code(), status.signal()) {
            (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
            (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
            (None, Some(signal)) => {
                format!("Runtime exited with error: signal: {}", signal_name(signal))
            }
            (None, None) => "Runtime exited without providing a reason".to_owned(),
        },
        None => "Runtime exited without providing a reason".to_owned(),
    };
    Failure::new(request_id, "Runtime.ExitError", &what)
}

fn signal_name(signal: i32) -> String {
    match signal {
        4 => "illegal instruction".to_owned(),
        6 => "aborted".to_owned(),
        9 => "killed".to_owned(),
        11 => "segmentation fault".to_owned(),
        15 => "terminated".to_owned(),
        other => format!("signal {other}"),
    }
}

/// The failure of a `bootstrap` that is missing, not executable, or built for another machine.
pub(crate) fn not_runnable(request_id: &str, root: &Path, error: &io::Error) -> Failure {
    let what = match (error.kind(), error.raw_os_error()) {
        // The interpreter of the script or program is not installed on this machine.
        (io::ErrorKind::NotFound, _) if root.join("bootstrap").exists() => {
            "fork/exec /var/task/bootstrap: no such file or directory (its interpreter is missing)"
                .to_owned()
        }
        (io::ErrorKind::NotFound, _) => {
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned()
        }
        (io::ErrorKind::PermissionDenied, _) => {
            "fork/exec /var/task/bootstrap: permission denied (its mode in the zip must be 755)"
                .to_owned()
        }
        (_, Some(EXEC_FORMAT_ERROR)) => {
            "fork/exec /var/task/bootstrap: exec format error (it is built for \
                               another CPU or system)"
                .to_owned()
        }
        _ => format!("fork/exec /var/task/bootstrap: {error}"),
    };
    Failure::new(request_id, "Runtime.InvalidEntrypoint", &what)
}
