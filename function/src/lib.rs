//! RequestUnicorn: an API Gateway event comes in, the nearest unicorn is sent, the ride is stored.
//!
//! `handler` processes one event: `event` parses and checks it, `fleet` finds the unicorn, `store`
//! stores the ride, `answer` and `log` report the outcome. All of that is pure. What touches the
//! network is in `runtime`, and the names that other programs use in the crate `function-contract`.

pub use function_contract as contract;

pub mod handler;
pub mod request_context;

pub mod event;
mod object;
pub mod rejection;

pub mod fleet;
#[cfg(test)]
mod fleet_file;
pub mod geo;

pub mod ride;
pub mod store;

pub mod answer;
pub mod log;
pub mod rfc3339;

pub mod runtime;
