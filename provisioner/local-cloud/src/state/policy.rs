//! The record of a customer-managed policy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::account::ACCOUNT;
use crate::clock::Millis;
use crate::state::lagging::Lagging;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) path: String,
    /// `ANPA…`
    pub(crate) id: String,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) versions: BTreeMap<u64, PolicyVersion>,
    /// The number of the default version, and from when on it is in force.
    pub(crate) default: Lagging<u64>,
    /// Numbers are never reused.
    pub(crate) next_version: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PolicyVersion {
    /// As it was sent.
    pub(crate) document: String,
    pub(crate) created: Millis,
}

impl Policy {
    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT}:policy{}{}", self.path, self.name)
    }

    /// The document that is in force at `now`.
    pub(crate) fn document(&self, now: Millis) -> Option<&str> {
        let in_force = self.versions.get(self.default.seen(now));
        // A version that was deleted is in force no longer.
        let version = in_force.or_else(|| self.versions.get(self.default.written()));
        version.map(|version| version.document.as_str())
    }
}
