//! What is known of a zip, in a small file beside it: from which source it was built, by which
//! compiler. A record counts only for exactly the bytes it was written for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Beside `function-x86_64.zip` lies `function-x86_64.json`.
pub fn path(zip: &Path) -> PathBuf {
    zip.with_extension("json")
}

/// A zip's hash as Lambda tells it.
pub fn code_sha256(zip: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(zip))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub source: String,
    pub code_sha256: String,
    /// The compiler's file, and its state then.
    pub compiler: PathBuf,
    pub compiler_state: Option<State>,
}

/// By what a file is seen to have changed: its size and its time in nanoseconds.
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
    /// The record of this zip; none where there is none, where it is damaged or of another zip.
    pub fn read(zip: &Path, code_sha256: &str) -> Option<Record> {
        let record: Value = serde_json::from_slice(&fs::read(path(zip)).ok()?).ok()?;
        let text = |key: &str| record.get(key)?.as_str().map(str::to_owned);
        let number = |key: &str| record.get(key)?.as_u64();
        let state = number("compiler_size").zip(number("compiler_modified"));
        let record = Record {
            source: text("source")?,
            code_sha256: text("code_sha256")?,
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
            "compiler": self.compiler.to_string_lossy(),
            "compiler_size": self.compiler_state.map(|state| state.size),
            "compiler_modified": self.compiler_state.map(|state| state.modified),
        });
        replace(&path(zip), format!("{record:#}\n").as_bytes())
    }

    /// Whether the compiler was updated in place since. One that is gone has not changed: an
    /// artefact can be used where nothing can be built.
    pub fn compiler_changed(&self) -> bool {
        let now = State::of(&self.compiler);
        now.is_some() && now != self.compiler_state
    }
}

/// Writes a file so that a reader sees the old one or the new one, never a part.
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
