//! The errors of building, packing, reading and checking the function's zip.

use std::error::Error;
use std::fmt;
use std::io;

use zip::result::ZipError;

use super::backtrace::without_backtraces;
use super::zip_fault::ZipFault;

const ELSEWHERE: &str =
    "use a zip that was built elsewhere: `provision up --artifact function.zip`";

/// What was being done to what. The error's source is the [`Problem`], which says why it failed.
#[derive(Debug)]
pub struct ArtifactError {
    doing: String,
    /// Boxed, since every result has to have room for it.
    problem: Box<Problem>,
    hint: Option<String>,
}

/// Why it failed.
#[derive(Debug)]
pub enum Problem {
    Io(io::Error),
    Zip(ZipError),
    /// The folder contains no `function` crate.
    NoFunction,
    NoCargo,
    /// cargo, rustc or rustup failed. `output` is the end of its stderr.
    ToolFailed {
        tool: &'static str,
        status: String,
        output: Vec<String>,
    },
    /// cargo succeeded but reported no program.
    NoProgram,
    /// The toolchain lacks Rust's standard library for the target. `rustup` is rustup's output, if
    /// there is a rustup that could try to install it.
    TargetMissing {
        target: String,
        rustup: Option<Vec<String>>,
    },
    /// No compiler that can compile C for the target is on PATH.
    NoCCompiler {
        target: String,
        tried: Vec<String>,
        /// How to install one.
        install: &'static str,
    },
    /// The zip would not run on its target.
    Unfit(ZipFault),
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

    /// What to do about it: a command, or where to look. `…` stands for the command line of this run.
    pub fn hint(&self) -> Option<String> {
        self.hint.clone().or_else(|| self.problem.hint())
    }
}

impl Problem {
    fn hint(&self) -> Option<String> {
        match self {
            Problem::Zip(_) | Problem::Unfit(_) => None,
            Problem::Io(_) => Some("fix it, then run again: `…`".to_owned()),
            Problem::NoFunction => Some(format!("run it in the workspace, or {ELSEWHERE}")),
            Problem::NoCargo => Some(format!(
                "install Rust with rustup (rust-toolchain.toml names the version), or {ELSEWHERE}"
            )),
            Problem::ToolFailed {
                tool: "cargo",
                output,
                ..
            } if output.iter().any(|line| line.contains("--locked was passed")) => Some(
                "run `cargo check -p function`, which brings Cargo.lock in line with the \
                     manifests, and commit it; then `…`"
                    .to_owned(),
            ),
            Problem::ToolFailed { tool, .. } => match *tool {
                "cargo" => Some(
                    "fix the errors that cargo reports; `cargo check -p function` shows them sooner".to_owned(),
                ),
                _ => Some("`rustup show` shows which toolchain is active here".to_owned()),
            },
            Problem::NoProgram => Some(
                "check that function/Cargo.toml still defines it: \
                 `cargo check -p function --bin bootstrap`"
                    .to_owned(),
            ),
            Problem::TargetMissing {
                target,
                rustup: Some(_),
            } => Some(format!("run `rustup target add {target}` with a network connection")),
            Problem::TargetMissing {
                target,
                rustup: None,
            } => Some(format!(
                "install rustup and run `rustup target add {target}`, or install your system's \
                 package of Rust's standard library for that target"
            )),
            Problem::NoCCompiler {
                target, install, ..
            } => Some(format!(
                "{install}, or set CC_{} to a C compiler for the target",
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
            Problem::ToolFailed {
                tool,
                status,
                output,
            } => {
                write!(f, "{tool} failed with {status}")?;
                let mut output = without_backtraces(output);
                output.try_for_each(|line| write!(f, "\n  {line}"))
            }
            Problem::NoProgram => write!(f, "cargo did not build a program `bootstrap`"),
            Problem::TargetMissing { target, rustup } => {
                write!(f, "the Rust target `{target}` is not installed")?;
                let mut output = without_backtraces(rustup.as_deref().unwrap_or_default());
                output.try_for_each(|line| write!(f, "\n  {line}"))
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
    // The text of an Io, Zip or Unfit problem is that of its source, which must not be printed twice.
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
