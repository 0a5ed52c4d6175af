//! The SDK clients, how a request is sent, and what its errors mean.

pub mod call;
pub mod clients;
pub mod connect;
pub mod error;
pub mod texts;
