//! Function zips, read with distrust: a bomb, a path that leaves its folder or a cut-off file is an
//! error, never harm.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Cursor, Read, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;

use crate::error::{ApiError, ApiResult};
use crate::lambda::check::invalid;

/// Of the zip as it is uploaded.
pub(crate) const ZIPPED_LIMIT: u64 = 52_428_800;
/// Of all files together.
const UNZIPPED_LIMIT: u64 = 262_144_000;
const FILES_LIMIT: usize = 65_535;

fn cannot_unzip() -> ApiError {
    invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
}

/// Reads every byte once, as an upload is checked.
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

/// Unpacks into a folder that is whole once it is there.
pub(crate) fn unpack(bytes: &[u8], folder: &Path) -> ApiResult<()> {
    let beside = folder.with_extension("tmp");
    let failed =
        |e: io::Error| ApiError::internal(format!("cannot unpack into {}: {e}", folder.display()));
    match fs::remove_dir_all(&beside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    crate::state::file::make_folder(&beside).map_err(failed)?;
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

/// Calls `take` for each file with its path, mode and content, which is cut at the limit.
fn each_file(
    bytes: &[u8],
    mut take: impl FnMut(&Path, u32, &mut dyn Read) -> io::Result<()>,
) -> ApiResult<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| cannot_unzip())?;
    if archive.len() > FILES_LIMIT {
        return Err(cannot_unzip());
    }
    let mut seen = HashSet::new();
    let mut left = UNZIPPED_LIMIT;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(|_| cannot_unzip())?;
        let path = file
            .name()
            .ok()
            .and_then(|name| inside(&name))
            .ok_or_else(cannot_unzip)?;
        if file.is_symlink() {
            return Err(cannot_unzip());
        }
        if file.is_dir() {
            continue;
        }
        if !seen.insert(path.clone()) {
            return Err(cannot_unzip());
        }
        // Without a Unix mode a file isn't executable: Lambda says so when it is to run.
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

/// A path that stays inside the folder; none if it doesn't.
fn inside(name: &str) -> Option<PathBuf> {
    if name.is_empty() || name.contains(['\0', '\\']) || name.len() > 4096 {
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

/// Whatever the zip says about its sizes, no more than this is read.
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
    fn a_bomb_is_refused_whatever_it_says_of_its_size() {
        let zip = zip_of(&[("bomb", &vec![0; 262_144_001], 0o644)]);
        assert!(zip.len() < 1_000_000);
        assert!(refusal(&zip).contains("Unzipped size must be smaller than 262144000 bytes"));
    }

    #[test]
    fn what_is_no_zip_is_refused() {
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

    proptest! {
        #[test]
        fn no_damage_does_harm(at in any::<proptest::sample::Index>(), to in any::<u8>(), cut in any::<proptest::sample::Index>()) {
            let mut zip = zip_of(&[("bootstrap", b"some content of it", 0o755), ("b/c", b"2", 0o644)]);
            let length = zip.len();
            zip[at.index(length)] = to;
            zip.truncate(cut.index(length) + 1);
            let folder = tempfile::tempdir().unwrap();
            let _ = check(&zip);
            let _ = unpack(&zip, &folder.path().join("code"));
            let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
            assert!(names.iter().all(|name| name == "code" || name == "code.tmp"));
        }
    }
}
