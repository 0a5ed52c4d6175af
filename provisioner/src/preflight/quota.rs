//! When the code storage is full. Pure.

use crate::aws::quotas::CODE_STORAGE;
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
        Some(Error::refused(text).hint(CODE_STORAGE.hint()))
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::CodeStorage;

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
}
