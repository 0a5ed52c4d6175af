//! stdout, stderr and terminals that are closed, full or of little use.

use std::process::{Command, Stdio};

use crate::world::{Run, World};

/// A line of a real shell, in which `$PROVISION` is the program.
fn shell(world: &World, line: &str) -> Run {
    Run::of(&mut shell_command(world, line))
}

fn shell_command(world: &World, line: &str) -> Command {
    let mut command = world.clean("/bin/sh");
    command
        .args(["-c", line])
        .env("PROVISION", env!("CARGO_BIN_EXE_provision"));
    command
}

#[test]
fn data_that_cannot_be_written_is_a_failure() {
    let world = World::new();
    for command in [
        "status --local",
        "--help",
        "plan --help",
        "completions bash",
    ] {
        let line = format!("$PROVISION {command} >/dev/full");
        shell(&world, &line).exits(1);
    }
    let run = shell(&world, "$PROVISION status --local >/dev/full");
    run.says("error: write to stdout\n  because: No space left on device");
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let world = World::new();
    for command in ["completions bash", "--help"] {
        let mut command = shell_command(&world, &format!("exec $PROVISION {command}"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the binary ends");
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}

#[test]
fn a_stderr_that_cannot_be_written_stops_nothing() {
    let world = World::new();
    for stderr in ["2>/dev/full", "2>&-"] {
        let line = format!("$PROVISION status --local {stderr}");
        shell(&world, &line).ok().says("absent");
    }
}

#[test]
fn only_a_terminal_that_can_gets_color() {
    let world = World::new();
    let escape = "\u{1b}[";
    let status = "script -qec '$PROVISION plan --unknown-flag' /dev/null";
    for (variables, is_colored) in [
        ("TERM=xterm", true),
        ("TERM=dumb", false),
        ("TERM=xterm NO_COLOR=1", false),
    ] {
        let run = shell(&world, &format!("export {variables}; {status}"));
        assert_eq!(run.stdout.contains(escape), is_colored, "{run:?}");
    }
    let run = shell(&world, "export TERM=xterm; $PROVISION plan --unknown-flag");
    assert!(!run.stderr.contains(escape), "{run:?}");
}
