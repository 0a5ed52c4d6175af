//! The public keys of identity providers. AWS downloads them from the provider; the local cloud has no network,
//! and reads a file that its user puts there: `jwks/token.actions.githubusercontent.com.json` in its folder.

use std::path::{Path, PathBuf};

use serde_json::Value;

pub(crate) struct ProviderKeys {
    folder: PathBuf,
}

impl ProviderKeys {
    pub(crate) fn new(state_dir: &Path) -> ProviderKeys {
        ProviderKeys {
            folder: state_dir.join("jwks"),
        }
    }

    /// The JSON Web Key Set of the provider with this URL, which has no scheme. `None` if there is none, or if the
    /// file is no JSON.
    pub(crate) fn read(&self, url: &str) -> Option<Value> {
        let name = format!("{}.json", url.replace('/', "_"));
        let text = std::fs::read(self.folder.join(name)).ok()?;
        serde_json::from_slice(&text).ok()
    }
}
