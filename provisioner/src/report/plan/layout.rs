//! Lines at the width of a stream: broken between words, with the indentation kept.

use super::line::{Line, Remark, Sign};
use crate::report::style::Style;

/// The width of a stream that is no terminal.
const DEFAULT_WIDTH: usize = 80;
/// Narrower terminals wrap lines themselves.
const LEAST_WIDTH: usize = 60;
/// In this column, or in the second one, remarks begin where there is room: so they stand below one another.
const REMARK_COLUMNS: [usize; 2] = [58, 36];

/// The line as text, which ends with a line break.
pub fn text(line: &Line, style: Style) -> String {
    let width = style.columns.unwrap_or(DEFAULT_WIDTH).max(LEAST_WIDTH);
    let sign = paint(line.sign, style);
    let start = match line.sign {
        Sign::None => " ".repeat(line.indent),
        _ => format!("{:1$}{sign} ", "", line.indent),
    };
    let text_column = line.indent + sign_width(line.sign);
    let next = " ".repeat(text_column + 2);
    let mut rows = wrapped(&line.pieces, width, text_column);
    if let Some(remark) = &line.remark {
        let paint = |text: &str| match remark {
            Remark::Aside(_) => style.dim(text),
            Remark::Warning(_) => style.red(text),
        };
        let remark = remark.text();
        match place(remark, &rows, width, text_column) {
            Some(gap) => {
                let last = rows.last_mut().expect("wrapping gives a row");
                last.push_str(&" ".repeat(gap));
                last.push_str(&paint(remark));
            }
            None => {
                let words: Vec<String> = remark.split(' ').map(str::to_owned).collect();
                let remark = wrapped(&words, width, text_column + 2);
                rows.extend(remark.iter().map(|row| paint(row)));
            }
        }
    }
    let mut text = start;
    text.push_str(&rows.join(&format!("\n{next}")));
    text.push('\n');
    text
}

/// The line with its sign as the first character.
pub fn diff(line: &Line) -> String {
    let sign = match line.sign {
        Sign::None | Sign::Keep => ' ',
        Sign::Create => '+',
        Sign::Change | Sign::Replace | Sign::Blocked => '!',
        Sign::Delete => '-',
    };
    let remark = match &line.remark {
        Some(remark) => format!("  {}", remark.text()),
        None => String::new(),
    };
    let (indent, text) = (line.indent, line.pieces.join(" "));
    format!("{sign} {:indent$}{text}{remark}\n", "")
}

/// How many spaces stand before the remark in the last row. `None` if it does not fit into that row.
fn place(remark: &str, rows: &[String], width: usize, text_column: usize) -> Option<usize> {
    let is_first = rows.len() == 1;
    let start = if is_first {
        text_column
    } else {
        text_column + 2
    };
    let end = start + rows.last().map_or(0, |row| columns(row));
    let length = columns(remark);
    let fits = |column: &usize| *column >= end + 2 && column + length <= width;
    let aligned = REMARK_COLUMNS.into_iter().find(fits);
    let column = aligned.or_else(|| Some(end + 2).filter(fits));
    column.map(|column| column - end)
}

/// Rows of as many pieces as fit. A piece that is longer than a row is broken between its words, and a word
/// never.
fn wrapped(pieces: &[String], width: usize, text_column: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for piece in pieces {
        let room = |rows: &[String]| {
            let start = if rows.len() == 1 {
                text_column
            } else {
                text_column + 2
            };
            width.saturating_sub(start)
        };
        let parts: Vec<&str> = if columns(piece) > width.saturating_sub(text_column + 2) {
            piece.split(' ').collect()
        } else {
            vec![piece]
        };
        for part in parts {
            let used = columns(rows.last().expect("at least one row"));
            let gap = usize::from(used > 0);
            if used > 0 && used + gap + columns(part.trim_end()) > room(&rows) {
                rows.push(part.to_owned());
            } else {
                let last = rows.last_mut().expect("at least one row");
                last.push_str(&" ".repeat(gap));
                last.push_str(part);
            }
        }
    }
    rows.iter().map(|row| row.trim_end().to_owned()).collect()
}

fn columns(text: &str) -> usize {
    console::measure_text_width(text)
}

fn sign_width(sign: Sign) -> usize {
    match sign {
        Sign::None => 0,
        _ => 2,
    }
}

fn paint(sign: Sign, style: Style) -> String {
    match sign {
        Sign::None => String::new(),
        Sign::Create => style.green("+"),
        Sign::Change => style.yellow("~"),
        Sign::Replace => style.red("±"),
        Sign::Delete => style.red("-"),
        Sign::Keep => style.dim("="),
        Sign::Blocked => style.red("!"),
    }
}
