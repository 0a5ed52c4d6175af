//! Backtraces in the output of rustup and cargo, which say nothing about what to do.

/// The lines without the backtraces among them.
pub fn without_backtraces(lines: &[String]) -> impl Iterator<Item = &String> {
    let mut is_inside = false;
    lines.iter().filter(move |line| {
        let text = line.trim();
        if text.eq_ignore_ascii_case("stack backtrace:") {
            is_inside = true;
        } else if is_inside {
            is_inside = is_frame(text);
        }
        !is_inside
    })
}

/// `3: core::ops::function::FnOnce`, or `at /rustc/library/std/src/panic.rs:1:2` below it.
fn is_frame(text: &str) -> bool {
    let number = text.split(':').next().unwrap_or_default();
    let is_numbered = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    is_numbered || text.starts_with("at ")
}

#[cfg(test)]
mod tests {
    use super::without_backtraces;

    #[test]
    fn only_the_backtrace_is_left_out() {
        let lines = [
            "error: rustup could not choose a version of rustc to run",
            "Stack backtrace:",
            "   0: anyhow::error::<impl anyhow::Error>::msg",
            "             at /rustc/library/std/src/rt.rs:1:2",
            "  10: main",
            "help: run 'rustup default stable'",
        ]
        .map(str::to_owned);
        let rest: Vec<&str> = without_backtraces(&lines).map(String::as_str).collect();
        assert_eq!(rest, [&*lines[0], &*lines[5]]);
    }
}
