//! What is wrong with the settings: file, line and key are always named.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::error::Error;
use crate::nearest::nearest;

#[derive(Debug)]
pub struct SettingsError {
    pub file: PathBuf,
    pub problem: Problem,
}

#[derive(Debug)]
pub enum Problem {
    Unreadable(io::Error),
    /// A table that was probably meant to have the settings.
    NotTheTable {
        /// `workspace.metadata.provison`
        table: String,
        line: usize,
    },
    /// toml's own text would quote the line, which may hold a secret.
    NotToml {
        line: usize,
        why: String,
    },
    UnknownKey {
        /// `stage.prod.memry`
        key: String,
        /// `memry`
        name: String,
        line: usize,
        known: Vec<&'static str>,
    },
    /// `why` never quotes the value of an environment variable.
    Malformed {
        key: String,
        line: usize,
        why: String,
    },
}

const AGAIN: &str = "correct it, then run again: `…`";

impl From<SettingsError> for Error {
    fn from(SettingsError { file, problem }: SettingsError) -> Error {
        let file = file.display();
        let not_read = || Error::usage(format!("read the settings in `{file}`")).hint(AGAIN);
        match problem {
            Problem::Unreadable(why) => not_read().because(why),
            Problem::NotToml { line, why } => {
                not_read().because(Cause(format!("line {line} is not TOML: {why}")))
            }
            Problem::NotTheTable { table, line } => Error::usage(format!(
                "the table `{table}` in `{file}`, line {line}, is not read"
            ))
            .hint(
                "settings are in `[workspace.metadata.provision]`: rename it, then run again: `…`",
            ),
            Problem::UnknownKey {
                key,
                name,
                line,
                known,
            } => {
                let text = format!("the key `{key}` in `{file}`, line {line}, is unknown");
                let hint = match nearest(&name, known.iter().copied()) {
                    Some(near) => format!("the nearest known key is `{near}`"),
                    None => format!("the known keys are {}", known.join(", ")),
                };
                Error::usage(text).hint(hint)
            }
            Problem::Malformed { key, line, why } => {
                let text = format!("the value of `{key}` in `{file}`, line {line}, is malformed");
                Error::usage(text).because(Cause(why)).hint(AGAIN)
            }
        }
    }
}

#[derive(Debug)]
struct Cause(String);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}
