//! stderr as the terminal that indicatif draws on, made to survive a change of its width.
//!
//! indicatif fills each row with spaces up to the terminal's width and relies on the terminal to wrap
//! into the next one. Terminals wrap such text again when they are resized: one row becomes several,
//! and indicatif would clear only as many lines as it has rows. So a row here ends with a line break,
//! and clearing counts the lines that the rows take at the present width.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use console::{Term, measure_text_width};
use indicatif::TermLike;

#[derive(Debug)]
pub struct Screen {
    terminal: Term,
    /// The width of each row on the screen; the cursor stands behind the last one.
    rows: Mutex<Vec<usize>>,
}

impl Screen {
    pub fn on_stderr() -> Screen {
        Screen {
            terminal: Term::buffered_stderr(),
            rows: Mutex::default(),
        }
    }

    fn rows(&self) -> MutexGuard<'_, Vec<usize>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        self.terminal.size().1
    }

    fn height(&self) -> u16 {
        self.terminal.size().0
    }

    /// Clears all rows: every redraw of indicatif begins by moving up to the first of them.
    fn move_cursor_up(&self, _rows: usize) -> io::Result<()> {
        let rows = std::mem::take(&mut *self.rows());
        if rows.is_empty() {
            return Ok(());
        }
        self.terminal
            .move_cursor_up(lines(&rows, self.width().into()) - 1)?;
        self.terminal.write_str("\r")?;
        self.terminal.clear_to_end_of_screen()
    }

    fn write_str(&self, row: &str) -> io::Result<()> {
        let row = row.trim_end();
        if row.is_empty() {
            return Ok(());
        }
        let mut rows = self.rows();
        if !rows.is_empty() {
            self.terminal.write_str("\r\n")?;
        }
        rows.push(measure_text_width(row));
        self.terminal.write_str(row)
    }

    fn write_line(&self, row: &str) -> io::Result<()> {
        self.write_str(row)
    }

    // The rest of clearing is done in `move_cursor_up` already.

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        self.terminal.flush()
    }
}

/// How many lines of the terminal rows of these widths take; at least one each.
fn lines(rows: &[usize], width: usize) -> usize {
    let lines = rows.iter().map(|row| row.div_ceil(width.max(1)).max(1));
    lines.sum()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn a_row_that_wraps_takes_several_lines() {
        assert_eq!(lines(&[], 80), 0);
        assert_eq!(lines(&[0, 10, 80], 80), 3);
        assert_eq!(lines(&[81, 80, 10], 40), 3 + 2 + 1);
    }
}
