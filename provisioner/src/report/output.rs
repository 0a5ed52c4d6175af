//! stdout: data that could be piped, and nothing else.

use std::io::{IsTerminal as _, Write as _};

use serde_json::Value;

use crate::report::style::Style;

pub fn text(text: &str) {
    // Whoever reads has had enough: no reason to fail.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

pub fn json(document: &Value) {
    text(&format!("{document:#}\n"));
}

/// One of a stream: a line each.
pub fn json_line(value: &impl serde::Serialize) {
    if let Ok(line) = serde_json::to_string(value) {
        text(&format!("{line}\n"));
    }
}

/// Colour where stdout is a terminal too.
pub fn style(style: Style) -> Style {
    if std::io::stdout().is_terminal() {
        style
    } else {
        Style::PLAIN
    }
}

/// What went wrong, on stderr.
pub fn error(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
