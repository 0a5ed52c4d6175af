//! The state in memory and on disk.
//!
//! A change is made on a copy, saved, and only then visible: what was acknowledged is on disk, and a
//! save that fails changes nothing.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::api::error::{ApiError, ApiResult};
use crate::encode::{hex, sha256};
use crate::start_error::StartError;
use crate::state::document::{FORMAT, State};
use crate::storage::file;
use crate::storage::shutdown_guard::ShutdownGuard;

#[derive(Debug)]
pub(crate) struct Store {
    guard: ShutdownGuard,
    path: PathBuf,
    current: RwLock<Arc<State>>,
    /// One change at a time, from the copy to the rename of the file.
    writer: tokio::sync::Mutex<()>,
}

impl Store {
    /// Opens the state file, or creates one from `fresh`. A damaged file is an error and never replaced:
    /// with an empty state all resources would seem deleted.
    pub(crate) fn open(
        path: &Path,
        guard: ShutdownGuard,
        fresh: impl FnOnce() -> State,
    ) -> Result<Store, StartError> {
        let state = match std::fs::read(path) {
            Ok(bytes) => read(path, &bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let state = fresh();
                let bytes = write(&state).map_err(|e| StartError::io(path, e))?;
                file::replace(path, &bytes).map_err(|e| StartError::io(path, e))?;
                state
            }
            Err(error) => return Err(StartError::io(path, error)),
        };
        Ok(Store {
            guard,
            path: path.to_owned(),
            current: RwLock::new(Arc::new(state)),
            writer: tokio::sync::Mutex::new(()),
        })
    }

    /// A snapshot of the state.
    pub(crate) fn read(&self) -> Arc<State> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state. An error of `change` or of the disk leaves the state as it was.
    pub(crate) async fn change<R>(
        &self,
        change: impl FnOnce(&mut State) -> ApiResult<R>,
    ) -> ApiResult<R> {
        let _one_at_a_time = self.writer.lock().await;
        let old = self.read();
        let mut new = State::clone(&old);
        let result = change(&mut new)?;
        if new == *old {
            return Ok(result);
        }
        let new = Arc::new(new);
        let (path, to_save) = (self.path.clone(), Arc::clone(&new));
        let save = move || {
            let bytes = write(&to_save).map_err(|e| not_saved(&path, &e))?;
            file::replace(&path, &bytes).map_err(|e| not_saved(&path, &e))
        };
        self.guard.run(save).await?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(result)
    }
}

fn not_saved(path: &Path, error: &io::Error) -> ApiError {
    let path = path.display();
    ApiError::internal(format!("nothing was changed: cannot save {path}: {error}"))
}

/// The document's first member is the digest of the rest, without which a flipped bit in a name or a key
/// would go unnoticed.
const DIGEST: &[u8] = br#"{"sha256":""#;

fn write(state: &State) -> io::Result<Vec<u8>> {
    let document = serde_json::to_vec(state)?;
    let digest = hex(&sha256(&document));
    Ok([DIGEST, digest.as_bytes(), b"\",", &document[1..]].concat())
}

/// Reads the state file without opening it for changes.
pub(crate) fn load(path: &Path) -> Result<State, StartError> {
    let bytes = std::fs::read(path).map_err(|error| StartError::io(path, error))?;
    read(path, &bytes)
}

fn read(path: &Path, bytes: &[u8]) -> Result<State, StartError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let damaged = |why: &str| StartError::damaged(path, folder, why);
    let state: State = serde_json::from_slice(bytes).map_err(|e| damaged(&e.to_string()))?;
    if state.format != FORMAT {
        let format = state.format;
        return Err(damaged(&format!(
            "it has format {format}, this version reads format {FORMAT}"
        )));
    }
    if !is_whole(bytes) {
        return Err(damaged("its digest is not that of its content"));
    }
    Ok(state)
}

/// Whether the digest is right. A document without a digest was written by hand or by an old version.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(DIGEST) else {
        return true;
    };
    let Some((digest, rest)) = rest.split_at_checked(64) else {
        return false;
    };
    let Some(members) = rest.strip_prefix(b"\",") else {
        return false;
    };
    hex(&sha256(&[b"{", members].concat())).as_bytes() == digest
}
