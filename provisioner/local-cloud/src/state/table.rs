//! What is stored of a table besides its items, keys and indexes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Millis;
use crate::state::lagging::Lagging;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Table {
    /// A table made again under its name has another.
    pub(crate) id: String,
    pub(crate) created: Millis,
    pub(crate) active_at: Millis,
    /// Until then a change is going on.
    #[serde(default)]
    pub(crate) updating_until: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gone_at: Option<Millis>,
    /// As dynoxide described it when it was made, changed or counted last.
    pub(crate) description: Value,
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
    /// The attribute by which items expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ttl: Option<String>,
}

/// What an ACTIVE table doesn't take yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Locks {
    /// Until its encryption has changed it can't be deleted.
    pub(crate) encryption_until: Millis,
    pub(crate) backups_until: Millis,
    pub(crate) protection_until: Millis,
    pub(crate) tags_until: Millis,
    /// What the last change of tags set.
    pub(crate) tags_in_flight: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Billing {
    /// Read and write capacity of a provisioned table; none: on demand.
    pub(crate) provisioned: Option<(i64, i64)>,
    /// Since when it was on demand last; a table that never was has no billing summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) on_demand_since: Option<Millis>,
}

/// Point-in-time recovery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recovery {
    pub(crate) since: Millis,
    pub(crate) days: i64,
}

/// What a deleted table with point-in-time recovery leaves behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Backup {
    pub(crate) id: String,
    pub(crate) table: String,
    pub(crate) table_id: String,
    pub(crate) created: Millis,
    pub(crate) expires: Millis,
    pub(crate) bytes: i64,
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
    /// Where the table is in its life; none once it is gone.
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
