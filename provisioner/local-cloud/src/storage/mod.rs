//! Files of the state folder beside the state document: DynamoDB's items, log events, function zips.
//!
//! Storage knows no service and no request. A service takes what it needs from
//! [`Cloud`](crate::cloud::Cloud).

pub(crate) mod code_files;
pub(crate) mod databases;
mod dynoxide_errors;
pub(crate) mod file;
pub(crate) mod lock;
pub(crate) mod log_files;
pub(crate) mod provider_keys;
pub(crate) mod shutdown_guard;
mod zip_file;
