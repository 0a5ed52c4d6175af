//! The local cloud, in this process for one command or in a running `provision cloud`.
//!
//! The process that runs it holds a lock on its folder. `endpoint.json` in the folder tells other
//! commands the address of a running `provision cloud`.

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
pub use options::{Faults, Options};
pub use process::Guard;
pub use serve::{Serving, serve};
