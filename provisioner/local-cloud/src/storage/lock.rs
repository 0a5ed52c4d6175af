//! The lock on the state folder.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::start_error::StartError;

/// Locks the folder for this process. The operating system releases the lock when the process ends,
/// however it ends.
pub(crate) fn lock(folder: &Path) -> Result<File, StartError> {
    let path = folder.join("cloud.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = file.map_err(|e| StartError::io(&path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::StateInUse {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(StartError::io(&path, error)),
    }
}
