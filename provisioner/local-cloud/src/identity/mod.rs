//! The caller of a request, and what the caller may do.

pub(crate) mod authenticate;
pub(crate) mod authorize;
pub(crate) mod call;
pub(crate) mod caller;
pub(crate) mod canonical;
mod mac;
pub(crate) mod managed;
pub(crate) mod policy;
pub(crate) mod sigv4;
pub(crate) mod trust;
pub(crate) mod web_token;
