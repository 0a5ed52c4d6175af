//! Why a zip would not run on its target: what was found, and what is needed.

use std::error::Error;
use std::fmt;

use super::build_target::Arch;

#[derive(Debug)]
pub enum Fault {
    /// Not a zip, or one that ends too early.
    NotAZip(String),
    /// An entry cannot be read: cut off, encrypted, a wrong checksum, an unknown method.
    DamagedEntry {
        name: String,
        why: String,
    },
    TooManyEntries {
        limit: usize,
    },
    /// Two entries have the same name. Which one is used depends on the program that unpacks it.
    SameName,
    /// More bytes than Lambda accepts in one upload.
    ZipTooLarge {
        size: u64,
        limit: u64,
    },
    /// Unpacks to more than Lambda accepts: too much code, or a zip bomb.
    ContentTooLarge {
        limit: u64,
    },
    /// A name or a link that points outside of the folder it is unpacked to.
    OutsidePath {
        name: String,
    },
    NoBootstrap {
        found: Vec<String>,
    },
    /// `bootstrap` is in a folder instead of at the root.
    BootstrapInFolder {
        at: String,
    },
    /// `bootstrap` is a folder or a link.
    BootstrapNotAFile {
        is: &'static str,
    },
    /// Not executable by all users. Lambda notices this at the first invocation, not at the upload.
    NotExecutable {
        mode: u32,
    },
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

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NotAZip(why) => {
                write!(
                    f,
                    "it is not a whole zip ({why}); a zip that contains `bootstrap` is needed"
                )
            }
            Fault::DamagedEntry { name, why } => write!(f, "its entry `{name}` is damaged: {why}"),
            Fault::TooManyEntries { limit } => {
                write!(
                    f,
                    "it has more than {limit} entries; only `bootstrap` is needed"
                )
            }
            Fault::SameName => write!(f, "two of its entries have the same name"),
            Fault::ZipTooLarge { size, limit } => write!(
                f,
                "its size is {} MiB; Lambda accepts at most {} MiB zipped",
                size.div_ceil(MIB),
                limit / MIB
            ),
            Fault::ContentTooLarge { limit } => {
                write!(
                    f,
                    "it unpacks to more than the {} MiB that Lambda accepts",
                    limit / MIB
                )
            }
            Fault::OutsidePath { name } => {
                write!(
                    f,
                    "its entry `{name}` points outside of the folder it is unpacked to"
                )
            }
            Fault::NoBootstrap { found } if found.is_empty() => {
                write!(
                    f,
                    "it is empty; a program `bootstrap` is needed at its root"
                )
            }
            Fault::NoBootstrap { found } => write!(
                f,
                "there is no `bootstrap` at its root, only {}",
                found
                    .iter()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            Fault::BootstrapInFolder { at } => {
                write!(
                    f,
                    "its bootstrap is at `{at}`; it is needed at the root of the zip"
                )
            }
            Fault::BootstrapNotAFile { is } => {
                write!(f, "its `bootstrap` is a {is}; a program is needed")
            }
            Fault::NotExecutable { mode } => {
                write!(
                    f,
                    "its `bootstrap` has mode {mode:04o}; all users must be able to execute it (0755)"
                )
            }
            Fault::Script { first_line } => {
                write!(
                    f,
                    "its `bootstrap` is a script (`{first_line}`); a program is needed"
                )
            }
            Fault::NotAProgram { found, needed } => {
                write!(f, "its `bootstrap` is {found}; {needed} is needed")
            }
            Fault::WrongArch { found, needed } => {
                write!(
                    f,
                    "its `bootstrap` is built for {found}; {} is needed",
                    needed.as_str()
                )
            }
            Fault::ForeignLoader { loader } => write!(
                f,
                "its `bootstrap` is linked dynamically for the loader `{loader}`; \
                 a static program or one for glibc is needed"
            ),
            Fault::GlibcTooNew { needs, newest } => write!(
                f,
                "its `bootstrap` needs glibc {}.{}; the system it runs on has {}.{}",
                needs.0, needs.1, newest.0, newest.1
            ),
        }
    }
}

const MIB: u64 = 1024 * 1024;

impl Error for Fault {}
