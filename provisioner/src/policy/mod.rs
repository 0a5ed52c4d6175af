//! The IAM documents of the stack: what is in `policies/`, with its placeholders filled in, and the
//! means to compare such a document with what IAM gives back.
//!
//! The files are read by people as much as by this module, so they are plain JSON with named
//! placeholders and are embedded in the binary: `provision` carries its declaration with it.

mod canonical;
mod check;
mod decode;
mod error;
mod grants;
mod render;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use canonical::{canonical, canonical_text};
pub use check::{Kind, check, size};
pub use decode::decode;
pub use error::PolicyError;
pub use grants::{grants, trusts};
pub use render::render;

/// Who may take the role: the Lambda service, on behalf of this account.
pub const TRUST: &str = include_str!("../../../policies/trust.json");
/// What the function may do to the table.
pub const DYNAMODB_WRITE_ACCESS: &str =
    include_str!("../../../policies/dynamodb-write-access.json");
/// What the function may do to its log group. `CreateLogGroup` is missing on purpose: with it, a
/// late invocation would bring the group back, without retention, after `down` removed it.
pub const WRITE_LOGS: &str = include_str!("../../../policies/write-logs.json");

/// The files of `policies/` as they were when this program was built.
pub const FILES: [(&str, &str); 3] = [
    ("trust.json", TRUST),
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
    let values = [
        ("partition", partition),
        ("account", account),
        ("region", region),
        ("table", table),
        ("log_group", log_group),
        ("role", role),
        ("function", function),
    ];
    // The templates are part of the binary and a test renders each: failing here is a broken build.
    render(template, &values).expect("the embedded policies are valid templates")
}
