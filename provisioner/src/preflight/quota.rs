//! When a quota is reached, and what to do about it. Pure.

use crate::error::Error;

/// Lambda's storage for the code of all functions and their versions in a region, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeStorage {
    pub region: String,
    pub used: u64,
    pub limit: u64,
    /// By the code that the plan uploads or publishes.
    pub needed: u64,
}

/// The roles of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    pub used: i32,
    pub limit: i32,
}

impl CodeStorage {
    /// The error if the code does not fit.
    pub fn exceeded(&self) -> Option<Error> {
        let CodeStorage {
            region,
            used,
            limit,
            needed,
        } = self;
        if used.saturating_add(*needed) <= *limit {
            return None;
        }
        let text = format!(
            "Lambda's code storage in {region} is full, so nothing was changed: {} of {} are used, and this plan \
             needs {} more",
            megabytes(*used),
            megabytes(*limit),
            megabytes(*needed)
        );
        Some(Error::refused(text).hint(format!(
            "delete versions of functions that are not used any more, or ask for a higher quota: {}",
            increase("lambda", "L-2ACBD22F", region)
        )))
    }
}

impl Roles {
    /// The error if no role can be created.
    pub fn exceeded(&self) -> Option<Error> {
        let Roles { used, limit } = self;
        if used < limit {
            return None;
        }
        let text = format!("the account has {used} of {limit} roles, so nothing was changed");
        // IAM's quotas are those of one region.
        Some(Error::refused(text).hint(format!(
            "delete roles that are not used any more, or ask for a higher quota: {}",
            increase("iam", "L-FE177D64", "us-east-1")
        )))
    }
}

fn increase(service: &str, quota: &str, region: &str) -> String {
    format!(
        "`aws service-quotas request-service-quota-increase --service-code {service} --quota-code {quota} \
         --region {region} --desired-value` and the number"
    )
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::{CodeStorage, Roles};

    #[test]
    fn code_fits_up_to_the_last_byte() {
        let storage = |used, needed| CodeStorage {
            region: "eu-west-1".to_owned(),
            used,
            limit: 75_000_000_000,
            needed,
        };
        assert!(storage(74_999_000_000, 1_000_000).exceeded().is_none());
        let error = storage(74_999_000_001, 1_000_000).exceeded().expect("full");
        assert_eq!(
            error.text,
            "Lambda's code storage in eu-west-1 is full, so nothing was changed: 75000 MB of 75000 MB are used, and \
             this plan needs 1 MB more"
        );
        assert!(storage(u64::MAX, 1).exceeded().is_some());
    }

    #[test]
    fn the_last_role_can_be_created() {
        let roles = |used| Roles { used, limit: 1000 };
        assert!(roles(999).exceeded().is_none());
        assert!(roles(1000).exceeded().is_some());
    }
}
