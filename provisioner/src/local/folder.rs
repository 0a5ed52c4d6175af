//! The directory of the local cloud, and the lock of the process that uses it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::Path;

use local_cloud::Saved;

use crate::error::Error;

/// The hint if the directory cannot be used.
pub(super) const OTHER_FOLDER: &str =
    "choose a directory that can be written: `… --local-dir ~/provision-local`";

/// Creates the directory if it does not exist.
pub(super) fn prepare(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| {
        Error::failed(format!("create the directory `{}`", folder.display()))
            .because(error)
            .hint(OTHER_FOLDER)
    })
}

/// Locks the directory, unless another process has locked it. The operating system releases the lock when
/// the process ends. The pid in the file is for error messages only.
pub(super) fn try_lock(path: &Path) -> Result<Option<File>, Error> {
    let failed = |error| {
        Error::failed(format!("lock `{}`", path.display()))
            .because(error)
            .hint(OTHER_FOLDER)
    };
    let mut file = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).map_err(failed)?;
            writeln!(file, "{}", std::process::id()).map_err(failed)?;
            Ok(Some(file))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// What a local cloud has saved in the directory. `None` if there is none.
pub fn saved(folder: &Path) -> Option<Saved> {
    Saved::read(&folder.join("state"))
}

/// The process named in the lock file.
pub(super) fn holder(lock: &Path) -> String {
    let text = fs::read_to_string(lock).unwrap_or_default();
    match text.trim().parse::<u32>() {
        Ok(pid) => format!("process {pid}"),
        Err(_) => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::holder;
    use std::fs;

    #[test]
    fn only_a_pid_in_the_lock_file_names_a_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert_eq!(holder(&path), "another process");
        for (text, named) in [
            (&b"12\n"[..], "process 12"),
            (b"", "another process"),
            (b"\x1b[31m1", "another process"),
            (b"\xff\xfe", "another process"),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(holder(&path), named);
        }
    }
}
