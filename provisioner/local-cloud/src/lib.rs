//! An AWS in the process: DynamoDB, IAM, STS, Lambda and CloudWatch Logs on 127.0.0.1.
//!
//! It speaks AWS's wire protocols, so the `aws` CLI and every SDK work with it. It verifies
//! signatures, enforces IAM for every caller but its owner, runs functions, and keeps through a crash
//! what it has acknowledged. It knows nothing of its users.
//!
//! Modules use only those below them in this list. `http` dispatches a request to one of `services`,
//! which works with the parts of the `cloud`.

mod http;
mod services;

mod cloud;
mod protocol;
mod runtime;

mod identity;

mod state;
mod storage;

mod faults;

mod api;

mod account;
mod clock;
mod count;
mod encode;
mod issued_role;
mod local_cloud;
mod random;
mod realtime;
mod saved;
mod start_error;

pub use account::ACCOUNT;
pub use clock::{Clock, SystemClock};
pub use count::Requests;
pub use faults::{FaultProfile, FaultRates, Span};
pub use local_cloud::{LocalCloud, Settings};
pub use saved::Saved;
pub use start_error::StartError;
pub use state::keys::Credentials;
