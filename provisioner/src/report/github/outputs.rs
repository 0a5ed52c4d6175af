//! The outputs of a step, in the format of GITHUB_OUTPUT.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use crate::report::ended::Ended;

/// Their names and values. A value that is not known, or that the command does not have, is left out. All are
/// short: names, numbers and ARNs, far from the 1 MB that GitHub takes.
pub fn outputs(ended: &Ended<'_>) -> Vec<(&'static str, String)> {
    let record = ended.record;
    let seconds = record.total(ended.now).as_secs_f64();
    let values = [
        (
            "changed",
            record.changed().map(|changed| changed.to_string()),
        ),
        ("plan-digest", record.digest.clone()),
        ("function-arn", record.function_arn.clone()),
        ("version", record.live_after.clone()),
        ("table", record.table.clone()),
        ("live-before", record.live_before.clone()),
        ("seconds", Some(format!("{seconds:.1}"))),
    ];
    let known = values.into_iter();
    known
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// A value may have any characters, so it ends at a random line that is not in it.
pub fn text(outputs: &[(&str, String)]) -> String {
    let outputs = outputs.iter().map(|(name, value)| {
        let end = delimiter(value);
        format!("{name}<<{end}\n{value}\n{end}\n")
    });
    outputs.collect()
}

fn delimiter(value: &str) -> String {
    loop {
        let [one, two] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
        let delimiter = format!("end-{one:016x}{two:016x}");
        if !value.contains(&delimiter) {
            return delimiter;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    /// As the runner reads the file.
    fn read(text: &str) -> Vec<(String, String)> {
        let mut lines = text.lines();
        let mut outputs = Vec::new();
        while let Some(line) = lines.next() {
            let (name, end) = line.split_once("<<").expect("a heredoc");
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            outputs.push((name.to_owned(), value.join("\n")));
        }
        outputs
    }

    #[test]
    fn values_with_line_ends_and_percent_signs_survive() {
        let evil = "100% of\n::error::x\nversion<<EOF\nversion=2\n%0A end-0\n\n";
        let outputs = [
            ("version", evil.to_owned()),
            ("table", "Rides".to_owned()),
            ("live-before", String::new()),
        ];
        let expected = outputs.clone();
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(read(&text(&outputs)), expected);
        // Each ends at a line of its own.
        let ends = text(&outputs);
        let ends: Vec<_> = ends
            .lines()
            .filter(|line| line.contains("<<end-"))
            .collect();
        assert_eq!(ends.len(), 3);
        assert_ne!(ends[0].split("<<").last(), ends[1].split("<<").last());
    }
}
