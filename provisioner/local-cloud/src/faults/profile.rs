//! Which delays and failures are injected, and how long or how often.

use std::time::Duration;

use crate::clock::Millis;

/// The delays and failures of a cloud: [`calm`](FaultProfile::calm), [`aws`](FaultProfile::aws),
/// [`storm`](FaultProfile::storm), or any mixture of their fields. Each random value depends on the
/// seed and on the number of values drawn before, so equal calls get equal delays and failures.
///
/// ```
/// # use local_cloud::{FaultProfile, Span};
/// let slow_roles = FaultProfile { role_assumable: Span::millis(30_000, 30_000), ..FaultProfile::calm() };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FaultProfile {
    pub seed: u64,
    /// CreateTable until ACTIVE.
    pub table_creating: Span,
    /// UpdateTable until ACTIVE again, unless the billing mode changes.
    pub table_updating: Span,
    /// A first change of the billing mode until ACTIVE again.
    pub table_billing: Span,
    /// DeleteTable until the table no longer exists.
    pub table_deleting: Span,
    /// ACTIVE until UpdateContinuousBackups is accepted.
    pub backups_unavailable: Span,
    /// A change of a table's tags until ListTagsOfResource shows it.
    pub tags_visible: Span,
    /// A change of a table's tags until the next is accepted.
    pub tags_locked: Span,
    /// A change of the deletion protection until the next is accepted.
    pub protection_cooldown: Span,
    /// CreateRole until the role can be assumed.
    pub role_assumable: Span,
    /// A change of a role's policies or trust until it is in force.
    pub policy_in_force: Span,
    /// CreateFunction until Active.
    pub function_pending: Span,
    /// An update of a function until Successful.
    pub function_updating: Span,
    /// An invocation until its last log arrives. The log creates a deleted log group again if the
    /// role has the permission to.
    pub logs_late: Span,
    /// How many creations of functions end as Failed; later ones succeed.
    pub failed_creations: u64,
    /// How many updates of functions end as Failed; the previous version keeps serving.
    pub failed_updates: u64,
    pub rates: FaultRates,
}

/// How many calls in a thousand fail although the request is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FaultRates {
    /// Answered with a throttling error; nothing is changed.
    pub throttled: u16,
    /// Answered with a 5xx; nothing is changed.
    pub failed: u16,
    /// The connection is closed without a response; nothing is changed.
    pub dropped_before: u16,
    /// The connection is closed without a response, after the call has taken effect.
    pub dropped_after: u16,
    /// How often in a row the same call on the same resource may fail.
    pub in_a_row: u32,
}

/// The range of a delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub shortest: Duration,
    pub longest: Duration,
}

impl Span {
    pub const fn millis(shortest: u64, longest: u64) -> Span {
        Span {
            shortest: Duration::from_millis(shortest),
            longest: Duration::from_millis(longest),
        }
    }

    /// The same range with its upper end multiplied.
    const fn with_longest_times(self, times: u32) -> Span {
        Span {
            shortest: self.shortest,
            longest: self.longest.saturating_mul(times),
        }
    }

    /// A duration within the range, in milliseconds.
    pub(crate) fn pick(self, random: u64) -> Millis {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (shortest, longest) = (millis(self.shortest), millis(self.longest));
        let width = longest.saturating_sub(shortest).saturating_add(1);
        Millis::try_from(shortest.saturating_add(random % width)).unwrap_or(Millis::MAX)
    }
}

impl FaultProfile {
    /// Every change takes effect at once, and no call fails.
    pub fn calm() -> FaultProfile {
        FaultProfile::default()
    }

    /// The delays measured at AWS.
    pub const fn aws(seed: u64) -> FaultProfile {
        FaultProfile {
            seed,
            table_creating: Span::millis(1_000, 8_000),
            table_updating: Span::millis(4_000, 5_000),
            table_billing: Span::millis(60_000, 172_000),
            table_deleting: Span::millis(4_000, 7_400),
            backups_unavailable: Span::millis(1_400, 2_700),
            tags_visible: Span::millis(1_300, 3_000),
            tags_locked: Span::millis(1_500, 1_800),
            protection_cooldown: Span::millis(15_000, 15_000),
            role_assumable: Span::millis(5_000, 10_000),
            policy_in_force: Span::millis(2_000, 8_000),
            function_pending: Span::millis(1_000, 3_000),
            function_updating: Span::millis(1_000, 3_000),
            logs_late: Span::millis(1_000, 10_000),
            failed_creations: 0,
            failed_updates: 0,
            rates: FaultRates {
                throttled: 0,
                failed: 0,
                dropped_before: 0,
                dropped_after: 0,
                in_a_row: 0,
            },
        }
    }

    /// Delays up to three times as long; one call in ten is throttled, fails or gets no response.
    pub const fn storm(seed: u64) -> FaultProfile {
        let aws = FaultProfile::aws(seed);
        FaultProfile {
            table_creating: aws.table_creating.with_longest_times(3),
            table_updating: aws.table_updating.with_longest_times(3),
            table_deleting: aws.table_deleting.with_longest_times(3),
            backups_unavailable: aws.backups_unavailable.with_longest_times(3),
            tags_visible: aws.tags_visible.with_longest_times(3),
            tags_locked: aws.tags_locked.with_longest_times(3),
            role_assumable: aws.role_assumable.with_longest_times(3),
            policy_in_force: aws.policy_in_force.with_longest_times(3),
            function_pending: aws.function_pending.with_longest_times(3),
            function_updating: aws.function_updating.with_longest_times(3),
            logs_late: aws.logs_late.with_longest_times(3),
            rates: FaultRates {
                throttled: 40,
                failed: 20,
                dropped_before: 20,
                dropped_after: 20,
                in_a_row: 2,
            },
            ..aws
        }
    }

    pub(crate) fn span(&self, delay: Delay) -> Span {
        match delay {
            Delay::TableCreating => self.table_creating,
            Delay::TableUpdating => self.table_updating,
            Delay::TableBilling => self.table_billing,
            Delay::TableDeleting => self.table_deleting,
            Delay::BackupsUnavailable => self.backups_unavailable,
            Delay::TagsVisible => self.tags_visible,
            Delay::TagsLocked => self.tags_locked,
            Delay::ProtectionCooldown => self.protection_cooldown,
            Delay::RoleAssumable => self.role_assumable,
            Delay::PolicyInForce => self.policy_in_force,
            Delay::FunctionPending => self.function_pending,
            Delay::FunctionUpdating => self.function_updating,
            Delay::LogsLate => self.logs_late,
        }
    }
}

/// The delays, by their fields in [`FaultProfile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delay {
    TableCreating,
    TableUpdating,
    TableBilling,
    TableDeleting,
    BackupsUnavailable,
    TagsVisible,
    TagsLocked,
    ProtectionCooldown,
    RoleAssumable,
    PolicyInForce,
    FunctionPending,
    FunctionUpdating,
    LogsLate,
}

impl Delay {
    pub(crate) const COUNT: usize = Delay::LogsLate as usize + 1;
}
