//! Why a zip would not run on its target: what was found, and what is needed.

use std::error::Error;
use std::fmt;

use super::program_fault::ProgramFault;

#[derive(Debug)]
pub enum ZipFault {
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
    /// `bootstrap` is not a program that runs on the target.
    Program(ProgramFault),
}

impl fmt::Display for ZipFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl ZipFault {
    fn text(&self) -> String {
        match self {
            ZipFault::NotAZip(why) => {
                format!("it is not a whole zip ({why}); a zip that contains `bootstrap` is needed")
            }
            ZipFault::DamagedEntry { name, why } => {
                format!("its entry `{name}` is damaged: {why}")
            }
            ZipFault::TooManyEntries { limit } => {
                format!("it has more than {limit} entries; only `bootstrap` is needed")
            }
            ZipFault::SameName => "two of its entries have the same name".to_owned(),
            ZipFault::ZipTooLarge { size, limit } => format!(
                "its size is {} MiB; Lambda accepts at most {} MiB zipped",
                size.div_ceil(MIB),
                limit / MIB
            ),
            ZipFault::ContentTooLarge { limit } => {
                format!(
                    "it unpacks to more than the {} MiB that Lambda accepts",
                    limit / MIB
                )
            }
            ZipFault::OutsidePath { name } => {
                format!("its entry `{name}` points outside of the folder it is unpacked to")
            }
            ZipFault::NoBootstrap { found } if found.is_empty() => {
                "it is empty; a program `bootstrap` is needed at its root".to_owned()
            }
            ZipFault::NoBootstrap { found } => format!(
                "there is no `bootstrap` at its root, only {}",
                found
                    .iter()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            ZipFault::BootstrapInFolder { at } => {
                format!("its bootstrap is at `{at}`; it is needed at the root of the zip")
            }
            ZipFault::BootstrapNotAFile { is } => {
                format!("its `bootstrap` is a {is}; a program is needed")
            }
            ZipFault::NotExecutable { mode } => {
                format!(
                    "its `bootstrap` has mode {mode:04o}; all users must be able to execute it (0755)"
                )
            }
            ZipFault::Program(fault) => format!("its `bootstrap` {fault}"),
        }
    }
}

const MIB: u64 = 1024 * 1024;

impl Error for ZipFault {}

impl From<ProgramFault> for ZipFault {
    fn from(fault: ProgramFault) -> ZipFault {
        ZipFault::Program(fault)
    }
}
