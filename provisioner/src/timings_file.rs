//! The file of `--timings`.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use crate::error::Error;

/// Fails if the file could not be written when the run has ended. Changes nothing: an earlier page stays until then.
pub fn check(path: &Path) -> Result<(), Error> {
    try_open(path).map_err(|error| {
        Error::failed(format!("write the timings to `{}`", path.display()))
            .because(error)
            .hint("choose a file that can be written: `… --timings timings.html`")
    })
}

fn try_open(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            OpenOptions::new().write(true).open(path).map(drop)
        }
        Err(error) => Err(error),
    }
}

/// Writes the page, over an earlier one. Returns what could not be done, as a warning: the run is over, and nothing of
/// it depends on this.
pub fn write(path: &Path, page: &str) -> Result<(), String> {
    fs::write(path, page).map_err(|error| {
        format!(
            "could not write the timings to `{}`: {error}",
            path.display()
        )
    })
}
