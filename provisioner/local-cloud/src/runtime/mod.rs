//! The processes of functions: each version runs as warm processes that poll a Runtime API of their
//! own.

mod environment;
mod executable;
mod failure;
mod invocation;
mod output;
mod pool;
mod process;
mod report;
mod runtime_api;
#[cfg(any(not(target_os = "linux"), test))]
mod watchdog;

pub(crate) use invocation::{EnvironmentSpec, Invocation, Outcome};
pub(crate) use pool::{ConcurrencySlot, Environments, VersionKey};
pub(crate) use report::tail as log_tail;
