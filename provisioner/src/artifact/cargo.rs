//! cargo, run for the one program that is wanted of it.
//!
//! What it says goes on line by line as it comes; where it put the program is read from its own
//! messages, so that whatever decides its target folder is respected.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Split};
use tokio::process::Command;

use super::build_target::BuildTarget;
use super::environment::Environment;
use super::error::{ArtifactError, Problem};
use super::flags;
use super::pack::BOOTSTRAP;
use super::toolchain::{Toolchain, command};

/// How many of the last lines an error keeps.
const SAID_MAX: usize = 20;

/// Compiles the function and returns where its program lies.
pub async fn build(
    environment: &Environment,
    workspace: &Path,
    target: &BuildTarget,
    toolchain: &Toolchain,
    on_line: &mut dyn FnMut(&str),
) -> Result<PathBuf, ArtifactError> {
    let doing = || format!("build the function for `{}`", target.triple);
    let mut command = command(environment, workspace, &toolchain.cargo);
    command.args(arguments(target));
    if target.is_this_machine() {
        command.envs(flags::LOCAL_ENVIRONMENT.iter().copied());
    }
    // Its bar is drawn over one line, which a reader of lines cannot show.
    command.env("CARGO_TERM_PROGRESS_WHEN", "never");
    let mut program = None;
    let mut on_message = |line: &str| {
        if let Some(path) = program_of(line) {
            program = Some(path);
        }
    };
    let end = run(command, on_line, &mut on_message).await;
    let end = end.map_err(|error| ArtifactError::new(doing(), Problem::Io(error)))?;
    if !end.status.success() {
        let status = end.status.to_string();
        let problem = Problem::ToolFailed {
            tool: "cargo",
            status,
            said: end.said,
        };
        return Err(ArtifactError::new(doing(), problem));
    }
    program.ok_or_else(|| ArtifactError::new(doing(), Problem::NoProgram))
}

fn arguments(target: &BuildTarget) -> Vec<OsString> {
    let mut arguments = vec!["build", "--locked"];
    // For this machine neither package nor target is named: cargo then resolves the features of the
    // workspace's default members, and every dependency that `cargo run` compiled is there already.
    if !target.is_this_machine() {
        arguments.extend(["--package", "function"]);
    }
    arguments.extend(["--bin", BOOTSTRAP]);
    arguments.extend(["--message-format", "json-render-diagnostics"]);
    arguments.extend(["--profile", target.profile]);
    if !target.is_this_machine() {
        arguments.extend(["--target", target.triple.as_str()]);
    }
    arguments.into_iter().map(OsString::from).collect()
}

/// The program's path, if the message is the one that tells it.
fn program_of(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_ours = message.get("reason")?.as_str()? == "compiler-artifact"
        && message.get("target")?.get("name")?.as_str()? == BOOTSTRAP;
    if is_ours {
        message.get("executable")?.as_str().map(PathBuf::from)
    } else {
        None
    }
}

/// How a process ended, and the end of what it said on stderr.
pub struct End {
    pub status: ExitStatus,
    pub said: Vec<String>,
}

/// Runs a process to its end. Lines of stderr are people's, lines of stdout the program's.
pub async fn run(
    mut command: Command,
    on_line: &mut dyn FnMut(&str),
    on_message: &mut dyn FnMut(&str),
) -> io::Result<End> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A stopped run leaves no compiler behind.
        .kill_on_drop(true)
        .spawn()?;
    let mut messages = child.stdout.take().map(lines);
    let mut diagnostics = child.stderr.take().map(lines);
    let mut said = VecDeque::new();
    while messages.is_some() || diagnostics.is_some() {
        tokio::select! {
            line = next(&mut messages) => match line? {
                Some(line) => on_message(&line),
                None => messages = None,
            },
            line = next(&mut diagnostics) => match line? {
                Some(line) => {
                    on_line(&line);
                    said.push_back(without_colour(&line));
                    if said.len() > SAID_MAX {
                        said.pop_front();
                    }
                }
                None => diagnostics = None,
            },
        }
    }
    let status = child.wait().await?;
    Ok(End {
        status,
        said: said.into_iter().filter(|line| !is_progress(line)).collect(),
    })
}

type Reading<R> = Option<Split<BufReader<R>>>;

fn lines<R: AsyncRead + Unpin>(stream: R) -> Split<BufReader<R>> {
    BufReader::new(stream).split(b'\n')
}

/// The next line of a stream that has not ended; never, of one that has.
async fn next<R: AsyncRead + Unpin>(stream: &mut Reading<R>) -> io::Result<Option<String>> {
    match stream {
        // C compilers may speak in any encoding.
        Some(lines) => {
            let line = lines.next_segment().await?;
            Ok(line.map(|line| String::from_utf8_lossy(line.trim_ascii_end()).into_owned()))
        }
        None => std::future::pending().await,
    }
}

/// cargo's tally of what it did, which explains no failure.
fn is_progress(line: &str) -> bool {
    let tally = [
        "Compiling",
        "Downloaded",
        "Downloading",
        "Finished",
        "Fresh",
        "Locking",
        "Updating",
    ];
    line.starts_with("  ") && tally.iter().any(|verb| line.trim_start().starts_with(verb))
}

/// The line without escape sequences: colour, where it was asked for, is for the terminal alone.
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // `ESC [ … letter`; the parameters are digits and semicolons.
            characters.by_ref().skip(1).find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{is_progress, program_of, without_colour};

    #[test]
    fn colour_and_progress_are_kept_out_of_errors() {
        assert_eq!(
            without_colour("\u{1b}[1m\u{1b}[91merror\u{1b}[0m: x"),
            "error: x"
        );
        assert_eq!(without_colour("plain [x]"), "plain [x]");
        assert!(is_progress("   Compiling function v0.1.0"));
        assert!(!is_progress("error: could not compile `function`"));
    }

    #[test]
    fn the_program_is_where_cargo_says() {
        let message = r#"{"reason":"compiler-artifact","target":{"name":"bootstrap"},"executable":"/x/bootstrap"}"#;
        assert_eq!(program_of(message).unwrap().to_str(), Some("/x/bootstrap"));
        for other in [
            message.replace("compiler-artifact", "build-finished"),
            message.replace("\"bootstrap\"}", "\"function\"}"),
            message.replace("\"/x/bootstrap\"", "null"),
            "no json".to_owned(),
        ] {
            assert_eq!(program_of(&other), None, "{other}");
        }
    }
}
