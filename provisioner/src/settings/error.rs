//! What is wrong with the settings: file, line and key are always named.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::error::Error;

#[derive(Debug)]
pub struct SettingsError {
    pub file: PathBuf,
    pub problem: Problem,
}

#[derive(Debug)]
pub enum Problem {
    Unreadable(io::Error),
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
            Problem::UnknownKey {
                key,
                name,
                line,
                known,
            } => {
                let text = format!("the key `{key}` in `{file}`, line {line}, is unknown");
                let hint = match nearest(&name, &known) {
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

/// The known key that was probably meant.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let similarity = |known: &str| strsim::jaro_winkler(name, known);
    let near = known.iter().filter(|known| similarity(known) > 0.8);
    let nearest = near.max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    nearest.copied()
}

#[derive(Debug)]
struct Cause(String);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}
