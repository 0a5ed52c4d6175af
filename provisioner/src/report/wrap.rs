//! Sentences at the width of a terminal: broken between words, and what stands between backticks never, so that a
//! command can be copied as one line.

use console::measure_text_width;

/// The text with its lines broken where they are wider than a terminal of so many columns. Other streams have none,
/// and lines of any length.
pub fn wrapped(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns else {
        return text.to_owned();
    };
    let lines = text.split('\n').map(|line| match width(line) > columns {
        true => line_wrapped(line, columns),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Further rows begin two columns to the right of the line.
fn line_wrapped(line: &str, columns: usize) -> String {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let mut rows = vec![" ".repeat(indent)];
    let mut used = indent;
    let mut is_first = true;
    for piece in pieces(text) {
        let width = width(&piece);
        if !is_first && used + 1 + width > columns {
            rows.push(" ".repeat(indent + 2));
            used = indent + 2;
            is_first = true;
        }
        let row = rows.last_mut().expect("at least one row");
        if !is_first {
            row.push(' ');
            used += 1;
        }
        row.push_str(&piece);
        used += width;
        is_first = false;
    }
    rows.join("\n")
}

/// The words; those that one pair of backticks encloses are one piece.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut is_open = false;
    for word in text.split(' ') {
        match pieces.last_mut().filter(|_| is_open) {
            Some(piece) => *piece = format!("{piece} {word}"),
            None => pieces.push(word.to_owned()),
        }
        is_open ^= word.matches('`').count() % 2 == 1;
    }
    pieces
}

/// The columns of a text, without its colors.
fn width(text: &str) -> usize {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().map_or(0, measure_text_width);
    let others = parts.map(|part| {
        let text = part.split_once('m').map_or(part, |(_, text)| text);
        measure_text_width(text)
    });
    first + others.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[track_caller]
    fn check(text: &str, columns: usize, expected: &str) {
        assert_eq!(wrapped(text, Some(columns)), expected);
    }

    #[test]
    fn lines_are_broken_between_words() {
        check("a short line", 20, "a short line");
        check(
            "error: a line that is long",
            14,
            "error: a line\n  that is long",
        );
        check(
            "one\n  because: of two words",
            14,
            "one\n  because: of\n    two words",
        );
        check("a\u{1b}[31mb\u{1b}[0m c", 4, "a\u{1b}[31mb\u{1b}[0m c");
        check(
            "\u{fc}\u{fc}\u{fc} \u{fc}\u{fc}\u{fc}",
            7,
            "\u{fc}\u{fc}\u{fc} \u{fc}\u{fc}\u{fc}",
        );
    }

    #[test]
    fn a_command_stays_one_line() {
        check(
            "hint: run it again: `provision up --local`; or wait",
            30,
            "hint: run it again:\n  `provision up --local`; or\n  wait",
        );
        let long = "`provision up --stage dev --local`";
        check(&format!("hint: {long}"), 20, &format!("hint:\n  {long}"));
        check("verylongwordwithoutspaces", 10, "verylongwordwithoutspaces");
    }

    #[test]
    fn what_is_no_terminal_has_lines_of_any_length() {
        let text = "word ".repeat(100);
        assert_eq!(wrapped(&text, None), text);
    }
}
