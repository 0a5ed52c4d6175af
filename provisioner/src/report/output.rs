//! stdout: data that could be piped, and nothing else. And errors, on stderr.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use serde_json::Value;

use crate::report::escape;

/// The first error of a write to stdout; after it nothing more is written.
static FAILURE: OnceLock<io::Error> = OnceLock::new();

pub fn text(text: &str) {
    if FAILURE.get().is_some() {
        return;
    }
    let text = for_terminal(text, escape::escaped);
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes());
    if let Err(error) = written.and_then(|()| stdout.flush()) {
        // Only the first counts.
        let _ = FAILURE.set(error);
    }
}

/// Why data could not be written to stdout. A reader that closed the pipe has what it wanted.
pub fn failure() -> Option<&'static io::Error> {
    FAILURE
        .get()
        .filter(|error| error.kind() != ErrorKind::BrokenPipe)
}

/// Whether nothing more can be written to stdout, so that there is no reason to continue.
pub fn is_closed() -> bool {
    FAILURE.get().is_some()
}

/// A value of others within a line of data. As with `ls`, a terminal shows its control characters
/// escaped, and a pipe gets it as it is.
pub fn value(text: &str) -> Cow<'_, str> {
    for_terminal(text, escape::value)
}

/// Lines of others, likewise.
pub fn foreign(text: &str) -> Cow<'_, str> {
    for_terminal(text, escape::foreign)
}

fn for_terminal(text: &str, escape: fn(&str) -> Cow<'_, str>) -> Cow<'_, str> {
    if io::stdout().is_terminal() {
        escape(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// A document as text.
pub fn json(document: &Value) -> String {
    escape::json(format!("{document:#}\n"))
}

/// One value of a stream, on a line of its own. Nothing if it cannot be written as JSON.
pub fn json_line(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).map_or_else(|_| String::new(), |line| escape::json(line + "\n"))
}

/// Writes the text of an error to stderr. If that fails there is nowhere left to say so.
pub fn error(text: &str) {
    let _ = io::stderr().write_all(escape::escaped(text).as_bytes());
}
