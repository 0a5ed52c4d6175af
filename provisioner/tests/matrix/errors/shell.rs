//! Lines as a person types or pastes them, read by a real shell.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::cloud::CloudProcess;
use crate::world::{Run, World, artifact_path};

#[derive(Clone)]
pub struct Shell<'a> {
    world: &'a World,
    variables: Vec<(&'static str, String)>,
    folder: &'static str,
}

impl<'a> Shell<'a> {
    /// `provision` is on its PATH, and `up` finds an artifact.
    pub fn new(world: &'a World) -> Shell<'a> {
        let programs = world.path().join("programs");
        if !programs.exists() {
            std::fs::create_dir(&programs).expect("a folder");
            let provision = env!("CARGO_BIN_EXE_provision");
            symlink(provision, programs.join("provision")).expect("a link");
            symlink("/usr/bin/env", programs.join("env")).expect("a link");
        }
        let path = std::env::var("PATH").unwrap_or_default();
        let shell = Shell {
            world,
            variables: Vec::new(),
            folder: ".",
        };
        shell
            .with("PATH", format!("{}:{path}", programs.display()))
            .with("PROVISION_ARTIFACT", artifact_path())
    }

    pub fn with(&self, name: &'static str, value: impl Into<String>) -> Shell<'a> {
        let mut shell = self.clone();
        shell.variables.retain(|(known, _)| *known != name);
        shell.variables.push((name, value.into()));
        shell
    }

    pub fn without(&self, name: &str) -> Shell<'a> {
        let mut shell = self.clone();
        shell.variables.retain(|(known, _)| *known != name);
        shell
    }

    /// In a folder of the world.
    pub fn inside(&self, folder: &'static str) -> Shell<'a> {
        let mut shell = self.clone();
        shell.folder = folder;
        shell
    }

    /// Another way to the same cloud: as to AWS, with keys, each call tried once.
    pub fn to_endpoint(&self, cloud: &CloudProcess) -> Shell<'a> {
        self.with("AWS_ACCESS_KEY_ID", &cloud.access_key_id)
            .with("AWS_SECRET_ACCESS_KEY", &cloud.secret_access_key)
            .with("AWS_REGION", "us-east-1")
            .with("AWS_MAX_ATTEMPTS", "1")
    }

    pub fn run(&self, line: &str) -> Run {
        Run::of(&mut self.command(line))
    }

    pub fn spawn(&self, line: &str) -> Child {
        let mut command = self.command(&format!("exec {line}"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("a shell")
    }

    /// In the world, whatever folder the shell is in.
    pub fn path(&self, name: &str) -> PathBuf {
        self.world.path().join(name)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = self.world.clean("/bin/sh");
        let variables = self.variables.iter();
        command
            .args(["-c", line])
            .current_dir(self.path(self.folder))
            .envs(variables.map(|(name, value)| (name, value)));
        command
    }
}
