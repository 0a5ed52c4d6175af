//! The SDK's clients, how a call is sent, and what its errors mean.

pub mod call;
pub mod clients;
pub mod connect;
pub mod error;
pub mod texts;
