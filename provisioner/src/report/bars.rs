//! Bars on a common axis, one a line: where the time of a run went. Pure.

use std::time::Duration;

use console::measure_text_width;

/// More columns would show no more.
const WIDEST: usize = 60;

const NARROWEST: usize = 10;

pub struct Bar {
    pub name: String,
    /// Since the axis begins.
    pub start: Duration,
    pub end: Duration,
    /// Follows the bar.
    pub label: String,
    /// Follows the label, where all of them have room.
    pub note: String,
}

/// What bars are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocks {
    /// Block elements of Unicode, an eighth of a column as the smallest.
    Eighths,
    /// `#`, for terminals and locales without them.
    Ascii,
}

impl Blocks {
    /// `variable` reads the environment. The first of the three locale variables that is set decides.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Blocks {
        let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find(is_set);
        let locale = locale.and_then(&variable).unwrap_or_default();
        let is_utf8 = locale
            .to_ascii_lowercase()
            .replace('-', "")
            .contains("utf8");
        // Windows has no such variables.
        let is_dumb = variable("TERM").is_some_and(|term| term == "dumb");
        if !is_dumb && (is_utf8 || cfg!(windows)) {
            Blocks::Eighths
        } else {
            Blocks::Ascii
        }
    }

    /// A bar of so many eighths of a column; at least one.
    fn bar(self, eighths: usize) -> String {
        match self {
            Blocks::Ascii => "#".repeat(eighths.div_ceil(8).max(1)),
            Blocks::Eighths => {
                let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
                let eighths = eighths.max(1);
                "█".repeat(eighths / 8) + parts[eighths % 8]
            }
        }
    }
}

/// One line for each bar, of at most `width` columns unless names and labels alone are longer.
pub fn lines(bars: &[Bar], width: usize, blocks: Blocks) -> Vec<String> {
    let longest = |text: fn(&Bar) -> &str| {
        let widths = bars.iter().map(|bar| measure_text_width(text(bar)));
        widths.max().unwrap_or_default()
    };
    let name = longest(|bar| &bar.name);
    let columns = width.saturating_sub(name + longest(|bar| &bar.label) + 2);
    let note = longest(|bar| &bar.note);
    let has_notes = columns >= note + NARROWEST;
    let columns = columns - if has_notes { note } else { 0 };
    let eighths = columns.clamp(NARROWEST, WIDEST) * 8;
    let end = bars.iter().map(|bar| bar.end).max().unwrap_or_default();
    let at = |moment: Duration| {
        let part = moment.as_secs_f64() / end.as_secs_f64().max(f64::MIN_POSITIVE);
        // Not negative, and not larger than `eighths`.
        (part * eighths as f64) as usize
    };
    let line = |bar: &Bar| {
        let start = at(bar.start);
        // The last bar has a column too.
        let offset = (start / 8).min(eighths / 8 - 1);
        format!(
            "{}{} {}{} {}{}",
            bar.name,
            " ".repeat(name - measure_text_width(&bar.name)),
            " ".repeat(offset),
            blocks.bar(at(bar.end) - start),
            bar.label,
            if has_notes { &bar.note } else { "" },
        )
    };
    bars.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Bar, Blocks, lines};

    fn bars() -> Vec<Bar> {
        let bar = |name: &str, start, end, label: &str, note: &str| Bar {
            name: name.to_owned(),
            start: Duration::from_millis(start),
            end: Duration::from_millis(end),
            label: label.to_owned(),
            note: note.to_owned(),
        };
        vec![
            bar("role", 0, 100, "0.1 s", ""),
            bar("table", 0, 2_100, "2.1 s", ""),
            bar("function", 100, 10_000, "9.9 s", "   8.0 s of it: IAM"),
            bar("release", 10_000, 10_300, "0.3 s", ""),
        ]
    }

    fn check(width: usize, blocks: Blocks, expected: &str) {
        let lines = lines(&bars(), width, blocks);
        assert_eq!(format!("\n{}\n", lines.join("\n")), expected);
        for line in lines {
            assert!(line.chars().count() <= width, "{line:?}");
        }
    }

    #[test]
    fn bars_are_drawn_to_an_eighth_of_a_column() {
        check(
            60,
            Blocks::Eighths,
            "
role     ▎ 0.1 s
table    █████▎ 2.1 s
function ████████████████████████▉ 9.9 s   8.0 s of it: IAM
release                           ▉ 0.3 s
",
        );
    }

    #[test]
    fn notes_are_left_out_where_there_is_no_room() {
        check(
            40,
            Blocks::Eighths,
            "
role     ▏ 0.1 s
table    █████ 2.1 s
function ████████████████████████▏ 9.9 s
release                          ▊ 0.3 s
",
        );
    }

    #[test]
    fn without_unicode_bars_are_made_of_ascii() {
        check(
            60,
            Blocks::Ascii,
            "
role     # 0.1 s
table    ###### 2.1 s
function ######################### 9.9 s   8.0 s of it: IAM
release                           # 0.3 s
",
        );
    }

    #[test]
    fn the_environment_tells_what_can_be_shown() {
        let check = |variables: &[(&str, &str)], expected| {
            let variable = |name: &str| {
                let found = variables.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Blocks::of_environment(variable), expected, "{variables:?}");
        };
        check(&[("LANG", "en_US.UTF-8")], Blocks::Eighths);
        check(&[("LANG", "C.utf8"), ("LC_ALL", "")], Blocks::Eighths);
        check(&[("LANG", "C.UTF-8"), ("LC_ALL", "C")], Blocks::Ascii);
        check(&[("LANG", "C.UTF-8"), ("TERM", "dumb")], Blocks::Ascii);
        if cfg!(not(windows)) {
            check(&[], Blocks::Ascii);
        }
    }
}
