//! Checks a zip before it is uploaded. Lambda accepts a zip that cannot run and reports that only when
//! the function is invoked, if at all; here it is reported before anything is sent.
//!
//! The zip may come from anywhere: what it declares is checked by reading it, no more is unpacked
//! than Lambda would accept, and nothing is written to disk.

use std::collections::HashSet;
use std::io::{self, Cursor, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::read::ZipFile;

use super::build_target::BuildTarget;
use super::error::{ArtifactError, Problem};
use super::pack::BOOTSTRAP;
use super::zip_fault::ZipFault;
use super::{executable, zip_bounds};

const MIB: u64 = 1024 * 1024;
/// Lambda's limit for an upload without S3.
pub const ZIPPED_MAX: u64 = 50 * MIB;
/// Lambda's limit for the code unpacked.
pub const UNPACKED_MAX: u64 = 250 * MIB;
/// How many of its names are shown for a zip without `bootstrap`.
const SHOWN_MAX: usize = 5;

/// The hint if the zip that was given is missing or unfit.
pub const BUILD_IT: &str = "build the function instead: `… without --artifact`";

/// The bits of a Unix mode that hold the kind of file.
const KIND: u32 = 0o170_000;
const LINK: u32 = 0o120_000;

/// Checks that the zip at `path`, whose bytes are given, runs on that target.
pub fn preflight(path: &Path, zip: &[u8], target: &BuildTarget) -> Result<(), ArtifactError> {
    check(zip, target).map_err(|fault| {
        let doing = format!("check `{}` before uploading it", path.display());
        ArtifactError::new(doing, Problem::Unfit(fault)).hinting(BUILD_IT)
    })
}

pub(super) fn check(zip: &[u8], target: &BuildTarget) -> Result<(), ZipFault> {
    let size = zip.len() as u64;
    if size > ZIPPED_MAX {
        return Err(ZipFault::ZipTooLarge {
            size,
            limit: ZIPPED_MAX,
        });
    }
    zip_bounds::check(zip)?;
    let mut archive =
        ZipArchive::new(Cursor::new(zip)).map_err(|error| ZipFault::NotAZip(error.to_string()))?;
    if archive.has_duplicate_names() {
        return Err(ZipFault::SameName);
    }
    let mut unpacked = 0;
    let mut program = None;
    let mut names = Vec::new();
    let mut tree = Tree::default();
    for index in 0..archive.len() {
        let mut entry = archive
            .by_index(index)
            .map_err(|error| damaged(&format!("number {}", index + 1), &error.to_string()))?;
        let given = name_of(&entry)?;
        let name = unpacked_name(&given);
        let mode = entry.unix_mode().unwrap_or_default();
        let is_link = mode & KIND == LINK;
        // Other entries are unpacked only to check that they can be.
        let is_wanted = is_link || name == BOOTSTRAP;
        let (content, size) = read(&mut entry, &name, UNPACKED_MAX - unpacked, is_wanted)?;
        unpacked += size;
        if leads_outside(&given) || is_link && leads_outside(&String::from_utf8_lossy(&content)) {
            return Err(ZipFault::OutsidePath { name: given });
        }
        if !tree.takes(&name) {
            return Err(ZipFault::SameName);
        }
        match name.strip_prefix(BOOTSTRAP) {
            Some("/") => return Err(ZipFault::BootstrapNotAFile { is: "folder" }),
            Some("") if is_link => {
                return Err(ZipFault::BootstrapNotAFile {
                    is: "symbolic link",
                });
            }
            Some("") => program = Some((content, mode & 0o7777)),
            _ => names.push(given),
        }
    }
    let Some((content, mode)) = program else {
        return Err(no_bootstrap(names));
    };
    executable::check(&content, target)?;
    // Lambda runs it as another user than its owner: the last three bits must allow read and execute.
    if mode & 0o005 != 0o005 {
        return Err(ZipFault::NotExecutable { mode });
    }
    Ok(())
}

fn name_of(entry: &ZipFile<'_, Cursor<&[u8]>>) -> Result<String, ZipFault> {
    let name = entry
        .name()
        .map_err(|error| damaged("?", &error.to_string()))?;
    Ok(name.into_owned())
}

/// The entry's content, if wanted, and its real size, whatever it declares. Reading it also checks
/// its checksum.
fn read(
    entry: &mut ZipFile<'_, Cursor<&[u8]>>,
    name: &str,
    left: u64,
    is_wanted: bool,
) -> Result<(Vec<u8>, u64), ZipFault> {
    // As large as it says it is, unless it says more than is accepted.
    let declared = if is_wanted { entry.size().min(left) } else { 0 };
    let mut content = Vec::with_capacity(usize::try_from(declared).unwrap_or_default());
    // One byte more than the limit shows that it is exceeded.
    let mut bounded = entry.take(left + 1);
    let size = if is_wanted {
        bounded.read_to_end(&mut content).map(|size| size as u64)
    } else {
        io::copy(&mut bounded, &mut io::sink())
    };
    let size = size.map_err(|error| damaged(name, &error.to_string()))?;
    if size > left {
        return Err(ZipFault::ContentTooLarge {
            limit: UNPACKED_MAX,
        });
    }
    Ok((content, size))
}

/// The name under which an entry is unpacked: without `.` and empty parts, and with a slash behind a
/// folder.
fn unpacked_name(given: &str) -> String {
    let parts: Vec<&str> = given
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    let slash = if given.ends_with('/') { "/" } else { "" };
    parts.join("/") + slash
}

/// The names so far: no name can be two files, or a file and a folder.
#[derive(Default)]
struct Tree {
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl Tree {
    fn takes(&mut self, name: &str) -> bool {
        let path = name.trim_end_matches('/');
        let above: Vec<&str> = path.match_indices('/').map(|(at, _)| &path[..at]).collect();
        if above.iter().any(|folder| self.files.contains(*folder)) {
            return false;
        }
        self.folders.extend(above.into_iter().map(str::to_owned));
        if name.ends_with('/') {
            self.folders.insert(path.to_owned());
            return !self.files.contains(path);
        }
        !self.folders.contains(path) && self.files.insert(path.to_owned())
    }
}

/// Whether a name or link could point outside of the folder it is unpacked to, on any system.
fn leads_outside(name: &str) -> bool {
    name.starts_with('/')
        || name.contains(['\\', '\0'])
        || name.get(1..2) == Some(":")
        || name.split('/').any(|part| part == "..")
}

fn no_bootstrap(mut names: Vec<String>) -> ZipFault {
    if let Some(at) = names.iter().find(|name| name.ends_with("/bootstrap")) {
        return ZipFault::BootstrapInFolder { at: at.clone() };
    }
    names.truncate(SHOWN_MAX);
    ZipFault::NoBootstrap { found: names }
}

fn damaged(name: &str, why: &str) -> ZipFault {
    ZipFault::DamagedEntry {
        name: name.to_owned(),
        why: why.to_owned(),
    }
}
