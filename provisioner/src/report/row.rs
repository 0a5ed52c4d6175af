//! A running change or a wait as text: in one line, or in lines that fit a terminal. Pure.

use std::time::Duration;

use console::{measure_text_width, truncate_str};

use crate::engine::observed::ResourceId;
use crate::engine::status::Status;
use crate::report::escape;
use crate::report::render;

/// A name that is cut further says nothing; then the wait gets lines of its own.
const SHORTEST_NAME: usize = 8;

const INDENT: &str = "  ";

pub struct Row<'a> {
    pub id: &'a ResourceId,
    /// What is done to the resource. `None` if the wait belongs to no change.
    pub verb: Option<&'static str>,
    /// Of the wait, if there is one; else of the change.
    pub time: Duration,
    pub status: Option<&'a Status>,
}

impl Row<'_> {
    /// In one line, however long it is. `with_shown` adds what AWS shows or answers.
    pub fn line(&self, with_shown: bool) -> String {
        let shown = self.shown(with_shown).map(|shown| format!(" ({shown})"));
        self.beside(&self.id.name) + &shown.unwrap_or_default()
    }

    /// In lines of at most `width` columns. The wait is always there as a whole: the name is shortened
    /// first, and then the wait gets lines of its own.
    pub fn lines(&self, width: usize, with_shown: bool) -> Vec<String> {
        let room = width.saturating_sub(measure_text_width(&self.beside("")));
        let name_width = measure_text_width(&self.id.name);
        let mut lines = if room >= name_width.min(SHORTEST_NAME) {
            vec![self.beside(&truncate_str(&self.id.name, room, "…"))]
        } else {
            self.above(width)
        };
        if let Some(shown) = self.shown(with_shown) {
            lines.push(truncate_str(&format!("{INDENT}{INDENT}{shown}"), width, "…").into_owned());
        }
        lines
    }

    /// The resource with this name, and the wait beside it.
    fn beside(&self, name: &str) -> String {
        match self.status {
            Some(status) => format!("{}: {}", self.subject(name), words(status)),
            None => self.subject(name),
        }
    }

    /// The resource, and the wait in further lines.
    fn above(&self, width: usize) -> Vec<String> {
        let room = width.saturating_sub(measure_text_width(&self.subject("")));
        let subject = self.subject(&truncate_str(&self.id.name, room, "…"));
        let mut lines = vec![truncate_str(&subject, width, "…").into_owned()];
        let indent = INDENT.repeat(2);
        let words = self.status.map(words).unwrap_or_default();
        // Further lines are of the wait anyway.
        let words = words.strip_prefix("waiting ").unwrap_or(&words);
        let wrapped = wrap(words, width.saturating_sub(indent.len()));
        lines.extend(wrapped.into_iter().map(|line| indent.clone() + &line));
        lines
    }

    fn subject(&self, name: &str) -> String {
        let verb = self.verb.map(|verb| format!("{verb} "));
        format!(
            "{INDENT}{}{} {} ({})",
            verb.unwrap_or_default(),
            self.id.kind,
            escape::value(name),
            render::duration(self.time)
        )
    }

    /// What AWS shows, if it is wanted and not in the words already.
    fn shown(&self, with_shown: bool) -> Option<String> {
        let status = self.status.filter(|_| with_shown)?;
        status.delay?;
        Some(format!("AWS: {}", one_line(&status.shown)))
    }
}

/// What is waited for, and how long it takes as a rule.
pub fn words(status: &Status) -> String {
    let Some(delay) = status.delay else {
        return format!("waiting: {}", one_line(&status.shown));
    };
    let usually = delay.pace.usual().map(|(from, to)| {
        let (from, to) = (from.as_secs(), to.as_secs());
        format!(", usually {from} to {to} s")
    });
    format!(
        "waiting until {}{}",
        delay.until,
        usually.unwrap_or_default()
    )
}

/// A status can be AWS's own text, of several lines.
fn one_line(text: &str) -> String {
    escape::value(text.lines().next().unwrap_or_default()).into_owned()
}

/// Breaks a text that is longer than a line: after a comma, and where that is not enough, between words.
fn wrap(text: &str, width: usize) -> Vec<String> {
    if measure_text_width(text) <= width {
        return vec![text.to_owned()];
    }
    let clauses = text.split_inclusive(',');
    clauses
        .flat_map(|clause| wrap_words(clause, width))
        .collect()
}

/// A word that is longer than a line is cut.
fn wrap_words(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = truncate_str(word, width, "…");
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + 1 + measure_text_width(&word) <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word.into_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Row;
    use crate::engine::observed::ResourceId;
    use crate::engine::pace::Pace;
    use crate::engine::status::{Delay, Status};

    const ROLE: Delay = Delay::new(
        "Lambda can use the role",
        Pace::usually(
            Duration::from_secs(5),
            Duration::from_secs(10),
            Duration::ZERO,
        ),
    );

    fn check(width: usize, with_shown: bool, expected: &[&str]) {
        let id = ResourceId::new("function", "RequestUnicorn-staging");
        let status = ROLE.shown_as("InvalidParameterValueException: The role\ncannot be assumed");
        let row = Row {
            id: &id,
            verb: Some("create"),
            time: Duration::from_millis(3210),
            status: Some(&status),
        };
        let lines = row.lines(width, with_shown);
        assert_eq!(lines, expected, "at {width} columns");
        for line in lines {
            assert!(line.chars().count() <= width, "{line:?}");
        }
    }

    #[test]
    fn the_wait_is_never_cut() {
        check(
            200,
            false,
            &[
                "  create function RequestUnicorn-staging (3.2 s): waiting until Lambda can use the role, usually 5 to 10 s",
            ],
        );
        check(
            99,
            false,
            &[
                "  create function RequestUnicorn… (3.2 s): waiting until Lambda can use the role, usually 5 to 10 s",
            ],
        );
        let wait = "    until Lambda can use the role, usually 5 to 10 s";
        check(
            80,
            false,
            &["  create function RequestUnicorn-staging (3.2 s)", wait],
        );
        check(
            40,
            false,
            &[
                "  create function RequestUnicor… (3.2 s)",
                "    until Lambda can use the role,",
                "    usually 5 to 10 s",
            ],
        );
        check(
            30,
            false,
            &[
                "  create function Req… (3.2 s)",
                "    until Lambda can use the",
                "    role,",
                "    usually 5 to 10 s",
            ],
        );
    }

    #[test]
    fn what_aws_shows_is_added_and_may_be_cut() {
        check(
            60,
            true,
            &[
                "  create function RequestUnicorn-staging (3.2 s)",
                "    until Lambda can use the role, usually 5 to 10 s",
                "    AWS: InvalidParameterValueException: The role",
            ],
        );
        check(
            40,
            true,
            &[
                "  create function RequestUnicor… (3.2 s)",
                "    until Lambda can use the role,",
                "    usually 5 to 10 s",
                "    AWS: InvalidParameterValueException…",
            ],
        );
    }

    /// The rows of a first `up` at its longest wait.
    fn view(width: usize) -> String {
        let table = Delay::new("the table is active", Pace::UNKNOWN).shown_as("CREATING");
        let role = ROLE.shown_as("InvalidParameterValueException");
        let rows = [
            ("table", "Rides", 1900, Some(&table)),
            ("log group", "/aws/lambda/RequestUnicorn", 100, None),
            ("function", "RequestUnicorn", 8120, Some(&role)),
        ];
        let lines = rows.map(|(kind, name, milliseconds, status)| {
            let row = Row {
                id: &ResourceId::new(kind, name),
                verb: Some("create"),
                time: Duration::from_millis(milliseconds),
                status,
            };
            row.lines(width, false).join("\n")
        });
        let view = lines.join("\n");
        assert!(view.lines().all(|line| line.chars().count() <= width));
        view
    }

    #[test]
    fn the_rows_of_a_first_up_fit_each_width() {
        let check = |width, expected: &[&str]| assert_eq!(view(width), expected.join("\n"));
        let table = "  create table Rides (1.9 s): waiting until the table is active";
        let log_group = "  create log group /aws/lambda/RequestUnicorn (0.1 s)";
        let function = "  create function RequestUnicorn (8.1 s)";
        let role = "    until Lambda can use the role, usually 5 to 10 s";
        let (short, active) = (
            "  create table Rides (1.9 s)",
            "    until the table is active",
        );
        check(60, &[short, active, log_group, function, role]);
        check(80, &[table, log_group, function, role]);
        let whole = "  create function RequestUnicorn (8.1 s): \
                     waiting until Lambda can use the role, usually 5 to 10 s";
        check(120, &[table, log_group, whole]);
    }

    #[test]
    fn a_row_without_a_wait_has_one_line() {
        let id = ResourceId::new("log group", "/aws/lambda/RequestUnicorn");
        let mut row = Row {
            id: &id,
            verb: Some("create"),
            time: Duration::from_secs(12),
            status: None,
        };
        let check = |row: &Row<'_>, expected| assert_eq!(row.lines(60, true), [expected]);
        check(&row, "  create log group /aws/lambda/RequestUnicorn (12 s)");
        let status = Status::from("process 7\u{7} is using it\nnow".to_owned());
        row.verb = None;
        row.status = Some(&status);
        assert_eq!(
            row.line(true),
            "  log group /aws/lambda/RequestUnicorn (12 s): waiting: process 7\\u{7} is using it"
        );
    }
}
