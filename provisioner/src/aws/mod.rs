//! The SDK clients, how a request is sent, and what its errors mean.

mod attempt_end;
pub mod call;
mod call_times;
pub mod clients;
pub mod connect;
mod credential_requests;
pub mod credentials;
mod credentials_error;
pub mod endpoints;
pub mod environment;
pub mod error;
mod http;
pub mod in_flight;
pub mod interceptors;
pub mod limits;
pub mod operation;
mod profiles;
pub mod quotas;
pub mod request_log;
mod response;
mod roots;
#[cfg(test)]
mod silent;
pub mod texts;
