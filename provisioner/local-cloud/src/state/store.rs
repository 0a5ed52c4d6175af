//! The state in memory and on disk, in step.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::error::{ApiError, ApiResult};
use crate::start::StartError;
use crate::state::{Alive, FORMAT, State, file};

#[derive(Debug)]
pub(crate) struct Store {
    alive: Alive,
    path: PathBuf,
    current: RwLock<Arc<State>>,
    /// One change at a time, from copy to rename.
    writer: tokio::sync::Mutex<()>,
}

impl Store {
    /// Opens the state file, or makes a new one with `fresh`. A damaged file is named, never
    /// replaced: starting empty would look like everything was gone.
    pub(crate) fn open(
        path: &Path,
        alive: Alive,
        fresh: impl FnOnce() -> State,
    ) -> Result<Store, StartError> {
        let state = match std::fs::read(path) {
            Ok(bytes) => read(path, &bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let state = fresh();
                let bytes =
                    serde_json::to_vec(&state).map_err(|e| StartError::io(path, e.into()))?;
                file::replace(path, &bytes).map_err(|e| StartError::io(path, e))?;
                state
            }
            Err(error) => return Err(StartError::io(path, error)),
        };
        Ok(Store {
            alive,
            path: path.to_owned(),
            current: RwLock::new(Arc::new(state)),
            writer: tokio::sync::Mutex::new(()),
        })
    }

    /// The state as it is now; later changes don't reach it.
    pub(crate) fn read(&self) -> Arc<State> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state. What `change` refuses, or the disk, leaves no trace.
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
            let bytes = serde_json::to_vec(&*to_save).map_err(|e| not_saved(&path, &e.into()))?;
            file::replace(&path, &bytes).map_err(|e| not_saved(&path, &e))
        };
        self.alive.run(save).await?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(result)
    }
}

fn not_saved(path: &Path, error: &std::io::Error) -> ApiError {
    let path = path.display();
    ApiError::internal(format!("nothing was changed: cannot save {path}: {error}"))
}

fn read(path: &Path, bytes: &[u8]) -> Result<State, StartError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let state: State = serde_json::from_slice(bytes)
        .map_err(|e| StartError::damaged(path, folder, &e.to_string()))?;
    if state.format != FORMAT {
        let format = state.format;
        return Err(StartError::damaged(
            path,
            folder,
            &format!("it has format {format}, this version reads format {FORMAT}"),
        ));
    }
    Ok(state)
}
