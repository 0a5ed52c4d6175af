//! What the function's source is known by: equal fingerprints, equal source.
//!
//! The contents themselves are hashed on every run: some twenty small files and the lock file take
//! 0.3 ms. A cache of their times and sizes would save nothing, and could be wrong.
//!
//! The compiler is in it as far as the source names it (`rust-toolchain.toml` pins it to a
//! version). What is found on the machine is not: the same source built by another compiler has the
//! same fingerprint, and `plan` can say so. `record` sees to a compiler that changes in place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::build_target::BuildTarget;
use super::error::{ArtifactError, Problem};
use super::flags;

/// The folder of the function crate in the workspace.
pub const FUNCTION: &str = "function";

/// Files beside the crate that decide what comes out of cargo. Not all must be there.
const ROOT_FILES: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "rust-toolchain",
    ".cargo/config.toml",
    ".cargo/config",
];

/// Folders of the crate that never get into the program.
const ASIDE: &[&str] = &["bench", "benches", "examples", "fuzz", "target", "tests"];

/// The fingerprint in hexadecimal, of what would be built for that place.
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
        files.push((name, Sha256::digest(content)));
    }
    // By name, not by path: the order of `/` among other characters must not depend on the system.
    files.sort();

    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        // With its length before it, no part can run into the next.
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

/// Collects the files below a folder; `aside` names folders of this level that do not count.
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
        // Editors leave dot-files and `~` copies; cargo reads neither.
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
