//! The record of a zip, a small file beside it: the source and the compiler it was built from, and what it
//! was checked for. A record is valid only for the exact bytes it was written for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The record's path: `function-x86_64.json` for `function-x86_64.zip`.
pub fn path(zip: &Path) -> PathBuf {
    zip.with_extension("json")
}

/// A zip's hash as Lambda reports it: SHA-256 in base64.
pub fn code_sha256(zip: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(zip))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub source: String,
    pub code_sha256: String,
    /// The system that the zip was found to run on: [`BuildTarget::system`](super::BuildTarget::system).
    pub checked_for: String,
    /// The compiler's file, and its state at the build.
    pub compiler: PathBuf,
    pub compiler_state: Option<State>,
}

/// A file's size in bytes and modification time in nanoseconds since 1970. A change of either means
/// that the file has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    size: u64,
    modified: u64,
}

impl State {
    pub fn of(path: &Path) -> Option<State> {
        let meta = fs::metadata(path).ok()?;
        let modified = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let modified = modified
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos();
        Some(State {
            size: meta.len(),
            modified: u64::try_from(modified).unwrap_or(u64::MAX),
        })
    }
}

impl Record {
    /// The record of this zip; none if it does not exist, is damaged or belongs to other bytes.
    pub fn read(zip: &Path, code_sha256: &str) -> Option<Record> {
        let record: Value = serde_json::from_slice(&fs::read(path(zip)).ok()?).ok()?;
        let text = |key: &str| record.get(key)?.as_str().map(str::to_owned);
        let number = |key: &str| record.get(key)?.as_u64();
        let state = number("compiler_size").zip(number("compiler_modified"));
        let record = Record {
            source: text("source")?,
            code_sha256: text("code_sha256")?,
            checked_for: text("checked_for")?,
            compiler: PathBuf::from(text("compiler")?),
            compiler_state: state.map(|(size, modified)| State { size, modified }),
        };
        if record.code_sha256 == code_sha256 {
            Some(record)
        } else {
            None
        }
    }

    pub fn write(&self, zip: &Path) -> io::Result<()> {
        let record = json!({
            "source": self.source,
            "code_sha256": self.code_sha256,
            "checked_for": self.checked_for,
            "compiler": self.compiler.to_string_lossy(),
            "compiler_size": self.compiler_state.map(|state| state.size),
            "compiler_modified": self.compiler_state.map(|state| state.modified),
        });
        replace(&path(zip), format!("{record:#}\n").as_bytes())
    }

    /// Whether the compiler has been updated in place since. A compiler that no longer exists counts as
    /// unchanged: an artifact can be used on a machine that cannot build.
    pub fn compiler_changed(&self) -> bool {
        let now = State::of(&self.compiler);
        now.is_some() && now != self.compiler_state
    }
}

/// Replaces a file so that a reader sees the old content or the new one, never a part.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    fs::write(&temporary, content)
        .and_then(|()| fs::rename(&temporary, path))
        .inspect_err(|_| drop(fs::remove_file(&temporary)))
}
