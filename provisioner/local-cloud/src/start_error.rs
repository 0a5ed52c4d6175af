//! Why a cloud does not start.

use std::io;
use std::path::{Path, PathBuf};

/// Why [`LocalCloud::start`](crate::LocalCloud::start) failed, with a [`hint`](StartError::hint) on what
/// to do.
#[derive(Debug)]
pub enum StartError {
    /// Another program uses the port.
    PortInUse { port: u16 },
    /// The operating system does not allow to listen on the port.
    Listen { port: u16, source: io::Error },
    /// Another local cloud uses this state folder.
    StateInUse { path: PathBuf },
    /// A file of the state folder is not as the cloud wrote it.
    Damaged {
        path: PathBuf,
        /// The state folder that the file is in.
        folder: PathBuf,
        why: String,
    },
    /// The state folder cannot be used.
    Io { path: PathBuf, source: io::Error },
}

impl StartError {
    pub(crate) fn io(path: &Path, source: io::Error) -> StartError {
        StartError::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn damaged(path: &Path, folder: &Path, why: &str) -> StartError {
        StartError::Damaged {
            path: path.to_owned(),
            folder: folder.to_owned(),
            why: why.to_owned(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            StartError::PortInUse { .. } => "choose another port, or 0 for any free one".to_owned(),
            StartError::Listen { .. } => "choose another port, or 0 for any free one".to_owned(),
            StartError::StateInUse { .. } => {
                "use the cloud that runs, end it, or choose another state folder".to_owned()
            }
            StartError::Damaged { path, folder, .. } => {
                let (path, folder) = (path.display(), folder.display());
                format!(
                    "put a good copy of `{path}` in its place; or start anew, losing everything in \
                     this local cloud, with `mv {folder} {folder}.damaged`"
                )
            }
            StartError::Io { path, .. } => {
                let path = path.display();
                format!("make sure that `{path}` can be written and its disk isn't full")
            }
        }
    }
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StartError::PortInUse { port } => {
                write!(f, "port {port} on 127.0.0.1 is in use")
            }
            StartError::Listen { port, .. } => {
                write!(f, "cannot listen on port {port} of 127.0.0.1")
            }
            StartError::StateInUse { path } => {
                write!(
                    f,
                    "open the local cloud: another one runs on `{}`",
                    path.display()
                )
            }
            StartError::Damaged { path, why, .. } => {
                write!(
                    f,
                    "open the local cloud: `{}` is damaged: {why}",
                    path.display()
                )
            }
            StartError::Io { path, .. } => {
                write!(f, "open the local cloud: cannot use `{}`", path.display())
            }
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StartError::Io { source, .. } | StartError::Listen { source, .. } => Some(source),
            StartError::PortInUse { .. }
            | StartError::StateInUse { .. }
            | StartError::Damaged { .. } => None,
        }
    }
}
