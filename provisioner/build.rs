//! Records the hash of the source, with which the program sees that it is older than the workspace it runs in.

#![expect(clippy::disallowed_macros, reason = "cargo reads what is printed")]

#[path = "src/own_source.rs"]
mod own_source;

use std::path::Path;

fn main() {
    let workspace = Path::new("..");
    for folder in own_source::FOLDERS {
        println!("cargo::rerun-if-changed=../{folder}");
    }
    // Without it, the program never says that it is stale.
    if let Ok(hash) = own_source::hash(workspace) {
        println!("cargo::rustc-env=PROVISION_SOURCE={hash:016x}");
    }
}
