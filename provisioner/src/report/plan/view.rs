//! What a plan is shown with: the account and region it is for, and how much of it is shown.

use std::collections::BTreeMap;

use crate::engine::observed::Inventory;

/// Everything besides the plan that its text depends on.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub inventory: &'a Inventory,
    pub values: &'a KnownValues,
    /// All attributes, with hashes and whole ARNs.
    pub verbose: bool,
    /// Not with `--skip-test-ride`.
    pub takes_test_ride: bool,
}

/// Values of environment variables that may be shown, by the hashes that stand for them in a plan. All other
/// values may be secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownValues(BTreeMap<String, String>);

impl KnownValues {
    pub fn add(&mut self, hash: String, value: &str) {
        self.0.insert(hash, value.to_owned());
    }

    /// The value that a hash stands for, or else the hash.
    pub fn shown<'a>(&'a self, hash: &'a str) -> &'a str {
        self.get(hash).unwrap_or(hash)
    }

    pub fn get(&self, hash: &str) -> Option<&str> {
        self.0.get(hash).map(String::as_str)
    }
}
