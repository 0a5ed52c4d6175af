//! The document itself: one for the whole cloud, stored as one file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::state::function::Function;
use crate::state::keys::Keys;
use crate::state::log_group::{LogGroup, RetentionPolicy};
use crate::state::role::Iam;
use crate::state::table::{Backup, Status, Table};

/// Raised when the document's shape changes; an older version then refuses the newer file.
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

/// What belongs to one region. IAM is global.
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) retention_policies: Vec<RetentionPolicy>,
    /// When the last delayed log of a group arrives, by group. Its arrival creates the group again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) late_logs: BTreeMap<String, Millis>,
}

static EMPTY_REGION: Region = Region {
    tables: BTreeMap::new(),
    backups: Vec::new(),
    functions: BTreeMap::new(),
    log_groups: BTreeMap::new(),
    retention_policies: Vec::new(),
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

    /// A region, which is empty until the first write to it.
    pub(crate) fn region(&self, name: &str) -> &Region {
        self.regions.get(name).unwrap_or(&EMPTY_REGION)
    }

    pub(crate) fn region_mut(&mut self, name: &str) -> &mut Region {
        self.regions.entry(name.to_owned()).or_default()
    }

    /// The functions of all regions.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &Function> {
        self.regions
            .values()
            .flat_map(|region| region.functions.values())
    }
}

impl Region {
    /// A table that exists at `now`, with its status.
    pub(crate) fn table(&self, name: &str, now: Millis) -> Option<(&Table, Status)> {
        let table = self.tables.get(name)?;
        Some((table, table.status(now)?))
    }
}
