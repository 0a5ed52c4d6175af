//! Makes the zip that Lambda runs: built from the function crate when its source has changed, the same
//! bytes on every machine, and checked before anything is uploaded.
//!
//! ```text
//! fingerprint(source) ─ equal to the record beside the zip? ─▶ the zip as it is, no cargo
//!        └ differs ─▶ cargo ─▶ bootstrap ─▶ pack ─▶ preflight ─▶ zip + record
//! --artifact ZIP ───────────────────────────────────▶ preflight
//! ```
//! What the code is built for is a value, [`BuildTarget`]; no code here asks whether the cloud is local.

mod backtrace;
mod build_target;
mod cargo;
mod cargo_config;
mod compiler;
mod elf;
mod environment;
mod error;
mod executable;
mod fingerprint;
mod flags;
mod make;
mod overrides;
mod pack;
mod preflight;
mod process;
mod program_fault;
mod record;
mod toolchain;
mod zip_bounds;
mod zip_fault;

#[cfg(test)]
mod tests;

pub use build_target::{Arch, BuildTarget};
pub use error::{ArtifactError, Problem};
pub use fingerprint::fingerprint;
pub use make::{Artifact, build, built, open, workspace};
pub use preflight::preflight;
pub use program_fault::ProgramFault;
pub use zip_fault::ZipFault;
