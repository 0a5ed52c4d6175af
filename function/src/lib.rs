//! RequestUnicorn: an API Gateway event comes in, the nearest unicorn is sent, the ride is stored.
//!
//! `handler` tells the way of an event: `event` reads and checks it, `fleet` finds the unicorn,
//! `store` keeps the ride, `answer` and `log` say what happened. All of that is pure; what touches
//! the network stands in `runtime`, and the names that others use in the crate `function-contract`.

pub use function_contract as contract;

pub mod handler;

pub mod event;
mod object;
pub mod rejection;

pub mod fleet;
#[cfg(test)]
mod fleet_file;
pub mod globe;

pub mod ride;
pub mod store;

pub mod answer;
pub mod log;
pub mod rfc3339;

pub mod runtime;
