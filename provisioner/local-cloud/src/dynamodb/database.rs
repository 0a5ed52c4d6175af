//! dynoxide, one database a region, opened when it is first needed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{ApiError, ApiResult};
use crate::start::StartError;
use crate::state::{Alive, file};

const FILE: &str = "tables.sqlite";

#[derive(Debug)]
pub(crate) struct Databases {
    alive: Alive,
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
    pub(crate) fn new(folder: &Path, alive: Alive) -> Databases {
        Databases {
            alive,
            folder: folder.to_owned(),
            open: Arc::default(),
        }
    }

    /// A look at the head of each file, so that a damaged one stops the cloud and not a request.
    pub(crate) fn check(
        &self,
        regions: impl Iterator<Item = (String, bool)>,
    ) -> Result<(), StartError> {
        use std::io::Read as _;
        for (region, has_tables) in regions {
            let path = self.folder.join(&region).join(FILE);
            let mut head = [0; 16];
            match std::fs::File::open(&path).and_then(|mut file| file.read_exact(&mut head)) {
                Ok(()) if &head == b"SQLite format 3\0" => {}
                Ok(()) => {
                    return Err(StartError::damaged(
                        &path,
                        &self.folder,
                        "it is no SQLite database",
                    ));
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && !has_tables => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Err(StartError::damaged(
                        &path,
                        &self.folder,
                        "it is gone, with the items of its tables",
                    ));
                }
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    // Made, and killed before SQLite wrote its first page: nothing was in it.
                    if has_tables {
                        return Err(StartError::damaged(&path, &self.folder, "it is cut short"));
                    }
                }
                Err(error) => return Err(StartError::io(&path, error)),
            }
        }
        Ok(())
    }

    /// Runs one dynoxide operation off the async threads. Members go in and come out as JSON, as
    /// over the wire; errors come out in AWS's words.
    pub(crate) async fn run<Q, A>(
        &self,
        region: &str,
        action: &'static str,
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
        let work = move || {
            let request: Q = read(action, members)?;
            let database = get(&folder, &region, &open)?;
            let answer = operation(&database, request).map_err(|e| in_aws_words(action, e))?;
            serde_json::to_value(answer).map_err(|e| ApiError::internal(e.to_string()))
        };
        self.alive.run(work).await
    }

    /// Closes every database, which folds its log into it.
    pub(crate) fn close(&self) {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
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

/// dynoxide reads requests with marks in its error texts that tell the kind of error.
fn read<Q: DeserializeOwned>(action: &str, members: Map<String, Value>) -> ApiResult<Q> {
    let text = Value::Object(members).to_string();
    let error = match serde_json::from_str(&text) {
        Ok(request) => return Ok(request),
        Err(error) => error.to_string(),
    };
    let bare = error.split(" at line ").next().unwrap_or(&error).to_owned();
    for (mark, code, enveloped) in [
        ("VALIDATION_REQUEST:", "ValidationException", true),
        ("VALIDATION_AS_READ:", "ValidationException", false),
        ("VALIDATION:", "ValidationException", false),
        ("SERIALIZATION_AS_READ:", "SerializationException", false),
        ("SERIALIZATION:", "SerializationException", false),
    ] {
        if let Some(text) = bare.strip_prefix(mark) {
            return Err(ApiError::new(400, code, envelope(action, text, enveloped)));
        }
    }
    let is_validation = [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "AttributeValue",
    ]
    .iter()
    .any(|part| bare.contains(part));
    let code = if is_validation {
        "ValidationException"
    } else {
        "SerializationException"
    };
    let text = if bare.contains("empty AttributeValue") {
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
    } else {
        &bare
    };
    Err(ApiError::new(400, code, text))
}

fn envelope(action: &str, text: &str, enveloped: bool) -> String {
    if enveloped && matches!(action, "PutItem" | "UpdateItem" | "DeleteItem") {
        format!("1 validation error detected: {text}")
    } else {
        text.to_owned()
    }
}

fn in_aws_words(action: &str, error: DynoxideError) -> ApiError {
    let code = error.error_type().rsplit('#').next().unwrap_or_default();
    let text = error.to_string();
    let text = text.strip_prefix("VALIDATION:").unwrap_or(&text);
    match error {
        DynoxideError::EnvelopedValidation(ref text) => {
            ApiError::new(400, "ValidationException", envelope(action, text, true))
        }
        DynoxideError::ConditionalCheckFailedException(_, ref item) => {
            let refusal = ApiError::new(400, code, text);
            match item.as_ref().map(serde_json::to_value) {
                Some(Ok(item)) => refusal.with("Item", item),
                _ => refusal,
            }
        }
        DynoxideError::TransactionCanceledException(_, ref reasons) => {
            let refusal = ApiError::new(400, code, text);
            match serde_json::to_value(reasons) {
                Ok(reasons) => refusal.with("CancellationReasons", reasons),
                Err(_) => refusal,
            }
        }
        DynoxideError::UnsupportedCapability(ref what) => ApiError::missing(what),
        ref other => ApiError::new(other.status_code(), code, text),
    }
}
