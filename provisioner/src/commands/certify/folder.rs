//! A folder for the second zip and the local cloud, removed at the end.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::runner::Zips;
use crate::artifact::Artifact;
use crate::error::Error;

pub struct Folder(PathBuf);

impl Folder {
    pub fn new(stage: &str) -> Result<Folder, Error> {
        let path = std::env::temp_dir().join(format!("provision-{stage}"));
        std::fs::create_dir_all(&path).map_err(|error| unwritable(&path, error))?;
        Ok(Folder(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The artifact, and the same program in a zip with one more file: other code for Lambda, without a compiler.
    pub fn zips(&self, artifact: &Artifact) -> Result<Zips, Error> {
        let second = self.0.join("function.zip");
        let zip = with_another_file(&artifact.zip).map_err(|error| unwritable(&second, error))?;
        std::fs::write(&second, zip).map_err(|error| unwritable(&second, error))?;
        Ok(Zips {
            first: artifact.path.clone(),
            second,
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing else would remove it, and there is nobody to tell.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn with_another_file(zip: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut writer = ZipWriter::new_append(Cursor::new(zip.to_vec()))?;
    writer.start_file("certify.txt", SimpleFileOptions::default())?;
    writer.write_all(b"Another build of the same program.\n")?;
    Ok(writer.finish()?.into_inner())
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::failed(format!("write `{}`", path.display()))
        .because(error)
        .hint("choose a directory that can be written: `TMPDIR=~ …`")
}
