//! The lock on the state folder.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::start_error::StartError;

/// Locks a state folder for this process until it is dropped, or until the process ends.
#[derive(Debug)]
pub(crate) struct FolderLock(File);

impl FolderLock {
    pub(crate) fn acquire(folder: &Path) -> Result<FolderLock, StartError> {
        let path = folder.join("cloud.lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.map_err(|e| StartError::io(&path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(FolderLock(file)),
            Err(TryLockError::WouldBlock) => Err(StartError::StateInUse {
                path: folder.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(StartError::io(&path, error)),
        }
    }
}

impl Drop for FolderLock {
    /// Closing the file is not enough: a child process that is between fork and exec still has it open,
    /// and would keep the lock for a moment.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}
