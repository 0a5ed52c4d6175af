//! The record of a log group.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::state::lagging::Stale;
use crate::state::unseen::Unseen;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LogGroup {
    /// Names the folder of its events: a group that is recreated under its name is empty.
    pub(crate) id: String,
    pub(crate) created: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retention_days: Option<i64>,
    /// What DescribeLogGroups still shows.
    #[serde(default, skip_serializing_if = "Stale::is_empty")]
    pub(crate) stale_retention: Stale<Option<i64>>,
    #[serde(default, skip_serializing_if = "Unseen::is_empty")]
    pub(crate) unseen: Unseen,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<(String, String)>,
}

impl LogGroup {
    pub(crate) fn new(now: Millis) -> LogGroup {
        let id = crate::random::uuid();
        LogGroup {
            id,
            created: now,
            retention_days: None,
            stale_retention: Stale::default(),
            unseen: Unseen::default(),
            tags: Vec::new(),
        }
    }

    /// When the retention period begins: older events are not shown.
    pub(crate) fn kept_since(&self, now: Millis) -> Millis {
        const DAY: Millis = 24 * 3600 * 1000;
        self.retention_days
            .map_or(Millis::MIN, |days| now - days * DAY)
    }
}
