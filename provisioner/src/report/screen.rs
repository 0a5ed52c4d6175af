//! Lines at the bottom of a terminal that are drawn again and again, on stderr.
//!
//! Terminals wrap lines again when they are resized: one line becomes several. So clearing counts the
//! lines that the drawn ones take at the present width.

use std::io::Write as _;

use console::{Term, measure_text_width};

#[derive(Debug)]
pub struct Screen {
    terminal: Term,
    /// The width of each line on the screen. The cursor is behind the last one.
    drawn: Vec<usize>,
}

impl Screen {
    pub fn on_stderr() -> Screen {
        Screen {
            terminal: Term::stderr(),
            drawn: Vec::new(),
        }
    }

    /// Its present width.
    pub fn columns(&self) -> usize {
        self.terminal.size().1.into()
    }

    /// Writes a text that stays, and the lines below it.
    pub fn write(&mut self, text: &str, lines: &[String]) {
        let (height, columns) = self.terminal.size();
        let fitting = lines.len().min(usize::from(height).saturating_sub(1));
        let lines = &lines[..fitting];
        let mut frame = self.clearing(columns.into());
        frame.push_str(text);
        frame.push_str(&lines.join("\r\n"));
        self.drawn = lines.iter().map(|line| measure_text_width(line)).collect();
        // A stderr that is closed or full does not stop the run.
        let _ = std::io::stderr().write_all(frame.as_bytes());
    }

    /// The sequences that clear the drawn lines.
    fn clearing(&self, columns: usize) -> String {
        match height(&self.drawn, columns) {
            0 => String::new(),
            1 => "\r\u{1b}[0J".to_owned(),
            height => format!("\r\u{1b}[{}A\u{1b}[0J", height - 1),
        }
    }
}

/// How many lines of the terminal these widths take; at least one each.
fn height(widths: &[usize], columns: usize) -> usize {
    let lines = widths
        .iter()
        .map(|width| width.div_ceil(columns.max(1)).max(1));
    lines.sum()
}

#[cfg(test)]
mod tests {
    use super::height;

    #[test]
    fn a_row_that_wraps_takes_several_lines() {
        assert_eq!(height(&[], 80), 0);
        assert_eq!(height(&[0, 10, 80], 80), 3);
        assert_eq!(height(&[81, 80, 10], 40), 3 + 2 + 1);
    }
}
