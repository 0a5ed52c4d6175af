//! dynoxide's databases: one for each region, opened at its first use.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::api::error::{ApiError, ApiResult};
use crate::start_error::StartError;
use crate::storage::shutdown_guard::ShutdownGuard;
use crate::storage::{dynoxide_errors, file};

const FILE: &str = "tables.sqlite";
/// Twice the stack that the deepest expression needs in a debug build. Only pages that are used take
/// memory.
const STACK: usize = 128 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Databases {
    guard: ShutdownGuard,
    folder: PathBuf,
    open: Arc<Mutex<HashMap<String, Opened>>>,
}

struct Opened(Database);

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened")
    }
}

impl Databases {
    pub(crate) fn new(folder: &Path, guard: ShutdownGuard) -> Databases {
        Databases {
            guard,
            folder: folder.to_owned(),
            open: Arc::default(),
        }
    }

    /// Checks the head of each file, so that a damaged one is reported at the start and not by a
    /// request.
    pub(crate) fn check(
        &self,
        regions: impl Iterator<Item = (String, bool)>,
    ) -> Result<(), StartError> {
        for (region, has_tables) in regions {
            let path = self.folder.join(&region).join(FILE);
            let why = match inspect(&path) {
                Ok(Head::Whole) => continue,
                // Created, and killed before SQLite wrote its first page: it was empty.
                Ok(Head::Short) if !has_tables => continue,
                Ok(Head::Short) => "it is cut short",
                Ok(Head::Foreign) => "it is no SQLite database",
                Err(error) if error.kind() == io::ErrorKind::NotFound && !has_tables => continue,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    "it is gone, with the items of its tables"
                }
                Err(error) => return Err(StartError::io(&path, error)),
            };
            return Err(StartError::damaged(&path, &self.folder, why));
        }
        Ok(())
    }

    /// Runs one dynoxide operation off the async threads. Request and response are JSON, as on the
    /// wire; errors are those of DynamoDB.
    pub(crate) async fn run<Q, A>(
        &self,
        region: &str,
        action: &str,
        members: Map<String, Value>,
        operation: fn(&Database, Q) -> Result<A, DynoxideError>,
    ) -> ApiResult<Value>
    where
        Q: DeserializeOwned + 'static,
        A: Serialize + 'static,
    {
        let (folder, region, open) = (
            self.folder.clone(),
            region.to_owned(),
            Arc::clone(&self.open),
        );
        let action = action.to_owned();
        let work = move || {
            let request: Q = dynoxide_errors::read(&action, members)?;
            let database = get(&folder, &region, &open)?;
            let answer = operation(&database, request).map_err(|e| {
                let error = dynoxide_errors::translate(&action, e);
                match error.status {
                    500.. => with_path(error, &folder.join(&region).join(FILE)),
                    _ => error,
                }
            })?;
            serde_json::to_value(answer).map_err(|e| ApiError::internal(e.to_string()))
        };
        self.guard.run(|| with_large_stack(work)).await
    }

    /// Closes every database, which merges its write-ahead log into it.
    pub(crate) fn close(&self) {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// What the head of a database file shows.
enum Head {
    Whole,
    Short,
    Foreign,
}

/// Compares the number of pages in the head with the file's size. SQLite itself notices a missing page
/// only when a request needs it.
fn inspect(path: &Path) -> io::Result<Head> {
    let mut file = File::open(path)?;
    let mut head = [0; 100];
    let read = file.read(&mut head)?;
    if read < head.len() {
        return Ok(Head::Short);
    }
    if !head.starts_with(b"SQLite format 3\0") {
        return Ok(Head::Foreign);
    }
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u32::from_be_bytes([head[28], head[29], head[30], head[31]]);
    // After a crash pages may still be in the write-ahead log, which SQLite checks itself.
    let log = path.with_extension("sqlite-wal");
    let has_log = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
    if !has_log && file.metadata()?.len() < page * u64::from(pages) {
        return Ok(Head::Short);
    }
    Ok(Head::Whole)
}

/// The error with the path of the database file.
fn with_path(error: ApiError, path: &Path) -> ApiError {
    let message = format!("cannot use {}: {}", path.display(), error.message);
    ApiError { message, ..error }
}

/// Runs dynoxide on a stack that is large enough for its recursion: an expression may consist of 4,096
/// parentheses, and a stack overflow ends the whole process.
fn with_large_stack<T: Send>(work: impl FnOnce() -> ApiResult<T> + Send) -> ApiResult<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map_err(|e| ApiError::internal(format!("cannot start a thread: {e}")))?;
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

fn get(folder: &Path, region: &str, open: &Mutex<HashMap<String, Opened>>) -> ApiResult<Database> {
    let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(Opened(database)) = open.get(region) {
        return Ok(database.clone());
    }
    let folder = folder.join(region);
    let path = folder.join(FILE);
    let failed = |why: String| ApiError::internal(format!("cannot open {}: {why}", path.display()));
    file::make_folder(&folder).map_err(|e| failed(e.to_string()))?;
    let text = path
        .to_str()
        .ok_or_else(|| failed("its path is no UTF-8".to_owned()))?;
    let database = Database::new(text).map_err(|e| failed(e.to_string()))?;
    file::sync_folder(&folder).map_err(|e| failed(e.to_string()))?;
    open.insert(region.to_owned(), Opened(database.clone()));
    Ok(database)
}
