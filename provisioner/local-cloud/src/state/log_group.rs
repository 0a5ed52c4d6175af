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
    #[serde(default)]
    pub(crate) deletion_protection: bool,
}

/// A policy of the account that sets the retention of its log groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RetentionPolicy {
    pub(crate) name: String,
    pub(crate) document: String,
    /// `None`: events never expire.
    pub(crate) days: Option<i64>,
    /// Only for groups that are created later.
    pub(crate) new_only: bool,
    pub(crate) updated: Millis,
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
            deletion_protection: false,
        }
    }

    /// The days that events are kept, and the policy that sets them: of those that apply, the one with the
    /// longest retention; the group's own otherwise.
    pub(crate) fn retention<'a>(
        &self,
        policies: &'a [RetentionPolicy],
    ) -> (Option<i64>, Option<&'a str>) {
        let policies = policies.iter();
        let applying = policies.filter(|policy| !policy.new_only || self.created >= policy.updated);
        // Of equal ones the first.
        let longest = applying
            .rev()
            .max_by_key(|policy| policy.days.unwrap_or(i64::MAX));
        match longest {
            Some(policy) => (policy.days, Some(&policy.name)),
            None => (self.retention_days, None),
        }
    }

    /// When the retention period begins: older events are not shown.
    pub(crate) fn kept_since(&self, policies: &[RetentionPolicy], now: Millis) -> Millis {
        const DAY: Millis = 24 * 3600 * 1000;
        let (days, _) = self.retention(policies);
        days.map_or(Millis::MIN, |days| now - days * DAY)
    }
}
