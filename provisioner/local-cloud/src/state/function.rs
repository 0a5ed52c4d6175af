//! The record of a function: its versions, aliases, tags and policies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Millis;
use crate::state::lagging::Stale;
use crate::state::unseen::Unseen;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// A function that is recreated under its name has another id.
    pub(crate) id: String,
    pub(crate) latest: Version,
    #[serde(default)]
    pub(crate) published: BTreeMap<u64, Version>,
    /// Numbers are never reused.
    pub(crate) next_version: u64,
    /// The version that was published last, if it was deleted since and is still answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted_last: Option<Box<(u64, Version)>>,
    #[serde(default)]
    pub(crate) aliases: BTreeMap<String, Alias>,
    #[serde(default)]
    pub(crate) tags: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Stale::is_empty")]
    pub(crate) stale_tags: Stale<Vec<(String, String)>>,
    #[serde(default, skip_serializing_if = "Unseen::is_empty")]
    pub(crate) unseen: Unseen,
    /// Resource policies by qualifier; the empty one is the function's own.
    #[serde(default)]
    pub(crate) policies: BTreeMap<String, ResourcePolicy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reserved_concurrency: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) config: Config,
    pub(crate) code: Code,
    /// The id of the role that can decrypt the environment variables: of the role that the function was
    /// created with, or that its ARN was last changed to. A role that is recreated under its name has another
    /// id, and a published version keeps the one that it was published with.
    pub(crate) role_id: String,
    pub(crate) modified: Millis,
    /// The revision ids during a change, and after it has settled.
    pub(crate) revision: String,
    pub(crate) settled_revision: String,
    pub(crate) settles_at: Millis,
    /// The kind of change that settles.
    pub(crate) change: Change,
    /// The change ends as Failed.
    #[serde(default)]
    pub(crate) failed: bool,
    /// Published versions only: the description of `$LATEST`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) published_from: Option<String>,
    /// Serves until the change has settled, and afterwards if it has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Box<Version>>,
    #[serde(default, skip_serializing_if = "Unseen::is_empty")]
    pub(crate) unseen: Unseen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Change {
    Creation,
    Update,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Code {
    /// In hex; names the file that holds the zip.
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Config {
    pub(crate) description: String,
    pub(crate) role: String,
    pub(crate) handler: String,
    pub(crate) runtime: String,
    pub(crate) timeout: i64,
    pub(crate) memory: i64,
    /// `None` if it was never set, empty if its variables were removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<BTreeMap<String, String>>,
    pub(crate) architecture: String,
    pub(crate) ephemeral_storage: i64,
    pub(crate) tracing: String,
    pub(crate) log_format: String,
    pub(crate) log_group: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) application_log_level: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) system_log_level: Option<String>,
    pub(crate) snap_start: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) revision: String,
    /// Versions that get a share of the calls.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) weights: BTreeMap<String, f64>,
    #[serde(default, skip_serializing_if = "Unseen::is_empty")]
    pub(crate) unseen: Unseen,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ResourcePolicy {
    pub(crate) statements: Vec<Value>,
}

impl Version {
    pub(crate) fn is_settled(&self, now: Millis) -> bool {
        self.settles_at <= now
    }

    pub(crate) fn revision(&self, now: Millis) -> &str {
        if self.is_settled(now) {
            &self.settled_revision
        } else {
            &self.revision
        }
    }

    /// The version that invocations run: the previous one during a change and after a failed one.
    pub(crate) fn serving(&self, now: Millis) -> &Version {
        match &self.before {
            Some(before) if !self.is_settled(now) || self.failed => before,
            _ => self,
        }
    }
}

impl Function {
    pub(crate) const LATEST: &'static str = "$LATEST";

    /// The version of `$LATEST`, a number or an alias, with the version's own name.
    pub(crate) fn resolve(&self, qualifier: Option<&str>) -> Option<(&Version, String)> {
        match qualifier {
            None | Some(Function::LATEST) => Some((&self.latest, Function::LATEST.to_owned())),
            Some(qualifier) => match qualifier.parse::<u64>() {
                Ok(number) => self.published.get(&number).map(|v| (v, number.to_string())),
                Err(_) => self.resolve(Some(&self.aliases.get(qualifier)?.version)),
            },
        }
    }

    pub(crate) fn versions(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.latest).chain(self.published.values())
    }

    /// The versions, and those that serve while a change settles.
    pub(crate) fn all_versions(&self) -> impl Iterator<Item = &Version> {
        self.versions()
            .flat_map(|v| std::iter::once(v).chain(v.before.as_deref()))
    }

    /// The digests of all zips that this function needs.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        self.all_versions().map(|v| v.code.sha256.as_str())
    }
}
