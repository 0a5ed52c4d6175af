//! The IAM policies of the stack: the files in `policies/` with their placeholders filled in, and the means
//! to compare them with the documents that IAM returns.
//!
//! The files are read by people as much as by this module, so they are plain JSON with named
//! placeholders. Those of the workspace count; outside of one, those that are embedded.

mod actions;
mod caller;
mod canonical;
mod coverage;
mod decode;
mod deltas;
mod error;
mod fault;
mod files;
mod grammar;
mod grants;
mod names;
mod permission;
pub mod permissions;
mod places;
mod render;
mod statements;
mod template;
pub mod uses;
mod wildcard;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod widening;

use serde_json::Value;

use permissions::Principal;

pub use caller::template;
pub use canonical::{canonical, canonical_text, readable, readable_text};
pub use decode::decode;
pub use deltas::{ChangedStatement, StatementDelta, statement_deltas, widens};
pub use error::PolicyError;
pub use fault::{Fault, Severity};
pub use files::{DYNAMODB_WRITE_ACCESS, FILES, FileFault, RolePolicies, TRUST, WRITE_LOGS};
pub use grants::{grants, trusts};
pub use names::Names;
pub use statements::{Statement, StatementChanges, statement_changes};
pub use template::Template;

/// The policy of a caller. `test_ride` is the ID of the stage's test ride, or `None` in a policy for many
/// stages.
pub fn of_caller(principal: Principal, names: &Names<'_>, test_ride: Option<&str>) -> Value {
    let test_ride = test_ride.map(|id| ("test_ride", id));
    let values: Vec<(&str, &str)> = names.values().into_iter().chain(test_ride).collect();
    caller::rendered(principal, &values)
}

/// A statement of the table of permissions that allows only these of its actions.
pub fn allowing(
    statement: &permissions::Statement,
    actions: &[&str],
    names: &Names<'_>,
    test_ride: &str,
) -> Value {
    let values = names.values().into_iter();
    let values: Vec<(&str, &str)> = values.chain([("test_ride", test_ride)]).collect();
    caller::statement(statement, actions, &values)
}
