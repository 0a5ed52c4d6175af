//! Functions really run: each version as warm processes that poll a Runtime API of their own.

mod api;
mod environment;
mod fleet;
mod format;
mod output;
mod process;
mod report;

pub(crate) use environment::Outcome;
pub(crate) use fleet::{Environments, Key, Place};
pub(crate) use report::tail as log_tail;

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use crate::clock::Millis;

/// What an environment is started with.
#[derive(Debug, Clone)]
pub(crate) struct Blueprint {
    pub(crate) version: String,
    pub(crate) memory: i64,
    pub(crate) timeout: Duration,
    /// The unpacked zip.
    pub(crate) root: PathBuf,
    pub(crate) log_group: String,
    pub(crate) log_stream: String,
    pub(crate) variables: Vec<(String, String)>,
    /// When the role's credentials end, on the cloud's clock.
    pub(crate) expires: Millis,
}

/// One invocation.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) request_id: String,
    pub(crate) arn: String,
    pub(crate) payload: Bytes,
    pub(crate) client_context: Option<String>,
}
