//! Adds to the files that GitHub Actions names in variables.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::outputs;
use super::summary::summary;
use crate::report::ended::Ended;

/// The commands that plan, change or judge the stack. The others print data.
const COMMANDS: [&str; 6] = ["up", "plan", "down", "rollback", "status", "sweep"];

/// GitHub drops the summary of a step that is larger than this, as a whole. A step may run several commands.
const STEP_LIMIT: u64 = 1024 * 1024;

/// For the plan and the errors. Nobody reads more, and so the summary fits into a comment on a pull request
/// too, which takes 65,536 characters.
const TEXT_LIMIT: u64 = 60_000;

/// What a summary has beside the plan and the errors: a heading, the facts and a few rows of times.
const REST: u64 = 4_000;

/// Adds to the files of the step, if there are any. Returns what could not be done, as warnings: the run
/// itself is over, and nothing of it depends on this.
pub fn write(ended: &Ended<'_>) -> Vec<String> {
    if !COMMANDS.contains(&ended.command) {
        return Vec::new();
    }
    let summary = file("GITHUB_STEP_SUMMARY").map(|path| add_summary(&path, ended));
    let outputs = file("GITHUB_OUTPUT").map(|path| {
        let text = outputs::text(&outputs::outputs(ended));
        add(&path, &text).map_err(|error| unwritable("the outputs", &path, &error))
    });
    let results = [summary, outputs].into_iter().flatten();
    results.filter_map(Result::err).collect()
}

fn file(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).filter(|path| !path.is_empty());
    path.map(PathBuf::from)
}

fn add_summary(path: &Path, ended: &Ended<'_>) -> Result<(), String> {
    let used = fs::metadata(path).map_or(0, |file| file.len());
    let room = STEP_LIMIT.saturating_sub(used + REST).min(TEXT_LIMIT);
    if room == 0 {
        return Err("the summary of this step is full, so this run is not in it".to_owned());
    }
    let limit = usize::try_from(room).unwrap_or(usize::MAX);
    let text = summary(ended, limit);
    add(path, &text).map_err(|error| unwritable("the summary", path, &error))
}

fn add(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(text.as_bytes())
}

fn unwritable(what: &str, path: &Path, error: &io::Error) -> String {
    format!(
        "could not write {what} of this step to `{}`: {error}",
        path.display()
    )
}
