//! The record of a table: what dynoxide does not store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Millis;
use crate::state::lagging::{Lagging, Stale};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Table {
    /// A table that is recreated under its name has another id.
    pub(crate) id: String,
    pub(crate) created: Millis,
    pub(crate) active_at: Millis,
    /// When the change in progress ends.
    #[serde(default)]
    pub(crate) updating_until: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gone_at: Option<Millis>,
    /// Indexes that the change in progress has created.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) new_indexes: Vec<String>,
    /// What the last count found, by index; the table itself has the empty name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) counts: BTreeMap<String, Counts>,
    pub(crate) counted: Millis,
    /// Partition key, then sort key.
    pub(crate) keys: Vec<String>,
    pub(crate) billing: Billing,
    pub(crate) protected: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) on_demand_limits: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) warm: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encryption: Option<Value>,
    pub(crate) tags: Lagging<Vec<(String, String)>>,
    #[serde(default)]
    pub(crate) locks: Locks,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) recovery: Option<Recovery>,
    /// The status of the recovery that reads still show.
    #[serde(default, skip_serializing_if = "Stale::is_empty")]
    pub(crate) stale_recovery: Stale<String>,
    /// The attribute by which items expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ttl: Option<String>,
}

/// The items of a table or an index, and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) items: i64,
    pub(crate) bytes: i64,
}

/// Until when an ACTIVE table refuses a change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Locks {
    /// During a change of its encryption the table cannot be deleted.
    pub(crate) encryption_until: Millis,
    pub(crate) backups_until: Millis,
    /// Until when the calls for backups do not find the table.
    #[serde(default)]
    pub(crate) backups_unseen_until: Millis,
    #[serde(default)]
    pub(crate) ttl_until: Millis,
    pub(crate) protection_until: Millis,
    pub(crate) tags_until: Millis,
    /// The tags that the last change has set.
    pub(crate) tags_in_flight: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Billing {
    /// Read and write capacity, of a provisioned table only.
    pub(crate) provisioned: Option<(i64, i64)>,
    /// When it last became on demand. A table that never was on demand shows no billing summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) on_demand_since: Option<Millis>,
}

/// Point-in-time recovery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recovery {
    pub(crate) since: Millis,
    pub(crate) days: i64,
}

/// The system backup of a deleted table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Backup {
    pub(crate) id: String,
    pub(crate) table: String,
    pub(crate) table_id: String,
    pub(crate) created: Millis,
    pub(crate) expires: Millis,
    pub(crate) bytes: i64,
    /// The table's keys, capacity and counts, as DescribeBackup shows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<Value>,
    /// Its indexes, its stream, its TTL and its encryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) features: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Creating,
    Active,
    Updating,
    Deleting,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Creating => "CREATING",
            Status::Active => "ACTIVE",
            Status::Updating => "UPDATING",
            Status::Deleting => "DELETING",
        }
    }
}

impl Table {
    /// The table's status, or `None` once it is deleted.
    pub(crate) fn status(&self, now: Millis) -> Option<Status> {
        match self.gone_at {
            Some(gone_at) if gone_at <= now => None,
            Some(_) => Some(Status::Deleting),
            None if now < self.active_at => Some(Status::Creating),
            None if now < self.updating_until => Some(Status::Updating),
            None => Some(Status::Active),
        }
    }
}
