//! The IAM policies of the stack: the files in `policies/` with their placeholders filled in, and the means
//! to compare them with the documents that IAM returns.
//!
//! The files are read by people as much as by this module, so they are plain JSON with named
//! placeholders and are embedded in the binary: the binary contains its declaration.

mod actions;
mod caller;
mod canonical;
mod coverage;
mod decode;
mod deltas;
mod error;
mod fault;
mod grammar;
mod grants;
mod nearest;
mod permission;
pub mod permissions;
mod places;
mod render;
mod statements;
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
pub use grammar::{Kind, check};
pub use grants::{grants, trusts};
pub use render::render;
pub use statements::{Statement, StatementChanges, statement_changes};

/// The trust policy of the role: the Lambda service, on behalf of this account.
pub const TRUST: &str = include_str!("../../../policies/trust.json");
/// The permissions on the table.
pub const DYNAMODB_WRITE_ACCESS: &str =
    include_str!("../../../policies/dynamodb-write-access.json");
/// The permissions on the log group. `CreateLogGroup` is omitted on purpose: with it, a late log event would
/// create the group again, without retention, after `down` deleted it.
pub const WRITE_LOGS: &str = include_str!("../../../policies/write-logs.json");

/// The file of the trust policy; the others have permissions.
pub const TRUST_FILE: &str = "trust.json";

/// The files of `policies/` as they were when this program was built.
pub const FILES: [(&str, &str); 3] = [
    (TRUST_FILE, TRUST),
    ("dynamodb-write-access.json", DYNAMODB_WRITE_ACCESS),
    ("write-logs.json", WRITE_LOGS),
];

/// The names that the placeholders of `policies/` stand for, under the same words.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …: taken from GetCallerIdentity, never assumed.
    pub partition: &'a str,
    pub account: &'a str,
    pub region: &'a str,
    pub table: &'a str,
    pub log_group: &'a str,
    pub role: &'a str,
    pub function: &'a str,
}

/// A document of `policies/` with its placeholders filled in.
pub fn fill(template: &str, names: &Names<'_>) -> Value {
    // The templates are part of the binary and a test renders each: failing here is a broken build.
    render(template, &values(names)).expect("the embedded policies are valid templates")
}

/// The policy of a caller. `test_ride` is the ID of the stage's test ride, or `None` in a policy for many
/// stages.
pub fn of_caller(principal: Principal, names: &Names<'_>, test_ride: Option<&str>) -> Value {
    let test_ride = test_ride.map(|id| ("test_ride", id));
    let values: Vec<(&str, &str)> = values(names).into_iter().chain(test_ride).collect();
    caller::rendered(principal, &values)
}

/// A statement of the table of permissions that allows only these of its actions.
pub fn allowing(
    statement: &permissions::Statement,
    actions: &[&str],
    names: &Names<'_>,
    test_ride: &str,
) -> Value {
    let values = values(names).into_iter();
    let values: Vec<(&str, &str)> = values.chain([("test_ride", test_ride)]).collect();
    caller::statement(statement, actions, &values)
}

fn values<'a>(names: &Names<'a>) -> [(&'static str, &'a str); 7] {
    // Taken apart in full, so that a new name cannot be left out here.
    let Names {
        partition,
        account,
        region,
        table,
        log_group,
        role,
        function,
    } = *names;
    [
        ("partition", partition),
        ("account", account),
        ("region", region),
        ("table", table),
        ("log_group", log_group),
        ("role", role),
        ("function", function),
    ]
}
