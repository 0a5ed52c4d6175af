//! Who calls, and what they may do.

pub(crate) mod authorize;
pub(crate) mod caller;
pub(crate) mod policy;
pub(crate) mod session;
