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
pub struct KnownValues {
    names: BTreeMap<String, String>,
    asked_for: BTreeMap<String, String>,
}

impl KnownValues {
    /// The name of a resource.
    pub fn add_name(&mut self, hash: String, name: &str) {
        self.names.insert(hash, name.to_owned());
    }

    /// A value of `--show-env`.
    pub fn add_asked_for(&mut self, hash: String, value: &str) {
        self.asked_for.insert(hash, value.to_owned());
    }

    /// Those that are no secrets whatever was asked for.
    pub fn names(&self) -> KnownValues {
        KnownValues {
            names: self.names.clone(),
            asked_for: BTreeMap::new(),
        }
    }

    /// The value that a hash stands for, or else the hash.
    pub fn shown<'a>(&'a self, hash: &'a str) -> &'a str {
        self.get(hash).unwrap_or(hash)
    }

    pub fn get(&self, hash: &str) -> Option<&str> {
        let value = self.names.get(hash).or_else(|| self.asked_for.get(hash));
        value.map(String::as_str)
    }
}
