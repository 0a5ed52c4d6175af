//! Zips on disk, named by their digest, and the addresses to download them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::call::Call;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::encode::{from_base64, hex, sha256};
use crate::error::{ApiError, ApiResult};
use crate::input::Input;
use crate::lambda::check::invalid;
use crate::lambda::model::Code;
use crate::lambda::zip_file;
use crate::state::{Alive, State, file};

/// An address for downloading is good for ten minutes, as at AWS.
const DOWNLOAD_MILLIS: Millis = 10 * 60 * 1000;

#[derive(Debug)]
pub(crate) struct Codes {
    alive: Alive,
    zips: PathBuf,
    unpacked: PathBuf,
    /// Several environments of one version start at once; one of them unpacks.
    unpacking: Arc<Mutex<()>>,
    /// Held from writing a zip until the state names it, so that no sweep takes it away between.
    pub(crate) in_use: tokio::sync::Mutex<()>,
}

impl Codes {
    pub(crate) fn new(folder: &Path, alive: Alive) -> Codes {
        Codes {
            alive,
            zips: folder.join("code"),
            unpacked: folder.join("unpacked"),
            unpacking: Arc::default(),
            in_use: tokio::sync::Mutex::default(),
        }
    }

    fn zip(&self, sha256: &str) -> PathBuf {
        self.zips.join(format!("{sha256}.zip"))
    }

    /// Checks a zip and, if it is to stay, writes it.
    pub(crate) async fn take(&self, bytes: Vec<u8>, keep: bool) -> ApiResult<Code> {
        let folder = self.zips.clone();
        let work = move || {
            zip_file::check(&bytes)?;
            let code = Code {
                sha256: hex(&sha256(&bytes)),
                bytes: bytes.len() as u64,
            };
            let path = folder.join(format!("{}.zip", code.sha256));
            if keep && !path.exists() {
                let saved = file::make_folder(&folder).and_then(|()| file::replace(&path, &bytes));
                saved.map_err(|e| {
                    ApiError::internal(format!("cannot save {}: {e}", path.display()))
                })?;
            }
            Ok(code)
        };
        self.alive.run(work).await
    }

    pub(crate) async fn read(&self, sha256: &str) -> ApiResult<Bytes> {
        let path = self.zip(sha256);
        let work = move || {
            let read = std::fs::read(&path).map(Bytes::from);
            read.map_err(|e| ApiError::internal(format!("cannot read {}: {e}", path.display())))
        };
        self.alive.run(work).await
    }

    /// The folder that holds a zip's files, unpacked when first asked for.
    pub(crate) async fn unpack(&self, sha256: &str) -> ApiResult<PathBuf> {
        let (zip, folder) = (self.zip(sha256), self.unpacked.join(sha256));
        let (digest, unpacking) = (sha256.to_owned(), Arc::clone(&self.unpacking));
        let work = move || {
            let _one_at_a_time = unpacking.lock().unwrap_or_else(PoisonError::into_inner);
            if folder.is_dir() {
                return Ok(folder);
            }
            let bytes = std::fs::read(&zip);
            let bytes = bytes
                .map_err(|e| ApiError::internal(format!("cannot read {}: {e}", zip.display())))?;
            if hex(&self::sha256(&bytes)) != digest {
                let text = format!("{} is damaged: its digest is not its name", zip.display());
                return Err(ApiError::internal(text));
            }
            zip_file::unpack(&bytes, &folder)?;
            Ok(folder)
        };
        self.alive.run(work).await
    }

    /// Deletes the zips that no function needs any more. What can't be deleted is left.
    pub(crate) async fn sweep(&self, state: &State) {
        let needed: Vec<String> = state
            .regions
            .values()
            .flat_map(|region| region.functions.values())
            .flat_map(|function| function.codes())
            .map(str::to_owned)
            .collect();
        let folders = [self.zips.clone(), self.unpacked.clone()];
        let work = move || {
            for folder in folders {
                let Ok(entries) = std::fs::read_dir(folder) else {
                    continue;
                };
                for path in entries.flatten().map(|entry| entry.path()) {
                    let name = path
                        .file_stem()
                        .and_then(|stem| stem.to_str())
                        .unwrap_or_default();
                    if !needed.iter().any(|sha256| sha256 == name) {
                        let _ = if path.is_dir() {
                            std::fs::remove_dir_all(&path)
                        } else {
                            std::fs::remove_file(&path)
                        };
                    }
                }
            }
            Ok(())
        };
        let _: ApiResult<()> = self.alive.run(work).await;
    }
}

/// The zip that a request brings.
pub(crate) fn zip_of(input: &Input) -> ApiResult<Vec<u8>> {
    for (member, what) in [("S3Bucket", "S3"), ("ImageUri", "container images")] {
        if input.has(member) {
            return Err(ApiError::missing(&format!(
                "code from {what} for Lambda functions"
            )));
        }
    }
    match input.text("ZipFile")? {
        None => Err(invalid("Please provide a source for function code.")),
        Some(text) => from_base64(text)
            .ok_or_else(|| ApiError::new(400, "SerializationException", "ZipFile is not base64")),
    }
}

/// `Code` of GetFunction: where the zip can be had without a signature, for a while.
pub(crate) fn location(cloud: &Cloud, call: &Call, state: &State, code: &Code) -> Value {
    let expires = call.now + DOWNLOAD_MILLIS;
    let (sha256, url) = (&code.sha256, cloud.endpoint_url());
    let seal = state.keys.seal_download(sha256, expires);
    json!({
        "RepositoryType": "S3",
        "Location": format!("{url}/_local/code/{sha256}?expires={expires}&seal={seal}"),
    })
}
