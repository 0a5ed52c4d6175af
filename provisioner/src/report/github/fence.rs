//! Text that Markdown shows as it is.

/// A block of code. Its fence is longer than any in the text, so that the text cannot end it.
pub fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

/// A word of code within a line.
pub fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match longest_run(&text) {
        0 => format!("`{text}`"),
        run => {
            let fence = "`".repeat(run + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

/// The number of backticks in the longest run of them.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`');
    runs.map(str::len).max().unwrap_or_default()
}

/// As many whole lines as fit into so many bytes, and how many are missing.
pub fn shortened(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut size = 0;
    let fits = |line: &&str| {
        size += line.len() + 1;
        size <= limit
    };
    let kept: Vec<&str> = text.lines().take_while(fits).collect();
    let cut = text.lines().count() - kept.len();
    let mark = format!("… {cut} more lines were cut: see the log of the step");
    [&kept[..], &[&mark]].concat().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{block, code, shortened};

    #[test]
    fn a_fence_is_longer_than_those_in_the_text() {
        assert_eq!(block("diff", "+ a\n"), "```diff\n+ a\n```\n");
        let text = "from: ``` <b> @all\n````";
        assert_eq!(block("", text), format!("`````\n{text}\n`````\n"));
    }

    #[test]
    fn a_word_cannot_leave_its_code() {
        assert_eq!(code("default"), "`default`");
        assert_eq!(code("a`` `b\n# c"), "``` a`` `b # c ```");
    }

    #[test]
    fn whole_lines_are_kept_and_the_rest_is_counted() {
        assert_eq!(shortened("a\nb\n", 4), "a\nb\n");
        let cut = "… 2 more lines were cut: see the log of the step";
        assert_eq!(shortened("a\nbb\nc\n", 4), format!("a\n{cut}"));
        let long = "Tische-für-".repeat(100);
        assert!(shortened(&long, 10).starts_with("… 1 more"));
    }
}
