//! The zips of functions, named by their digest, and the folders that they are unpacked into.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::api::error::{ApiError, ApiResult};
use crate::encode::{hex, sha256};
use crate::storage::shutdown_guard::ShutdownGuard;
use crate::storage::{file, zip_file};

#[derive(Debug)]
pub(crate) struct CodeFiles {
    guard: ShutdownGuard,
    zips: PathBuf,
    unpacked: PathBuf,
    /// Several environments of one version may start at once; only one of them unpacks the zip.
    unpacking: Arc<Mutex<()>>,
    /// Held from the write of a zip until the state refers to it, so that [`sweep`](Self::sweep)
    /// does not delete it in between.
    pub(crate) in_use: tokio::sync::Mutex<()>,
}

/// A zip that was accepted.
#[derive(Debug)]
pub(crate) struct StoredZip {
    /// In hex; names the file.
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

impl CodeFiles {
    pub(crate) fn new(folder: &Path, guard: ShutdownGuard) -> CodeFiles {
        CodeFiles {
            guard,
            zips: folder.join("code"),
            unpacked: folder.join("unpacked"),
            unpacking: Arc::default(),
            in_use: tokio::sync::Mutex::default(),
        }
    }

    fn zip(&self, sha256: &str) -> PathBuf {
        self.zips.join(format!("{sha256}.zip"))
    }

    /// Checks a zip and, if `keep`, writes it.
    pub(crate) async fn store(&self, bytes: Vec<u8>, keep: bool) -> ApiResult<StoredZip> {
        let folder = self.zips.clone();
        let work = move || {
            zip_file::check(&bytes)?;
            let zip = StoredZip {
                sha256: hex(&sha256(&bytes)),
                bytes: bytes.len() as u64,
            };
            let path = folder.join(format!("{}.zip", zip.sha256));
            if keep && !path.exists() {
                let saved = file::make_folder(&folder).and_then(|()| file::replace(&path, &bytes));
                saved.map_err(|e| {
                    ApiError::internal(format!("cannot save {}: {e}", path.display()))
                })?;
            }
            Ok(zip)
        };
        self.guard.run(work).await
    }

    pub(crate) async fn read(&self, sha256: &str) -> ApiResult<Bytes> {
        let path = self.zip(sha256);
        let work = move || Ok(Bytes::from(read(&path)?));
        self.guard.run(work).await
    }

    /// The folder with a zip's files, which are unpacked at the first call.
    pub(crate) async fn unpack(&self, sha256: &str) -> ApiResult<PathBuf> {
        let (zip, folder) = (self.zip(sha256), self.unpacked.join(sha256));
        let (digest, unpacking) = (sha256.to_owned(), Arc::clone(&self.unpacking));
        let work = move || {
            let _one_at_a_time = unpacking.lock().unwrap_or_else(PoisonError::into_inner);
            if folder.is_dir() {
                return Ok(folder);
            }
            let bytes = read(&zip)?;
            if hex(&self::sha256(&bytes)) != digest {
                let text = format!("{} is damaged: its digest is not its name", zip.display());
                return Err(ApiError::internal(text));
            }
            zip_file::unpack(&bytes, &folder)?;
            Ok(folder)
        };
        self.guard.run(work).await
    }

    /// Deletes the zips and folders that are not `needed`. Whatever cannot be deleted stays.
    pub(crate) async fn sweep(&self, needed: HashSet<String>) {
        let folders = [self.zips.clone(), self.unpacked.clone()];
        let work = move || {
            for folder in folders {
                sweep_folder(&folder, &needed);
            }
            Ok(())
        };
        let _: ApiResult<()> = self.guard.run(work).await;
    }
}

fn read(zip: &Path) -> ApiResult<Vec<u8>> {
    std::fs::read(zip)
        .map_err(|e| ApiError::internal(format!("cannot read {}: {e}", zip.display())))
}

fn sweep_folder(folder: &Path, needed: &HashSet<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_stem().and_then(|stem| stem.to_str());
        if needed.contains(name.unwrap_or_default()) {
            continue;
        }
        let _ = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
    }
}
