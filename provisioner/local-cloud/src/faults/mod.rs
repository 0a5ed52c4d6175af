//! Fault injection: AWS's eventual consistency, throttling and failures, from a seed.

mod injector;
mod profile;

pub use profile::{FaultProfile, FaultRates, Span};

pub(crate) use injector::{Fault, FaultInjector};
pub(crate) use profile::Delay;
