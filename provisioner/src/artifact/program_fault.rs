//! Why a program would not run on its target: what was found, and what is needed.

use std::error::Error;
use std::fmt;

use super::build_target::Arch;

/// Reads as the end of a sentence that begins with the program.
#[derive(Debug)]
pub enum ProgramFault {
    /// It begins with `#!`.
    Script {
        first_line: String,
    },
    /// Neither a script nor a program for the target's operating system.
    NotAProgram {
        found: String,
        needed: &'static str,
    },
    WrongArch {
        found: String,
        needed: Arch,
    },
    /// Linked dynamically, for a loader other than glibc's.
    ForeignLoader {
        loader: String,
    },
    GlibcTooNew {
        needs: (u32, u32),
        newest: (u32, u32),
    },
}

impl fmt::Display for ProgramFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProgramFault::Script { first_line } => {
                write!(f, "is a script (`{first_line}`); a program is needed")
            }
            ProgramFault::NotAProgram { found, needed } => {
                write!(f, "is {found}; {needed} is needed")
            }
            ProgramFault::WrongArch { found, needed } => {
                write!(f, "is built for {found}; {} is needed", needed.as_str())
            }
            ProgramFault::ForeignLoader { loader } => write!(
                f,
                "is linked dynamically for the loader `{loader}`; \
                 a static program or one for glibc is needed"
            ),
            ProgramFault::GlibcTooNew { needs, newest } => write!(
                f,
                "needs glibc {}.{}; the system it runs on has {}.{}",
                needs.0, needs.1, newest.0, newest.1
            ),
        }
    }
}

impl Error for ProgramFault {}
