//! Deploys the Wild Rydes backend to AWS and manages it.
//!
//! ```text
//! Stack (declared) ─┐
//! inventory (read) ─┼─▶ Plan ─▶ apply ─▶ refresh ─▶ verify
//! artifact (built) ─┘
//! ```
//!
//! The modules are listed in reading order. ARCHITECTURE.md has the map and the invariants.

pub mod fault;
pub mod finish;
pub mod ignored_variables;
pub mod signals;

pub mod cli;
pub mod commands;
pub mod completion;
mod disk_full;
pub mod hints;
mod log_file;
mod nearest;
mod prompt;
pub mod session;
mod target_flags;
mod timings_file;

pub mod settings;
pub mod stack;

pub mod engine;

pub mod resources;

pub mod aws;
#[cfg(feature = "local")]
pub mod local;
#[cfg(not(feature = "local"))]
#[path = "local/off.rs"]
pub mod local;
pub mod target;

pub mod artifact;
pub mod policy;

pub mod preflight;

pub mod certify;

pub mod commit;
pub mod invocation;
pub mod own_source;
pub mod requests;
pub mod rides;

pub mod error;
pub mod report;
