//! The target, errors and durations as text: a value in, a `String` out.

use std::fmt::Write as _;
use std::time::Duration;

use crate::engine::observed::Context;
use crate::error::Error;
use crate::report::escape::foreign;
use crate::report::style::Style;
use crate::report::wrap::wrapped;

pub fn target(context: &Context, endpoints: &[String]) -> String {
    let Context {
        partition: _,
        account,
        region,
        stage,
        caller: _,
    } = context;
    let mut text = format!("account {account}, region {region}, stage {stage}");
    for endpoint in endpoints {
        let _ = write!(text, ", endpoint {endpoint}");
    }
    text
}

/// The error, its causes and its hint.
pub fn error(error: &Error, style: Style) -> String {
    let mut chain = error.chain().into_iter();
    let mut text = format!(
        "{} {}\n",
        style.red("error:"),
        foreign(&chain.next().unwrap_or_default())
    );
    for cause in chain {
        let _ = writeln!(text, "  because: {}", foreign(&cause));
    }
    if let Some(hint) = &error.hint {
        let _ = writeln!(text, "{} {hint}", style.bold("hint:"));
    }
    wrapped(&text, style.columns)
}

/// `12 s`, `0.4 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{seconds:.0} s")
    }
}

#[cfg(test)]
mod tests {
    use super::error;
    use crate::error::Error;
    use crate::report::style::Style;

    #[test]
    fn an_error_shows_each_cause_once_and_the_hint() {
        let inner = Error::failed("inner");
        let outer = Error::failed("outer").because(inner).hint("try `x`");
        assert_eq!(
            error(&outer, Style::PLAIN),
            "error: outer\n  because: inner\nhint: try `x`\n"
        );
    }
}
