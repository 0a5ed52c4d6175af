//! A panic is a fault of this program: one line says so, and a hint where to report it.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use crate::aws::environment::without_keys;
use crate::error::Error;
use crate::report::output;
use crate::report::render;
use crate::report::style::Style;

/// Replaces the message that Rust prints about a panic. `RUST_BACKTRACE` brings that back, after ours.
pub fn report_panics(style: Style) {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        output::error(&render::error(&error_of(info), style));
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| !value.is_empty() && value != "0")
        {
            default(info);
        }
    }));
}

/// What `run` returns; an error if it panicked, which has been reported then.
pub fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Error> {
    panic::catch_unwind(AssertUnwindSafe(run)).map_err(|_| error("a thread panicked"))
}

fn error_of(info: &PanicHookInfo<'_>) -> Error {
    let message = info.payload_as_str().unwrap_or("no message");
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
            "open an issue in the project's repository with these lines, `provision --version` and the command; what \
             was done so far is kept, and the next run continues from there",
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
        let result = caught(|| panic!("planted"));
        panic::set_hook(default);
        let result: Result<(), _> = result;
        assert_eq!(result.map_err(|error| error.exit), Err(Exit::Failed));
        assert_eq!(caught(|| 7).ok(), Some(7));
    }
}
