//! The fingerprint of the function's source: equal fingerprints mean equal source.
//!
//! The contents are hashed on every run: some twenty small files and the lock file take 0.3 ms. A
//! cache of their times and sizes would save nothing, and could be wrong.
//!
//! The compiler is part of it as far as the source names it (`rust-toolchain.toml` pins a version),
//! not as far as it is found on the machine: the same source built by another compiler has the same
//! fingerprint, and `plan` can say so. `record` notices a compiler that is updated in place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::build_target::BuildTarget;
use super::error::{ArtifactError, Problem};
use super::flags;

/// The folder of the function crate in the workspace.
pub const FUNCTION: &str = "function";

/// The root manifest.
const MANIFEST: &str = "Cargo.toml";

/// Files outside the crate that decide what cargo builds. Some may not exist.
const ROOT_FILES: &[&str] = &[
    MANIFEST,
    "Cargo.lock",
    "rust-toolchain.toml",
    "rust-toolchain",
    ".cargo/config.toml",
    ".cargo/config",
];

/// Folders of the crate that are never part of the program.
const ASIDE: &[&str] = &["bench", "benches", "examples", "fuzz", "target", "tests"];

/// The fingerprint, in hexadecimal, of what would be built for that target.
pub fn fingerprint(workspace: &Path, target: &BuildTarget) -> Result<String, ArtifactError> {
    let mut paths: Vec<PathBuf> = ROOT_FILES
        .iter()
        .map(|name| workspace.join(name))
        .filter(|path| path.is_file())
        .collect();
    let function = workspace.join(FUNCTION);
    sources(&function, &|name| ASIDE.contains(&name), &mut paths)?;
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let name = relative(&path, workspace);
        let content = fs::read(&path).map_err(|error| unreadable(&path, error))?;
        let content = match name.as_str() {
            MANIFEST => without_settings(content),
            _ => content,
        };
        files.push((name, Sha256::digest(content)));
    }
    // By name, not by path: the order of `/` among other characters must not depend on the system.
    files.sort();

    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        // The length keeps each part apart from the next.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    add(target.triple.as_bytes());
    add(target.profile.as_bytes());
    add(flags::recipe(target).as_bytes());
    for (name, content) in files {
        add(name.as_bytes());
        add(&content);
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// The manifest without the settings of `provision`, which cargo does not read: their change must not need a
/// compiler. Written again in any case, so that comments and order do not count either.
fn without_settings(manifest: Vec<u8>) -> Vec<u8> {
    let parsed = std::str::from_utf8(&manifest).ok();
    let Some(mut table) = parsed.and_then(|text| text.parse::<Table>().ok()) else {
        return manifest;
    };
    let workspace = table.get_mut("workspace").and_then(Value::as_table_mut);
    if let Some(workspace) = workspace {
        let metadata = workspace.get_mut("metadata");
        if let Some(metadata) = metadata.and_then(Value::as_table_mut) {
            metadata.remove("provision");
            if metadata.is_empty() {
                workspace.remove("metadata");
            }
        }
    }
    table.to_string().into_bytes()
}

/// Collects the files below a folder, except in the folders of its first level that `aside` names.
fn sources(
    folder: &Path,
    aside: &dyn Fn(&str) -> bool,
    files: &mut Vec<PathBuf>,
) -> Result<(), ArtifactError> {
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let entry = entry.map_err(|error| unreadable(folder, error))?;
        let (name, path) = (entry.file_name(), entry.path());
        let name = name.to_string_lossy();
        let kind = entry
            .file_type()
            .map_err(|error| unreadable(&path, error))?;
        // Editors create dot-files and `~` copies; cargo reads neither.
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        if kind.is_dir() {
            if !aside(&name) {
                sources(&path, &|_| false, files)?;
            }
        } else if !name.ends_with(".md") && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

/// The path in the workspace, written with `/` on every system.
fn relative(path: &Path, workspace: &Path) -> String {
    let inside = path.strip_prefix(workspace).unwrap_or(path);
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn unreadable(path: &Path, error: io::Error) -> ArtifactError {
    ArtifactError::new(format!("read `{}`", path.display()), Problem::Io(error))
}
