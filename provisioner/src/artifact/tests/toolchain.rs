//! A fake toolchain: a script under the names of cargo, rustc and rustup.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::artifact::environment::Environment;

use super::fixtures::{Folder, STATIC};

/// Linked to, not written: a file that was open for writing a moment ago may not be run yet, when
/// another test has started a process meanwhile.
const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/artifact/tests/toolchain.sh"
);

pub struct FakeToolchain {
    pub folder: Folder,
}

impl FakeToolchain {
    /// Complete: all tools, the target and a C compiler, and a program that runs in Lambda.
    pub fn new() -> FakeToolchain {
        let toolchain = FakeToolchain {
            folder: Folder::new(),
        };
        let folder = &toolchain.folder;
        for tool in ["cargo", "rustc", "rustup", "gcc"] {
            toolchain.add(tool);
        }
        folder.write("program", STATIC.bytes());
        folder.write("sysroot/bin/rustc", "the compiler");
        folder.write(
            "sysroot/lib/rustlib/x86_64-unknown-linux-musl/lib/libstd.rlib",
            "",
        );
        toolchain
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn add(&self, tool: &str) {
        symlink(SCRIPT, self.path().join(tool)).unwrap();
    }

    pub fn without(self, tool: &str) -> FakeToolchain {
        fs::remove_file(self.path().join(tool)).unwrap();
        self
    }

    pub fn environment(&self) -> Environment {
        Environment::of(&[
            ("PATH", &self.path().to_string_lossy()),
            ("HOME", "/home/me"),
        ])
    }

    /// How often cargo was called.
    pub fn cargo_calls(&self) -> usize {
        self.log()
            .lines()
            .filter(|line| line.starts_with("cargo "))
            .count()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }

    /// A variable that cargo was given.
    pub fn given(&self, name: &str) -> Option<String> {
        let environment = fs::read_to_string(self.path().join("environment")).unwrap();
        let value = environment
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}=")));
        value.map(str::to_owned)
    }
}
