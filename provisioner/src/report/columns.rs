//! Rows as aligned columns.

use console::measure_text_width;

/// A line for each row. Every column is as wide as its widest cell; two spaces separate columns, and the last one
/// is not padded.
pub fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = measure_text_width(cell).max(*width);
        }
    }
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line<const N: usize>(row: &[String; N], widths: &[usize; N]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        let padding = width.saturating_sub(measure_text_width(cell)) + 2;
        line.push_str(cell);
        line.push_str(&" ".repeat(padding));
    }
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn cells_are_aligned_by_what_is_seen_of_them() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [
            row(["a", "日本", "c"]),
            row(["long", "", "\u{1b}[1md\u{1b}[0m"]),
        ];
        assert_eq!(
            columns(&rows),
            "a     日本  c\nlong        \u{1b}[1md\u{1b}[0m\n"
        );
    }
}
