//! Programs, zips, numbers and folders to test with.

use std::error::Error;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::artifact::{ArtifactError, elf};

/// An ELF file of headers alone: enough to tell where it would run.
pub struct Program<'a> {
    pub kind: u16,
    pub machine: u16,
    pub loader: Option<&'a str>,
    /// Versions of glibc that it needs.
    pub needs: &'a [&'a str],
}

/// What `provision build` makes: static, for x86_64.
pub const STATIC: Program<'static> = Program {
    kind: elf::EXECUTABLE,
    machine: elf::X86_64,
    loader: None,
    needs: &[],
};

/// What a plain `cargo build` makes.
pub const DYNAMIC: Program<'static> = Program {
    kind: elf::SHARED,
    machine: elf::X86_64,
    loader: Some("/lib64/ld-linux-x86-64.so.2"),
    needs: &["GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_PRIVATE"],
};

/// Where the whole file is loaded, so that addresses differ from offsets.
const LOADED_AT: u64 = 0x40_0000;
const HEADER: usize = 64;
const SEGMENT: usize = 56;

impl Program<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        // The parts after the headers, each at the offset it is noted with.
        let mut body = Vec::new();
        let start = HEADER + 3 * SEGMENT;
        let mut strings = vec![0];
        let loader = start as u64;
        body.extend(self.loader.unwrap_or_default().bytes().chain([0]));
        let loader_size = body.len() as u64;
        let needed = (start + body.len()) as u64;
        // One library with a chain of versions.
        put(&mut body, &[1, self.needs.len() as u64], 2);
        put(&mut body, &[0, 16, 0], 4);
        for (number, name) in self.needs.iter().enumerate() {
            let is_last = number + 1 == self.needs.len();
            put(
                &mut body,
                &[0, 0, strings.len() as u64, if is_last { 0 } else { 16 }],
                4,
            );
            strings.extend(name.bytes().chain([0]));
        }
        let text = (start + body.len()) as u64;
        body.extend(&strings);
        let dynamic = (start + body.len()) as u64;
        let versions = [5, LOADED_AT + text, 0x6fff_fffe, LOADED_AT + needed, 0, 0];
        put(&mut body, &versions, 8);
        let size = (start + body.len()) as u64;

        let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        put(&mut file, &[self.kind.into(), self.machine.into()], 2);
        put(&mut file, &[1], 4);
        put(&mut file, &[0, HEADER as u64, 0], 8);
        put(&mut file, &[0], 4);
        let segments = if self.loader.is_some() { 3 } else { 1 };
        put(
            &mut file,
            &[HEADER as u64, SEGMENT as u64, segments, 64, 0, 0],
            2,
        );
        for (kind, offset, length) in [
            (1, 0, size),
            (3, loader, loader_size),
            (2, dynamic, versions.len() as u64 * 8),
        ] {
            put(&mut file, &[kind, 4], 4);
            put(
                &mut file,
                &[offset, LOADED_AT + offset, 0, length, length, 1],
                8,
            );
        }
        file.extend(body);
        file
    }
}

/// Little-endian numbers of one width.
fn put(file: &mut Vec<u8>, numbers: &[u64], width: usize) {
    numbers
        .iter()
        .for_each(|number| file.extend(&number.to_le_bytes()[..width]));
}

/// A zip as any tool might write it: name, content, mode.
pub fn zip_of(entries: &[(&str, &[u8], u32)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, mode) in entries {
        zip.start_file(*name, SimpleFileOptions::default().unix_permissions(*mode))
            .unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A zip that passes for Lambda.
pub fn good_zip() -> Vec<u8> {
    zip_of(&[("bootstrap", &STATIC.bytes(), 0o755)])
}

/// The error's texts and its hint, as a user reads them.
pub fn told(error: &ArtifactError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!("\n{cause}");
        source = cause.source();
    }
    text + "\nhint: " + &error.hint().unwrap_or_default()
}

/// Repeatable numbers, of no particular quality.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % limit
    }
}

/// An empty folder of its own, gone with the value.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("provision-artifact-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Folder(folder.canonicalize().unwrap())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, with the folders it lies in.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The minimum that counts as a workspace with a function.
    pub fn workspace() -> Folder {
        let folder = Folder::new();
        folder.write("Cargo.toml", "[workspace]\n");
        folder.write("Cargo.lock", "version = 4\n");
        folder.write("rust-toolchain.toml", "[toolchain]\n");
        folder.write("function/Cargo.toml", "[package]\n");
        folder.write("function/fleet.json", "[]\n");
        folder.write("function/src/main.rs", "fn main() {}\n");
        folder.write("function/src/inner/mod.rs", "//! Inner.\n");
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left of a failed test may be looked at; a folder that will not go is no failure.
        if !std::thread::panicking() {
            drop(fs::remove_dir_all(&self.0));
        }
    }
}
