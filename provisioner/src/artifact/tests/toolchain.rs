//! A toolchain that only plays one: a script under the names of cargo, rustc and rustup.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::artifact::environment::Environment;

use super::fixtures::{Folder, STATIC};

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
        let script = folder.write("script", include_str!("toolchain.sh"));
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        for tool in ["cargo", "rustc", "rustup", "gcc"] {
            toolchain.add(tool);
        }
        until_runnable(&script);
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
        symlink(self.path().join("script"), self.path().join(tool)).unwrap();
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

/// Another test that starts a process just now holds a copy of our handle to the script for a
/// moment, and a script that is open for writing cannot be run.
fn until_runnable(script: &Path) {
    loop {
        match Command::new(script).output() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                std::thread::yield_now();
            }
            other => return drop(other.unwrap()),
        }
    }
}
