//! The function crate as a zip that Lambda takes: built when its source changed, the same bytes
//! wherever it is built, and checked before anything is uploaded.
//!
//! ```text
//! fingerprint(source) ─ equal to the record beside the zip? ─▶ the zip as it is, no cargo
//!        └ differs ─▶ cargo ─▶ bootstrap ─▶ pack ─▶ preflight ─▶ zip + record
//! --artifact ZIP ───────────────────────────────────▶ preflight
//! ```
//! Where the code will run is a value, [`BuildTarget`]; nothing here asks whether the cloud is local.

mod build_target;
mod cargo;
mod compiler;
mod elf;
mod environment;
mod error;
mod executable;
mod fault;
mod fingerprint;
mod flags;
mod make;
mod pack;
mod preflight;
mod record;
mod toolchain;
mod zip_bounds;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use build_target::{Arch, BuildTarget};
pub use error::{ArtifactError, Problem};
pub use fault::Fault;
pub use fingerprint::fingerprint;
pub use make::{build, built, open, workspace};
pub use preflight::preflight;

/// A zip that passed the preflight for the place it is to run in.
#[derive(Clone, Debug)]
pub struct Artifact {
    pub path: PathBuf,
    pub zip: Vec<u8>,
    /// Base64 of the zip's SHA-256, as Lambda reports it.
    pub code_sha256: String,
    /// Bytes of the zip.
    pub size: u64,
    /// The fingerprint of the source it was built from, in hexadecimal; `None` when nobody knows,
    /// as for a zip that came without its record.
    pub source: Option<String>,
}
