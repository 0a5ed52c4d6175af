//! Function zips, which are not trusted: a zip bomb, a path that leaves its folder and a truncated file
//! are errors.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Cursor, Read, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;

use crate::api::error::{ApiError, ApiResult};
use crate::storage::file;

/// The size limit of a zip, in bytes.
pub(crate) const ZIPPED_LIMIT: u64 = 52_428_800;
/// The size limit of all files together, in bytes.
const UNZIPPED_LIMIT: u64 = 262_144_000;
const FILES_LIMIT: usize = 65_535;
/// A quarter of the longest path, since the path of the state folder comes before it.
const PATH_LIMIT: usize = 1_024;
/// The longest name in common file systems.
const NAME_LIMIT: usize = 255;

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidParameterValueException", text)
}

fn cannot_unzip() -> ApiError {
    invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
}

/// Checks a zip. Reads every byte of every file.
pub(crate) fn check(bytes: &[u8]) -> ApiResult<()> {
    if bytes.is_empty() {
        return Err(invalid("Uploaded file must be a non-empty zip"));
    }
    if bytes.len() as u64 > ZIPPED_LIMIT {
        let text = format!("Zipped size must be smaller than {ZIPPED_LIMIT} bytes");
        return Err(ApiError::new(413, "RequestEntityTooLargeException", text));
    }
    each_file(bytes, |_, _, file| {
        io::copy(file, &mut io::sink()).map(|_| ())
    })
}

/// Unpacks a zip into a folder, which appears only when it is complete.
pub(crate) fn unpack(bytes: &[u8], folder: &Path) -> ApiResult<()> {
    let beside = folder.with_extension("tmp");
    let failed =
        |e: io::Error| ApiError::internal(format!("cannot unpack into {}: {e}", folder.display()));
    match fs::remove_dir_all(&beside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    file::make_folder(&beside).map_err(failed)?;
    each_file(bytes, |path, mode, file| {
        let path = beside.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        io::copy(file, &mut out)?;
        out.flush()?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))
    })?;
    fs::rename(&beside, folder).map_err(failed)
}

/// Calls `take` for each file with its path, mode and content. The content ends at the size limit.
fn each_file(
    bytes: &[u8],
    mut take: impl FnMut(&Path, u32, &mut dyn Read) -> io::Result<()>,
) -> ApiResult<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| cannot_unzip())?;
    // Of two entries with one name the reader shows only the last.
    if archive.len() > FILES_LIMIT || archive.has_duplicate_names() {
        return Err(cannot_unzip());
    }
    let mut tree = Tree::default();
    let mut left = UNZIPPED_LIMIT;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(|_| cannot_unzip())?;
        let name = file.name().map_err(|_| cannot_unzip())?.into_owned();
        // Some programs store an entry for the folder that they packed.
        if name == "./" {
            continue;
        }
        let path = inside(&name).ok_or_else(cannot_unzip)?;
        if file.is_symlink() {
            return Err(cannot_unzip());
        }
        if file.is_dir() {
            if !tree.takes_folder(&path) {
                return Err(cannot_unzip());
            }
            continue;
        }
        if !tree.takes(&path) {
            return Err(cannot_unzip());
        }
        // Without a Unix mode a file is not executable, which Lambda reports at an invocation.
        let mode = file.unix_mode().unwrap_or(0o644) & 0o777;
        let mut limited = Limited {
            inner: file,
            left,
            over: false,
        };
        let result = take(&path, mode, &mut limited);
        if limited.over {
            let text = format!("Unzipped size must be smaller than {UNZIPPED_LIMIT} bytes");
            return Err(invalid(text));
        }
        left = limited.left;
        result.map_err(|_| cannot_unzip())?;
    }
    Ok(())
}

/// The files so far and their folders: no name can be both.
#[derive(Default)]
struct Tree {
    files: HashSet<PathBuf>,
    folders: HashSet<PathBuf>,
}

impl Tree {
    fn takes(&mut self, file: &Path) -> bool {
        let folders = || file.ancestors().skip(1);
        if self.folders.contains(file) || folders().any(|folder| self.files.contains(folder)) {
            return false;
        }
        self.folders.extend(folders().map(Path::to_owned));
        self.files.insert(file.to_owned())
    }

    fn takes_folder(&mut self, folder: &Path) -> bool {
        if folder.ancestors().any(|folder| self.files.contains(folder)) {
            return false;
        }
        self.folders.extend(folder.ancestors().map(Path::to_owned));
        true
    }
}

/// The path, if it stays inside the folder and a file can have it.
fn inside(name: &str) -> Option<PathBuf> {
    // A name with a drive is refused too: `provision` checks zips for every system.
    let has_drive = name.get(1..2) == Some(":");
    if name.is_empty() || has_drive || name.contains(['\0', '\\']) || name.len() > PATH_LIMIT {
        return None;
    }
    if name.split('/').any(|part| part.len() > NAME_LIMIT) {
        return None;
    }
    let mut path = PathBuf::new();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!path.as_os_str().is_empty()).then_some(path)
}

/// Reads up to a limit, whatever sizes the zip claims.
struct Limited<R> {
    inner: R,
    left: u64,
    over: bool,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => {
                self.left = left;
                Ok(count)
            }
            None => {
                self.over = true;
                Err(io::Error::other("too large"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{check, inside, unpack};
    use proptest::prelude::{any, proptest};
    use std::fs;
    use std::io::{Cursor, Write as _};
    use std::os::unix::fs::PermissionsExt as _;
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    fn zip_of(files: &[(&str, &[u8], u32)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content, mode) in files {
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Deflated)
                .system(zip::System::Unix)
                .unix_permissions(*mode);
            zip.start_file(*name, options).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn refusal(bytes: &[u8]) -> String {
        check(bytes).err().map(|e| e.message).unwrap_or_default()
    }

    #[test]
    fn a_zip_is_unpacked_with_its_modes() {
        let zip = zip_of(&[
            ("bootstrap", b"#!/bin/sh", 0o4755),
            ("data/x.json", b"{}", 0o644),
        ]);
        assert_eq!(refusal(&zip), "");
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("code");
        unpack(&zip, &target).unwrap();
        let mode = |name: &str| {
            fs::metadata(target.join(name))
                .unwrap()
                .permissions()
                .mode()
        };
        assert_eq!(mode("bootstrap") & 0o7777, 0o755);
        assert_eq!(mode("data/x.json") & 0o7777, 0o644);
        assert_eq!(fs::read(target.join("bootstrap")).unwrap(), b"#!/bin/sh");
    }

    #[test]
    fn paths_that_leave_the_folder_are_refused() {
        for name in ["../x", "/etc/x", "a/../../x", "a\\x", "", "..", "."] {
            assert_eq!(inside(name), None, "{name}");
        }
        assert!(inside("./a/./b").is_some());
        let zip = zip_of(&[("aa/xy", b"1", 0o644)]);
        let evil: Vec<u8> = replace(&zip, b"aa/xy", b"../xy");
        assert!(refusal(&evil).contains("Could not unzip"));
        let folder = tempfile::tempdir().unwrap();
        assert!(unpack(&evil, &folder.path().join("code")).is_err());
        assert!(!folder.path().join("xy").exists());
    }

    fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for at in 0..=out.len() - from.len() {
            if &out[at..at + from.len()] == from {
                out[at..at + to.len()].copy_from_slice(to);
            }
        }
        out
    }

    #[test]
    fn a_bomb_is_refused_whatever_size_it_claims() {
        let zip = zip_of(&[("bomb", &vec![0; 262_144_001], 0o644)]);
        assert!(zip.len() < 1_000_000);
        assert!(refusal(&zip).contains("Unzipped size must be smaller than 262144000 bytes"));
    }

    #[test]
    fn a_file_that_is_not_a_zip_is_refused() {
        let zip = zip_of(&[("bootstrap", b"x", 0o755)]);
        assert!(refusal(b"").contains("non-empty zip"));
        for bytes in [
            &b"PK"[..],
            b"no zip at all",
            &zip[..zip.len() - 5],
            &zip[20..],
        ] {
            assert!(refusal(bytes).contains("Could not unzip"));
        }
    }

    #[test]
    fn conflicting_names_are_refused() {
        let twice = zip_of(&[("aa", b"1", 0o644), ("ab", b"2", 0o644)]);
        assert!(refusal(&replace(&twice, b"ab", b"aa")).contains("Could not unzip"));
        for names in [["a", "a/b"], ["a/b", "a"], ["a/b", "./a/b"]] {
            let zip = zip_of(&[(names[0], b"1", 0o644), (names[1], b"2", 0o644)]);
            assert!(refusal(&zip).contains("Could not unzip"), "{names:?}");
        }
        let long = "x".repeat(256);
        assert!(refusal(&zip_of(&[(&long, b"1", 0o644)])).contains("Could not unzip"));
        let deep = "x/".repeat(2_000) + "x";
        assert!(refusal(&zip_of(&[(&deep, b"1", 0o644)])).contains("Could not unzip"));
    }

    /// The names that the check of `provision` is tested with too.
    #[test]
    fn names_are_taken_or_refused_as_the_table_says() {
        let table = include_str!("../../tests/zip_names.txt");
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            let verdict = words.next().unwrap();
            let names: Vec<&str> = words.collect();
            let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
            let options = SimpleFileOptions::default().unix_permissions(0o755);
            for name in &names {
                zip.start_file(*name, options).unwrap();
            }
            let zip = zip.finish().unwrap().into_inner();
            let folder = tempfile::tempdir().unwrap();
            let code = folder.path().join("code");
            let found = match (check(&zip), unpack(&zip, &code)) {
                (Ok(()), Ok(())) if code.join("bootstrap").is_file() => "runs",
                (Ok(()), Ok(())) => "nothing",
                (Err(_), Err(_)) => "refused",
                (taken, unpacked) => panic!("{line}: {taken:?} {unpacked:?}"),
            };
            assert_eq!(found, verdict, "{names:?}");
        }
    }

    #[test]
    fn a_link_is_refused() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        zip.add_symlink("bootstrap", "/bin/sh", options).unwrap();
        let zip = zip.finish().unwrap().into_inner();
        assert!(refusal(&zip).contains("Could not unzip"));
    }

    #[test]
    fn a_false_number_of_entries_is_refused() {
        let zip = zip_of(&[("bootstrap", b"x", 0o755)]);
        let end = zip.len() - 22;
        let mut claims = b"PK\x06\x06".to_vec();
        claims.extend([0xff; 52]);
        claims.extend(b"PK\x06\x07");
        claims.extend([0; 16]);
        claims.extend(&zip[end..]);
        assert!(refusal(&claims).contains("Could not unzip"));
    }

    proptest! {
        /// A zip that is accepted can be unpacked; one that is not leaves nothing outside its folder.
        #[test]
        fn fuzz_no_damaged_zip_leaves_its_folder(
            edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..4),
            cut in proptest::option::weighted(0.3, any::<proptest::sample::Index>()),
            names in proptest::collection::vec("[ab./\\\\]{1,4}", 0..4),
        ) {
            let mut files = vec![("bootstrap", &b"some content of it"[..], 0o755)];
            let mut others: Vec<&str> = names.iter().map(String::as_str).collect();
            others.sort_unstable();
            others.dedup();
            files.extend(others.into_iter().map(|name| (name, &b"2"[..], 0o644)));
            let mut zip = zip_of(&files);
            let length = zip.len();
            for (at, to) in edits {
                zip[at.index(length)] = to;
            }
            if let Some(cut) = cut {
                zip.truncate(cut.index(length));
            }
            let folder = tempfile::tempdir().unwrap();
            let code = folder.path().join("code");
            let (taken, unpacked) = (check(&zip), unpack(&zip, &code));
            assert_eq!(taken.is_ok(), unpacked.is_ok(), "{taken:?} {unpacked:?}");
            assert_eq!(unpacked.is_ok(), code.is_dir());
            let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
            assert!(names.into_iter().all(|name| name == "code" || name == "code.tmp"));
        }
    }
}
