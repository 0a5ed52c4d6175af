//! Runs a process to its end and reads its output line by line as it comes.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Split};
use tokio::process::{Child, Command};

use super::environment::Environment;

/// How many of the last lines an error keeps.
const LAST_LINES_MAX: usize = 20;

/// A command that runs in the workspace, in that environment and no other. It leads a process group of its
/// own: ctrl-c reaches this process alone, which ends cargo together with the compilers that cargo started.
pub fn command(environment: &Environment, workspace: &Path, program: &Path) -> Command {
    let mut command = Command::new(program);
    #[cfg(unix)]
    command.process_group(0);
    command
        .current_dir(workspace)
        .env_clear()
        .envs(environment.iter())
        .kill_on_drop(true)
        .stdin(Stdio::null());
    command
}

/// How a process ended, and the last lines of its stderr.
pub struct End {
    pub status: ExitStatus,
    pub last_lines: Vec<String>,
}

/// Runs a process to its end. `on_line` gets the lines of its stderr, which are for people, and
/// `on_message` those of its stdout, which are for programs.
pub async fn run(
    mut command: Command,
    on_line: &mut dyn FnMut(&str),
    on_message: &mut dyn FnMut(&str),
) -> io::Result<End> {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut group = Group(child);
    let mut messages = group.0.stdout.take().map(lines);
    let mut diagnostics = group.0.stderr.take().map(lines);
    let mut last_lines = VecDeque::new();
    while messages.is_some() || diagnostics.is_some() {
        tokio::select! {
            line = next(&mut messages) => match line? {
                Some(line) => on_message(&line),
                None => messages = None,
            },
            line = next(&mut diagnostics) => match line? {
                Some(line) => {
                    on_line(&line);
                    last_lines.push_back(without_color(&line));
                    if last_lines.len() > LAST_LINES_MAX {
                        last_lines.pop_front();
                    }
                }
                None => diagnostics = None,
            },
        }
    }
    let status = group.0.wait().await?;
    Ok(End {
        status,
        last_lines: last_lines
            .into_iter()
            .filter(|line| !is_progress(line))
            .collect(),
    })
}

/// A process and those that it started. All of them end when it is dropped before its end.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // `None` once it has ended and was waited for: its number may be another process's by now.
        #[cfg(unix)]
        if let Some(leader) = self.0.id().and_then(|id| i32::try_from(id).ok()) {
            use rustix::process::{Pid, Signal, kill_process_group};
            // An error means that they have ended already.
            let _ = Pid::from_raw(leader).map(|group| kill_process_group(group, Signal::KILL));
        }
    }
}

type Reading<R> = Option<Split<BufReader<R>>>;

fn lines<R: AsyncRead + Unpin>(stream: R) -> Split<BufReader<R>> {
    BufReader::new(stream).split(b'\n')
}

/// The next line of a stream, or `None` at its end. Never returns for a stream that has ended before.
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

/// Whether the line is cargo's progress, which explains no failure.
fn is_progress(line: &str) -> bool {
    let verbs = [
        "Compiling",
        "Downloaded",
        "Downloading",
        "Finished",
        "Fresh",
        "Locking",
        "Updating",
    ];
    line.starts_with("  ") && verbs.iter().any(|verb| line.trim_start().starts_with(verb))
}

/// The line without escape sequences: color, where it was asked for, is for the terminal alone.
fn without_color(line: &str) -> String {
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
    use super::{is_progress, without_color};

    #[test]
    fn color_and_progress_are_kept_out_of_errors() {
        assert_eq!(
            without_color("\u{1b}[1m\u{1b}[91merror\u{1b}[0m: x"),
            "error: x"
        );
        assert_eq!(without_color("plain [x]"), "plain [x]");
        assert!(is_progress("   Compiling function v0.1.0"));
        assert!(!is_progress("error: could not compile `function`"));
    }
}
