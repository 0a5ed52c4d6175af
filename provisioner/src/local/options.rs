//! The local cloud that a command uses.

use std::path::PathBuf;

use crate::error::Error;

/// The delays and failures of the local cloud. A seed makes them repeatable.
#[derive(Clone, Copy, Debug)]
pub enum Faults {
    Calm,
    Aws { seed: u64 },
    Storm { seed: u64 },
}

#[derive(Clone, Debug)]
pub struct Options {
    pub region: String,
    /// `.provision/local` in the workspace, or in the current directory.
    pub folder: PathBuf,
    /// `--as`: the name and the policy of the identity to use.
    pub identity: Option<(String, serde_json::Value)>,
    /// `--faults`; `None` injects none.
    pub faults: Option<Faults>,
}

impl Options {
    /// Refuses `--as` where a `provision cloud` hands out its own credentials.
    pub fn without_identity(&self) -> Result<(), Error> {
        if self.identity.is_none() {
            return Ok(());
        }
        let text = "`--as` cannot be combined with `provision cloud`";
        Err(Error::usage(text)
            .hint("it has credentials of its own; omit the flag: `… without --as`"))
    }
}
