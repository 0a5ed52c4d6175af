//! What goes into the runtime and what comes out.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use crate::clock::Millis;

/// What an environment is started with.
#[derive(Debug, Clone)]
pub(crate) struct EnvironmentSpec {
    pub(crate) version: String,
    pub(crate) memory: i64,
    pub(crate) timeout: Duration,
    /// The folder of the unpacked zip.
    pub(crate) root: PathBuf,
    pub(crate) log_group: String,
    pub(crate) log_stream: String,
    pub(crate) variables: Vec<(String, String)>,
    /// When the role's credentials expire, on the cloud's clock.
    pub(crate) expires: Millis,
}

/// One invocation of a function.
#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) arn: String,
    pub(crate) payload: Bytes,
    pub(crate) client_context: Option<String>,
}

/// The result of an invocation.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) payload: Bytes,
    pub(crate) failed: bool,
    pub(crate) log: String,
    pub(crate) log_group: String,
    pub(crate) log_stream: String,
}
