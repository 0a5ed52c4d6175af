//! The quotas of an account that a stack may reach, and how to raise each.

/// A quota, as Service Quotas names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    service: &'static str,
    code: &'static str,
    /// What counts.
    of: &'static str,
}

/// Lambda's storage for the code of all functions and their versions in a region.
pub const CODE_STORAGE: Quota = Quota {
    service: "lambda",
    code: "L-2ACBD22F",
    of: "versions of functions",
};

const ROLES: Quota = Quota {
    service: "iam",
    code: "L-FE177D64",
    of: "roles",
};

impl Quota {
    /// The quota that an error is about.
    pub fn reached(code: &str, message: &str) -> Option<Quota> {
        match code {
            "CodeStorageExceededException" => Some(CODE_STORAGE),
            "LimitExceeded" if message.contains("RolesPerAccount") => Some(ROLES),
            _ => None,
        }
    }

    pub fn hint(self) -> String {
        let Quota { service, code, of } = self;
        format!(
            "delete {of} that are not used any more, or ask for more: `aws service-quotas \
             request-service-quota-increase --service-code {service} --quota-code {code} --desired-value` and \
             the number"
        )
    }
}
