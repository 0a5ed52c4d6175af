//! Where Terraform's AWS provider is on this machine, so that a test needs no network.

use std::path::{Path, PathBuf};

/// Its folder in a mirror, below that of a registry.
const PROVIDER: &str = "hashicorp/aws";

/// The folder of a file-system mirror that has the provider: `TF_PLUGIN_DIR`, or one of those where Terraform's
/// mirrors are kept.
pub fn plugins() -> Option<PathBuf> {
    let has_provider = |mirror: &PathBuf| {
        let registries = folders(mirror);
        registries
            .iter()
            .any(|registry| registry.join(PROVIDER).is_dir())
    };
    if let Some(given) = std::env::var_os("TF_PLUGIN_DIR") {
        return Some(PathBuf::from(given)).filter(has_provider);
    }
    let home = std::env::home_dir().unwrap_or_default();
    let bases = [
        home.join(".terraform.d"),
        home.join(".local/share/terraform"),
        PathBuf::from("/usr/local/share/terraform"),
        PathBuf::from("/usr/share/terraform"),
        PathBuf::from("/opt"),
    ];
    let mut mirrors = bases.iter().flat_map(|base| folders(base));
    mirrors.find(has_provider)
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}
