//! The state document: everything the cloud remembers besides items, zips and log events, and the
//! file that holds it.
//!
//! The records of each service (`table`, `role`, `function`, `log_group`) are plain data; the rules
//! about them are in the services.

mod document;
pub(crate) mod function;
pub(crate) mod keys;
pub(crate) mod lagging;
pub(crate) mod log_group;
pub(crate) mod oidc_provider;
pub(crate) mod policy;
pub(crate) mod role;
pub(crate) mod set_back;
mod store;
pub(crate) mod table;
pub(crate) mod unseen;

pub(crate) use document::State;
pub(crate) use store::{Store, load};
