//! A line for each attempt of a request: on stderr with `-v` or `--debug`, and in a file. Never a body, a
//! header other than the request ID, or a credential.

use std::fs::File;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::date_time::Format;

use super::attempt_end::AttemptEnd;
use super::operation::{Attempt, Operation};
use crate::engine::clock::SharedClock;
use crate::report::live::Lines;

/// What stderr gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Nothing,
    /// `-v`: operation, status, milliseconds.
    Short,
    /// `--debug`: attempts and request IDs too.
    Full,
}

/// Shared by the clients of one run.
#[derive(Clone, Debug)]
pub struct RequestLog {
    stderr: Detail,
    lines: Lines,
    file: Option<Arc<Mutex<File>>>,
    clock: SharedClock,
}

/// How an attempt ended.
#[derive(Debug)]
struct Line {
    operation: Operation,
    attempt: Attempt,
    end: AttemptEnd,
    took: Duration,
}

impl RequestLog {
    pub fn new(
        (stderr, lines): (Detail, Lines),
        file: Option<File>,
        clock: SharedClock,
    ) -> RequestLog {
        RequestLog {
            stderr,
            lines,
            file: file.map(|file| Arc::new(Mutex::new(file))),
            clock,
        }
    }

    fn is_off(&self) -> bool {
        self.stderr == Detail::Nothing && self.file.is_none()
    }

    fn write(&self, line: &Line) {
        match self.stderr {
            Detail::Nothing => {}
            Detail::Short => self.lines.write(&format!("  {}\n", line.short())),
            Detail::Full => self.lines.write(&format!("  {}\n", line.full())),
        }
        if let Some(file) = &self.file {
            let time = DateTime::from(self.clock.now()).fmt(Format::DateTime);
            let line = format!("{} {}\n", time.unwrap_or_default(), line.full());
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // Checked when it was opened. A disk that fills up later does not stop the run.
            let _ = file.write_all(line.as_bytes());
        }
    }
}

impl Line {
    fn short(&self) -> String {
        let again = match self.attempt.number {
            1 => String::new(),
            number => format!(" (attempt {number})"),
        };
        format!("{}{again}: {}", self.operation, self.ended())
    }

    fn full(&self) -> String {
        let id = self.end.request_id.as_ref();
        let id = id.map_or(String::new(), |id| format!(", request id {id}"));
        format!("{}, {}: {}{id}", self.operation, self.attempt, self.ended())
    }

    /// `400 ResourceNotFoundException, 45 ms`
    fn ended(&self) -> String {
        let milliseconds = self.took.as_millis();
        match (&self.end.status, &self.end.code) {
            (Ok(status), Some(code)) => format!("{status} {code}, {milliseconds} ms"),
            (Ok(status), None) => format!("{status}, {milliseconds} ms"),
            (Err(why), _) => format!("no response ({why}), {milliseconds} ms"),
        }
    }
}

/// When an attempt began.
#[derive(Debug)]
struct Began(SystemTime);

impl Storable for Began {
    type Storer = StoreReplace<Began>;
}

impl Intercept for RequestLog {
    fn name(&self) -> &'static str {
        "RequestLog"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let began = Began(self.clock.now());
        config.interceptor_state().store_put(began);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.is_off() {
            return Ok(());
        }
        let began = config
            .load::<Began>()
            .map_or_else(|| self.clock.now(), |began| began.0);
        self.write(&Line {
            operation: Operation::of(config),
            attempt: Attempt::of(config),
            end: AttemptEnd::of(context),
            took: self.clock.now().duration_since(began).unwrap_or_default(),
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{AttemptEnd, Line};
    use crate::aws::operation::{Attempt, Operation};

    #[test]
    fn a_line_says_what_was_sent_and_how_it_ended() {
        let check = |number, status, code: Option<&str>, short: &str, full: &str| {
            let line = Line {
                operation: Operation {
                    service: "IAM".to_owned(),
                    name: "GetRole".to_owned(),
                },
                attempt: Attempt { number, of: 3 },
                end: AttemptEnd {
                    status,
                    code: code.map(str::to_owned),
                    request_id: code.map(|_| "7c1f".to_owned()),
                },
                took: Duration::from_millis(45),
            };
            assert_eq!((line.short().as_str(), line.full().as_str()), (short, full));
        };
        check(
            1,
            Ok(200),
            None,
            "IAM GetRole: 200, 45 ms",
            "IAM GetRole, attempt 1 of 3: 200, 45 ms",
        );
        check(
            2,
            Ok(404),
            Some("NoSuchEntity"),
            "IAM GetRole (attempt 2): 404 NoSuchEntity, 45 ms",
            "IAM GetRole, attempt 2 of 3: 404 NoSuchEntity, 45 ms, request id 7c1f",
        );
        check(
            1,
            Err("timeout".to_owned()),
            None,
            "IAM GetRole: no response (timeout), 45 ms",
            "IAM GetRole, attempt 1 of 3: no response (timeout), 45 ms",
        );
    }
}
