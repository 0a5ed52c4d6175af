//! A folder with a local cloud in it, one for each test, and the real binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::artifact::artifact;
use crate::schema;
use crate::standing::{self, Standing};

pub struct World {
    folder: TempDir,
}

impl World {
    pub fn new() -> World {
        World {
            folder: TempDir::new().expect("a temporary folder"),
        }
    }

    /// Where commands have put up that stack: a copy of what they left.
    pub fn standing(stack: Standing) -> World {
        let world = World::new();
        standing::copy_into(&world, stack);
        world
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).expect("a file in the world");
        path
    }

    /// Makes the world a workspace with these settings, and a function crate that is never built.
    pub fn declare(&self, settings: &str) {
        std::fs::create_dir_all(self.path().join("function")).expect("a folder");
        self.write("function/Cargo.toml", "[package]\n");
        let settings = format!("[workspace]\n\n[workspace.metadata.provision]\n{settings}\n");
        self.write("Cargo.toml", settings);
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.clean(env!("CARGO_BIN_EXE_provision"));
        command.args(args);
        command
    }

    /// A program with nothing of this machine's settings around it.
    pub fn clean(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            // Off EC2 the look for credentials would wait for a timeout.
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Run {
        Run::of(&mut self.command(args))
    }

    /// `provision … --local`.
    pub fn local(&self, args: &[&str]) -> Run {
        self.run(&[args, &["--local"]].concat())
    }

    /// `provision up --local` with the function of this workspace.
    pub fn up(&self, args: &[&str]) -> Run {
        self.local(&[&["up", "--artifact", artifact_path()], args].concat())
    }

    pub fn plan(&self, args: &[&str]) -> Run {
        self.local(&[&["plan", "--artifact", artifact_path()], args].concat())
    }
}

pub fn artifact_path() -> &'static str {
    artifact().path.to_str().expect("a path in UTF-8")
}

#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(command: &mut Command) -> Run {
        let output = command.output().expect("the binary starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text in UTF-8");
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Run {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    #[track_caller]
    pub fn ok(self) -> Run {
        self.exits(0)
    }

    /// Anywhere in the output.
    #[track_caller]
    pub fn says(self, text: &str) -> Run {
        let told = format!("{}{}", self.stdout, self.stderr);
        assert!(told.contains(text), "`{text}` is not in\n{told}");
        self
    }

    #[track_caller]
    pub fn never_says(self, text: &str) -> Run {
        let told = format!("{}{}", self.stdout, self.stderr);
        assert!(!told.contains(text), "`{text}` is in\n{told}");
        self
    }

    /// What the function returned, as `invoke` prints it.
    #[track_caller]
    pub fn answer(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in\n{}\n{}", self.stdout, self.stderr))
    }

    /// The document on stdout, which is as its schema says.
    #[track_caller]
    pub fn json(&self) -> Value {
        let document = self.answer();
        schema::check_document(&document);
        document
    }
}
