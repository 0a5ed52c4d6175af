//! Everything the cloud remembers besides items, zips and log events: one document, one file.
//!
//! A change is made on a copy, saved, and only then seen: what was answered is on disk, and a save
//! that fails changes nothing.

mod alive;
pub(crate) mod file;
mod lagging;
mod store;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use alive::Alive;
pub(crate) use lagging::Lagging;
pub(crate) use store::Store;

use crate::clock::Millis;
use crate::dynamodb::model::{Backup, Table};
use crate::iam::model::Iam;
use crate::identity::session::Keys;
use crate::lambda::model::Function;
use crate::logs::model::LogGroup;

/// Raised when the document's shape changes; an older cloud then refuses the newer file.
pub(crate) const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) format: u32,
    pub(crate) keys: Keys,
    #[serde(default)]
    pub(crate) iam: Iam,
    #[serde(default)]
    pub(crate) regions: BTreeMap<String, Region>,
}

/// What belongs to one region; IAM belongs to none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Region {
    #[serde(default)]
    pub(crate) tables: BTreeMap<String, Table>,
    #[serde(default)]
    pub(crate) backups: Vec<Backup>,
    #[serde(default)]
    pub(crate) functions: BTreeMap<String, Function>,
    #[serde(default)]
    pub(crate) log_groups: BTreeMap<String, LogGroup>,
    /// When the last log on its way arrives, by group: it brings the group back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) late_logs: BTreeMap<String, Millis>,
}

static NOWHERE: Region = Region {
    tables: BTreeMap::new(),
    backups: Vec::new(),
    functions: BTreeMap::new(),
    log_groups: BTreeMap::new(),
    late_logs: BTreeMap::new(),
};

impl State {
    pub(crate) fn new(keys: Keys) -> State {
        State {
            format: FORMAT,
            keys,
            iam: Iam::default(),
            regions: BTreeMap::new(),
        }
    }

    /// A region nobody has written to yet is empty.
    pub(crate) fn region(&self, name: &str) -> &Region {
        self.regions.get(name).unwrap_or(&NOWHERE)
    }

    pub(crate) fn region_mut(&mut self, name: &str) -> &mut Region {
        self.regions.entry(name.to_owned()).or_default()
    }
}
