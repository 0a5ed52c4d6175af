//! What a shell asks for when the user presses the tab key.
//!
//! A script that `provision completions` prints calls `provision` with the words of the command line and with
//! `PROVISION_COMPLETE`, the name of the shell.

use std::ffi::{OsStr, OsString};

use clap::{Arg, FromArgMatches as _};
use clap_complete::aot;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use super::global::Global;
use super::help::{Variables, command};

/// Not clap's own `COMPLETE`, which may be set for another program.
const VARIABLE: &str = "PROVISION_COMPLETE";

/// Tells the word that the cursor is at; without it, it is the last one.
const INDEX: &str = "_CLAP_COMPLETE_INDEX";

/// The flags whose values are looked up.
const STAGE: &str = "--stage";
const TO: &str = "--to";

/// A value that a flag may have, and what a shell shows beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub value: String,
    pub help: Option<String>,
}

/// Looks up values, given the other flags of the command line.
pub type LookUp = fn(&Global) -> Vec<Candidate>;

/// Answers the shell. Returns whether it has asked.
pub fn complete(words: Vec<OsString>, stages: LookUp, versions: LookUp) -> bool {
    if !is_requested() {
        return false;
    }
    let others = other_words(&words);
    let factory = || {
        let look_up = |look_up: LookUp| {
            let others = others.clone();
            ArgValueCandidates::new(move || candidates(look_up, &others))
        };
        command(Variables::Shown)
            .mut_arg("stage", |arg: Arg| arg.add(look_up(stages)))
            .mut_subcommand("rollback", |command| {
                command.mut_arg("to", |arg: Arg| arg.add(look_up(versions)))
            })
    };
    let folder = std::env::current_dir().ok();
    let answer = CompleteEnv::with_factory(factory).var(VARIABLE);
    // An error is a shell that clap does not know: it gets no answer.
    let _ = answer.try_complete(words, folder.as_deref());
    true
}

/// As clap decides it.
fn is_requested() -> bool {
    let shell = std::env::var_os(VARIABLE);
    shell.is_some_and(|shell| !shell.is_empty() && shell != "0")
}

fn candidates(look_up: LookUp, words: &[OsString]) -> Vec<CompletionCandidate> {
    let Some(global) = global(words) else {
        return Vec::new();
    };
    let found = look_up(&global).into_iter();
    let found = found.map(|Candidate { value, help }| {
        CompletionCandidate::new(value).help(help.map(Into::into))
    });
    found.collect()
}

/// The words of the command line without the flag that is being completed: its value is not finished.
fn other_words(arguments: &[OsString]) -> Vec<OsString> {
    let start = arguments.iter().position(|word| word == "--");
    let mut words = start.map_or(Vec::new(), |start| arguments[start + 1..].to_vec());
    let index = std::env::var(INDEX)
        .ok()
        .and_then(|index| index.parse().ok());
    let at = index.unwrap_or(words.len().saturating_sub(1));
    if at < words.len() {
        words.remove(at);
    }
    let is_looked_up = |word: &OsString| word == STAGE || word == TO;
    if at > 0 && words.get(at - 1).is_some_and(is_looked_up) {
        words.remove(at - 1);
    }
    words
}

/// The global flags of a command line that need not be complete.
fn global(words: &[OsString]) -> Option<Global> {
    let command = command(Variables::Shown).ignore_errors(true);
    let matches = command.try_get_matches_from(words).ok()?;
    let matches = matches
        .subcommand()
        .map_or(&matches, |(_, matches)| matches);
    Global::from_arg_matches(matches).ok()
}

/// The script for a shell.
pub fn script(shell: aot::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    // For PowerShell, clap's would evaluate the command line, `$(…)` too, to get its words. It has a script with all
    // values but those that are looked up.
    let asking = shells.completer(&shell.to_string());
    match asking.filter(|_| shell != aot::Shell::PowerShell) {
        Some(asking) => {
            let written = asking.write_registration(VARIABLE, NAME, NAME, &program(), &mut script);
            written.expect("memory can be written to");
        }
        None => aot::generate(shell, &mut command(Variables::Shown), NAME, &mut script),
    }
    script
}

const NAME: &str = "provision";

/// What a script calls: by its name if a shell finds it by that, else by its path, as for one that was just built.
fn program() -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = format!("{NAME}{}", std::env::consts::EXE_SUFFIX);
    let is_found = std::env::split_paths(&path).any(|folder| folder.join(&file).is_file());
    let own = std::env::current_exe().ok().filter(|_| !is_found);
    let own = own.as_deref().map(std::path::Path::as_os_str);
    own.and_then(OsStr::to_str).unwrap_or(NAME).to_owned()
}
