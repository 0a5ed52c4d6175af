//! The local cloud, in this process for one command or in a running `provision cloud`.
//!
//! The process that runs it locks its directory. `endpoint.json` in the directory has the address of a
//! running `provision cloud`, for other commands.

mod client;
mod connect;
mod endpoint;
mod folder;
mod health;
mod options;
mod process;
mod serve;

pub use connect::connect;
pub use endpoint::Endpoint;
pub use folder::saved;
pub use local_cloud::{ACCOUNT, Saved};
pub use options::{Faults, Options};
pub use process::Guard;
pub use serve::{Serving, serve};

/// Whether this program has the local cloud.
pub const IS_BUILT_IN: bool = true;
