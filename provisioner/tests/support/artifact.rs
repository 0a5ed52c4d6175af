//! The function, built once for all tests, as `up --local` would build it.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use provisioner::artifact::{Artifact, BuildTarget, build};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .parent()
        .expect("the provisioner stands in the workspace")
        .to_owned()
}

/// cargo has nothing to fetch: the tests' own build has compiled the same crates.
pub fn artifact() -> &'static Artifact {
    static BUILT: OnceLock<Artifact> = OnceLock::new();
    // On a thread of its own: a test's runtime can't wait for another one.
    BUILT.get_or_init(|| {
        std::thread::spawn(build_for_this_machine)
            .join()
            .expect("the function builds")
    })
}

fn build_for_this_machine() -> Artifact {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let mut said = Vec::new();
    let mut on_line = |line: &str| said.push(line.to_owned());
    let target = BuildTarget::this_machine();
    let workspace = workspace();
    let building = build(&workspace, &target, None, &mut on_line);
    let built = runtime.expect("a runtime").block_on(building);
    built.unwrap_or_else(|error| panic!("{error}:\n{}", said.join("\n")))
}

/// The zip of a program that passes the checks and can't run: an ELF header and one segment.
pub fn zip_of_headers() -> Vec<u8> {
    let machine: u8 = if cfg!(target_arch = "aarch64") {
        0xb7
    } else {
        0x3e
    };
    let mut elf = vec![0; 120];
    elf[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    // EXEC, the machine, version 1; the program headers at 64, one of 56 bytes; PT_LOAD of it all.
    for (at, value) in [
        (16, 2),
        (18, machine),
        (20, 1),
        (32, 64),
        (52, 64),
        (54, 56),
        (56, 1),
        (64, 1),
        (96, 120),
        (104, 120),
    ] {
        elf[at] = value;
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let executable = SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("bootstrap", executable).expect("a zip");
    zip.write_all(&elf).expect("a zip");
    zip.finish().expect("a zip").into_inner()
}
