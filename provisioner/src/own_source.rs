//! The hash of this program's source. `build.rs` uses this file too, and records the hash in the program.

use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};

/// The source that a `provision` is made from, below the root of the workspace. Policies and settings are not part
/// of it: they are read from the workspace.
pub const FOLDERS: [&str; 4] = [
    "provisioner/src",
    "provisioner/local-cloud/src",
    "provisioner/lambda-environment/src",
    "function/contract/src",
];

/// The hash of the source in a workspace. Build and program use the same standard library, so its hasher is the same
/// one; a cryptographic hash would be one more dependency of the build.
pub fn hash(workspace: &Path) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    for folder in FOLDERS {
        let folder = workspace.join(folder);
        let mut files = Vec::new();
        collect(&folder, &mut files)?;
        // By their parts, which are in the same order on every system.
        files.sort();
        for file in files {
            let inside = file.strip_prefix(&folder).unwrap_or(&file);
            for part in inside {
                add(part.as_encoded_bytes(), &mut hasher);
            }
            add(&fs::read(&file)?, &mut hasher);
        }
    }
    Ok(hasher.finish())
}

fn add(part: &[u8], hasher: &mut DefaultHasher) {
    hasher.write_usize(part.len());
    hasher.write(part);
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
