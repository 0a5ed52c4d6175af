//! The two files of the report.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use crate::certify::report::Report;
use crate::error::Error;
use crate::report::output;

/// The Markdown stands beside the JSON.
pub fn markdown(report: &Path) -> PathBuf {
    report.with_extension("md")
}

fn json(report: &Path) -> PathBuf {
    report.with_extension("json")
}

/// Fails before anything is done if the report could not be written after it.
pub fn check(report: &Path) -> Result<(), Error> {
    for path in [json(report), markdown(report)] {
        let is_new = !path.exists();
        let opened = OpenOptions::new().append(true).create(true).open(&path);
        opened.map_err(|error| unwritable(&path, error))?;
        if is_new {
            // An empty report would look like one.
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

pub fn write(path: &Path, report: &Report) -> Result<(), Error> {
    let texts = [
        (json(path), output::json(&report.json())),
        (markdown(path), report.markdown()),
    ];
    for (path, text) in texts {
        fs::write(&path, text).map_err(|error| unwritable(&path, error))?;
    }
    Ok(())
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::failed(format!("write the report `{}`", path.display()))
        .because(error)
        .hint("write it to another path: `… --report certify-report.json`")
}
