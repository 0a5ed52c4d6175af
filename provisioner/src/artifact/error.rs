//! What can go wrong between the function's source and a zip that may be uploaded.

use std::error::Error;
use std::fmt;
use std::io;

use zip::result::ZipError;

use super::fault::Fault;

const ELSEWHERE: &str =
    "take a zip that was built elsewhere: `provision up --artifact function.zip`";

/// What was being done to what; the source of the error tells why it did not work.
#[derive(Debug)]
pub struct ArtifactError {
    doing: String,
    /// Boxed: an error is rare, and every result carries room for it.
    problem: Box<Problem>,
    hint: Option<String>,
}

/// Why it did not work.
#[derive(Debug)]
pub enum Problem {
    Io(io::Error),
    Zip(ZipError),
    /// The folder holds no `function` crate.
    NoFunction,
    NoCargo,
    /// cargo, rustc or rustup ended with a failure; the end of what it said.
    ToolFailed {
        tool: &'static str,
        status: String,
        said: Vec<String>,
    },
    /// cargo succeeded without naming the program.
    NoProgram,
    /// The toolchain lacks Rust's standard library for the target; what rustup said when asked.
    TargetMissing {
        target: String,
        rustup: Option<Vec<String>>,
    },
    /// None of the compilers that could compile C for the target is on PATH.
    NoCCompiler {
        target: String,
        tried: Vec<String>,
        package: &'static str,
    },
    /// The zip would not run where it is to run.
    Unfit(Fault),
}

impl ArtifactError {
    pub(super) fn new(doing: impl Into<String>, problem: Problem) -> ArtifactError {
        ArtifactError {
            doing: doing.into(),
            problem: Box::new(problem),
            hint: None,
        }
    }

    pub(super) fn hinting(self, hint: impl Into<String>) -> ArtifactError {
        ArtifactError {
            hint: Some(hint.into()),
            ..self
        }
    }

    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The command that mends it, or where to look.
    pub fn hint(&self) -> Option<String> {
        self.hint.clone().or_else(|| self.problem.hint())
    }
}

impl Problem {
    fn hint(&self) -> Option<String> {
        match self {
            Problem::Zip(_) | Problem::Unfit(_) => None,
            Problem::Io(_) => Some("mend it, then go on: `…`".to_owned()),
            Problem::NoFunction => Some(format!("run it in the workspace, or {ELSEWHERE}")),
            Problem::NoCargo => Some(format!(
                "install Rust with rustup (rust-toolchain.toml names the version), or {ELSEWHERE}"
            )),
            Problem::ToolFailed {
                tool: "cargo",
                said,
                ..
            } if said.iter().any(|line| line.contains("--locked was passed")) => Some(
                "run `cargo check -p function`, which brings Cargo.lock in line with the \
                     manifests, and commit it; then `…`"
                    .to_owned(),
            ),
            Problem::ToolFailed { tool, .. } => match *tool {
                "cargo" => Some(
                    "mend what cargo says; `cargo check -p function` shows it sooner".to_owned(),
                ),
                _ => Some("`rustup show` tells which toolchain is in force here".to_owned()),
            },
            Problem::NoProgram => Some(
                "see that function/Cargo.toml still has it: \
                 `cargo check -p function --bin bootstrap`"
                    .to_owned(),
            ),
            Problem::TargetMissing {
                target,
                rustup: Some(_),
            } => Some(format!("run `rustup target add {target}` with a network")),
            Problem::TargetMissing {
                target,
                rustup: None,
            } => Some(format!(
                "install rustup and run `rustup target add {target}`, or the package in which your \
                 system keeps Rust's standard library for that target"
            )),
            Problem::NoCCompiler {
                target, package, ..
            } => Some(format!(
                "run `apt-get install {package}`, or install zig, \
                 or set CC_{} to a C compiler for the target",
                target.replace('-', "_")
            )),
        }
    }
}

impl fmt::Display for ArtifactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.doing)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Io(error) => write!(f, "{error}"),
            Problem::Zip(error) => write!(f, "{error}"),
            Problem::NoFunction => write!(f, "there is no function/Cargo.toml"),
            Problem::NoCargo => write!(f, "cargo is not on PATH"),
            Problem::ToolFailed { tool, status, said } => {
                write!(f, "{tool} failed with {status}")?;
                said.iter().try_for_each(|line| write!(f, "\n  {line}"))
            }
            Problem::NoProgram => write!(f, "cargo built no program `bootstrap`"),
            Problem::TargetMissing { target, rustup } => {
                write!(f, "the Rust target `{target}` is not installed")?;
                let said = rustup.as_deref().unwrap_or_default();
                said.iter().try_for_each(|line| write!(f, "\n  {line}"))
            }
            Problem::NoCCompiler { target, tried, .. } => {
                write!(
                    f,
                    "there is no C compiler for `{target}` on PATH (looked for "
                )?;
                write!(f, "{})", tried.join(", "))
            }
            Problem::Unfit(fault) => write!(f, "{fault}"),
        }
    }
}

impl Error for ArtifactError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.problem)
    }
}

impl Error for Problem {
    // An Io, Zip or Unfit problem is its source's text already: told once.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Problem::Io(error) => error.source(),
            Problem::Zip(error) => error.source(),
            Problem::Unfit(fault) => fault.source(),
            Problem::NoFunction
            | Problem::NoCargo
            | Problem::ToolFailed { .. }
            | Problem::NoProgram
            | Problem::TargetMissing { .. }
            | Problem::NoCCompiler { .. } => None,
        }
    }
}
