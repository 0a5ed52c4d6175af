//! A signal while cargo builds: cargo and the compilers that it started end with the run, whichever of the
//! processes gets the signal.

use std::fs::{File, Permissions};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use libtest_mimic::Trial;

use super::signaled::Signal;
use crate::artifact::workspace;
use crate::trial;
use crate::world::{Run, World};

pub fn trials() -> Vec<Trial> {
    let trials = [
        ("process_alone", Signal::Interrupt, Receives::Process),
        ("process_group", Signal::Interrupt, Receives::Group),
        ("terminated", Signal::Terminate, Receives::Process),
    ];
    let trials = trials.map(|(name, signal, receives)| {
        trial(format!("cancel::build::{name}"), move || {
            ends_the_compilers(signal, receives);
        })
    });
    trials.into()
}

/// What the signal is sent to.
#[derive(Clone, Copy, Debug)]
pub enum Receives {
    /// As in CI.
    Process,
    /// As in a terminal.
    Group,
}

impl Receives {
    /// The number for `kill`.
    pub fn number(self, leader: &Child) -> i64 {
        let process = i64::from(leader.id());
        match self {
            Receives::Process => process,
            Receives::Group => -process,
        }
    }
}

/// In place of cargo: a compiler that runs until it is killed, and holds a pipe open meanwhile.
const CARGO: &str = "#!/bin/sh
exec 3> alive
sh -c 'while :; do sleep 60; done' &
echo '   Compiling function' >&2
wait
";

const RUSTC: &str = "#!/bin/sh
echo 'host: x86_64-unknown-linux-gnu'
";

fn ends_the_compilers(signal: Signal, receives: Receives) {
    let world = World::new();
    std::fs::create_dir_all(world.path().join("function/src")).expect("a folder");
    world.write("Cargo.toml", "[workspace]\nmembers = [\"function\"]\n");
    world.write("function/Cargo.toml", "[package]\nname = \"function\"\n");
    let alive = world.path().join("alive");
    let made = Command::new("mkfifo").arg(&alive).status();
    assert!(made.expect("mkfifo").success());
    let mut command = world.command(&["plan", "--local"]);
    command
        .env("CARGO", program(&world, "cargo", CARGO))
        .env("RUSTC", program(&world, "rustc", RUSTC))
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    // Opens when the compiler does, and ends when no process is left that could write.
    let ended = std::thread::spawn(|| File::open(alive)?.read_to_end(&mut Vec::new()));
    let mut child = command.spawn().expect("the binary starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut told = String::new();
    while !told.contains("Compiling") {
        assert!(stderr.read_line(&mut told).expect("text") > 0, "{told}");
    }
    signal.send(receives.number(&child));
    stderr.read_to_string(&mut told).expect("text");
    let status = child.wait().expect("a process of this test");
    assert_eq!(status.code(), Some(130), "{told}");
    let read = ended.join().expect("no panic");
    assert_eq!(read.expect("a pipe"), 0);
}

fn program(world: &World, name: &str, script: &str) -> PathBuf {
    let path = world.write(name, script);
    std::fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("a program");
    path
}

/// The real function, built by the real cargo in a target folder that starts empty.
pub struct RealBuild(World);

pub fn real_build() -> RealBuild {
    RealBuild(World::new())
}

impl RealBuild {
    fn provision(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_provision"));
        command
            .args(args)
            .args(["--local", "--local-dir"])
            .arg(self.0.path().join("local"))
            .env("CARGO_TARGET_DIR", self.0.path().join("target"))
            .current_dir(workspace())
            .stdin(Stdio::null());
        command
    }

    pub fn command(&self) -> Command {
        self.provision(&["up"])
    }

    /// The leader of a process group.
    pub fn spawn(&self) -> Child {
        let mut command = self.command();
        command
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command.spawn().expect("the binary starts")
    }

    pub fn status(&self) -> Run {
        Run::of(&mut self.provision(&["status"]))
    }
}
