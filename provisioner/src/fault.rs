//! A panic is a fault of this program: one line says so, and a hint where to report it.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use crate::aws::environment::without_keys;
use crate::error::Error;
use crate::report::output;
use crate::report::render;
use crate::report::style::Style;

/// Replaces the message that Rust prints about a panic. With `RUST_BACKTRACE` the calls that led there follow.
pub fn report_panics(style: Style) {
    panic::set_hook(Box::new(move |info| {
        output::error(&render::error(&error_of(info), style));
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            output::error(&backtrace.to_string());
        }
    }));
}

/// What `run` returns; an error if it panicked, which has been reported then.
pub fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Error> {
    panic::catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        error(&without_keys(text.unwrap_or(NO_MESSAGE)))
    })
}

const NO_MESSAGE: &str = "a panic without a message";

fn error_of(info: &PanicHookInfo<'_>) -> Error {
    let message = info.payload_as_str().unwrap_or(NO_MESSAGE);
    let place = info.location().map(|place| place.to_string());
    let place = place.unwrap_or_else(|| "an unknown place".to_owned());
    error(&format!("{} at {place}", without_keys(message)))
}

/// The error about a fault with that cause.
pub fn error(cause: &str) -> Error {
    // One line, whatever the message is.
    let cause = cause.split_whitespace().collect::<Vec<_>>().join(" ");
    Error::failed("provision has a fault in its own code")
        .because(cause)
        .hint(
            "open an issue in the project's repository with these lines, the version and the command; what was done so \
             far is kept, and the next run continues from there",
        )
}

#[cfg(test)]
mod tests {
    use std::panic;

    use super::{caught, error};
    use crate::error::Exit;
    use crate::report::render;
    use crate::report::style::Style;

    #[test]
    fn a_fault_is_one_line_with_its_place_and_where_to_report_it() {
        let text = render::error(&error("bad\n  header at src/x.rs:1:2"), Style::PLAIN);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "error: provision has a fault in its own code");
        assert_eq!(lines[1], "  because: bad header at src/x.rs:1:2");
        assert!(lines[2].starts_with("hint: open an issue"), "{text}");
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn a_panic_becomes_an_error() {
        let default = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let result: Result<(), _> = caught(|| panic!("planted"));
        panic::set_hook(default);
        let error = result.expect_err("a panic");
        assert_eq!(
            (error.exit, error.chain()[1].as_str()),
            (Exit::Failed, "planted")
        );
        assert_eq!(caught(|| 7).ok(), Some(7));
    }
}
