//! The names that the placeholders of `policies/` stand for.

/// Each under the same word.
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

pub const PLACEHOLDERS: [&str; 7] = [
    "partition",
    "account",
    "region",
    "table",
    "log_group",
    "role",
    "function",
];

impl<'a> Names<'a> {
    pub(super) fn values(&self) -> [(&'static str, &'a str); 7] {
        // Taken apart in full, so that a new name cannot be left out here.
        let Names {
            partition,
            account,
            region,
            table,
            log_group,
            role,
            function,
        } = *self;
        let values = [partition, account, region, table, log_group, role, function];
        std::array::from_fn(|index| (PLACEHOLDERS[index], values[index]))
    }
}
