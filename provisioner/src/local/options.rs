//! The local cloud that a command uses.

use std::path::PathBuf;

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
