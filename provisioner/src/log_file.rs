//! The file of `--log-file` and `PROVISION_LOG`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::cli::Global;
use crate::error::Error;
use crate::hints::CommandLine;

/// Opened to append, for its owner alone, and begun with the command of this run: a file that cannot be
/// written is an error before anything is done.
pub fn log_file(global: &Global, command_line: &CommandLine) -> Result<Option<File>, Error> {
    let Some(path) = &global.log_file else {
        return Ok(None);
    };
    // As in a hint, which shows no secret.
    let command = command_line.complete_hint("`…`");
    let opened = open(path).and_then(|mut file| {
        let head = format!("provision {}: {command}\n", env!("CARGO_PKG_VERSION"));
        file.write_all(head.as_bytes()).map(|()| file)
    });
    let file = opened.map_err(|error| {
        Error::failed(format!("write the log file `{}`", path.display()))
            .because(error)
            .hint("choose a file that can be written: `… --log-file provision.log`")
    })?;
    Ok(Some(file))
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
