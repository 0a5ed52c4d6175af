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
    /// ACTIVE until the calls for continuous backups find the table.
    pub backups_found: Span,
    /// The same until UpdateContinuousBackups is accepted.
    pub backups_unavailable: Span,
    /// UpdateContinuousBackups until DescribeContinuousBackups shows it: the old status for the first half,
    /// then ENABLING.
    pub recovery_shown: Span,
    /// UpdateTimeToLive until the next change is accepted.
    pub ttl_cooldown: Span,
    /// A change of a table's tags until ListTagsOfResource shows it.
    pub tags_visible: Span,
    /// A change of a table's tags until the next is accepted.
    pub tags_locked: Span,
    /// A change of the deletion protection until the next is accepted.
    pub protection_cooldown: Span,
    /// CreateRole until the role can be assumed.
    pub role_assumable: Span,
    /// CreateRole until a read finds the role. Each kind of read has its own delay.
    pub role_found: Span,
    /// CreateRole until a change finds the role. Each kind of change has its own delay.
    pub role_changeable: Span,
    /// CreateRole until GetRole shows the ARN, and not the role's id in its place.
    pub role_arn_shown: Span,
    /// A change of a role's policies, trust or tags until reads show it.
    pub policy_shown: Span,
    /// A change of a role's policies or trust until it is in force.
    pub policy_in_force: Span,
    /// CreateFunction until Active.
    pub function_pending: Span,
    /// An update of a function until Successful.
    pub function_updating: Span,
    /// CreateFunction until other calls find the function. Each kind of call has its own delay.
    pub function_found: Span,
    /// PublishVersion until other calls find the version. Each kind of call has its own delay.
    pub version_found: Span,
    /// CreateAlias until GetAlias finds the alias.
    pub alias_found: Span,
    /// A change of a function's tags until reads show it.
    pub function_tags_shown: Span,
    /// CreateLogGroup until other calls find the group. Each kind of call has its own delay.
    pub group_found: Span,
    /// A change of a group's retention until DescribeLogGroups shows it.
    pub retention_shown: Span,
    /// An invocation until its last log arrives. The log creates a deleted log group again if the
    /// role has the permission to.
    pub logs_late: Span,
    /// How many creations of functions end as Failed; later ones succeed.
    pub failed_creations: u64,
    /// How many updates of functions end as Failed; the previous version keeps serving.
    pub failed_updates: u64,
    /// PublishVersion answers the version published last although it was deleted, if `$LATEST` has not
    /// changed since. Otherwise it creates another version. AWS documents neither.
    pub answers_deleted_version: bool,
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

/// The range of a delay, and how often there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub shortest: Duration,
    pub longest: Duration,
    /// How many in a thousand are delayed. The others take effect at once.
    pub per_mille: u16,
}

impl Span {
    pub const fn millis(shortest: u64, longest: u64) -> Span {
        Span {
            shortest: Duration::from_millis(shortest),
            longest: Duration::from_millis(longest),
            per_mille: 1000,
        }
    }

    /// The same range, for so many in a thousand.
    pub const fn in_a_thousand(self, per_mille: u16) -> Span {
        Span { per_mille, ..self }
    }

    /// The same delay three times as long and twice as often.
    const fn in_a_storm(self) -> Span {
        let twice = self.per_mille * 2;
        Span {
            shortest: self.shortest,
            longest: self.longest.saturating_mul(3),
            per_mille: if twice > 1000 { 1000 } else { twice },
        }
    }

    /// A duration within the range, or none, in milliseconds.
    pub(crate) fn pick(self, random: u64) -> Millis {
        if (random >> 32) % 1000 >= u64::from(self.per_mille) {
            return 0;
        }
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (shortest, longest) = (millis(self.shortest), millis(self.longest));
        let width = longest.saturating_sub(shortest).saturating_add(1);
        Millis::try_from(shortest.saturating_add(random % width)).unwrap_or(Millis::MAX)
    }
}

impl FaultProfile {
    /// Every change takes effect at once, and no call fails. AWS's cooldowns are absent too: with them a
    /// `down` after an `up` would take 15 s, and a local test of time to live half an hour.
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
            backups_found: Span::millis(0, 700),
            backups_unavailable: Span::millis(1_400, 2_700),
            recovery_shown: Span::millis(1_000, 6_000),
            ttl_cooldown: Span::millis(31 * 60_000, 31 * 60_000),
            tags_visible: Span::millis(1_300, 3_000),
            tags_locked: Span::millis(1_500, 1_800),
            protection_cooldown: Span::millis(15_000, 15_000),
            role_assumable: Span::millis(5_000, 10_000),
            role_found: Span::millis(0, 8_000).in_a_thousand(500),
            role_changeable: Span::millis(0, 2_000).in_a_thousand(300),
            role_arn_shown: Span::millis(0, 2_000).in_a_thousand(100),
            policy_shown: Span::millis(0, 3_000).in_a_thousand(500),
            policy_in_force: Span::millis(2_000, 8_000),
            function_pending: Span::millis(1_000, 3_000),
            function_updating: Span::millis(1_000, 3_000),
            function_found: Span::millis(0, 1_000).in_a_thousand(300),
            version_found: Span::millis(0, 1_500).in_a_thousand(300),
            alias_found: Span::millis(0, 1_000).in_a_thousand(300),
            // Nobody has reported this; storms have it.
            function_tags_shown: Span::millis(0, 0),
            group_found: Span::millis(0, 1_000).in_a_thousand(300),
            retention_shown: Span::millis(0, 3_000).in_a_thousand(500),
            logs_late: Span::millis(1_000, 10_000),
            failed_creations: 0,
            failed_updates: 0,
            answers_deleted_version: seed % 2 == 1,
            rates: FaultRates {
                throttled: 0,
                failed: 0,
                dropped_before: 0,
                dropped_after: 0,
                in_a_row: 0,
            },
        }
    }

    /// Delays up to three times as long and more frequent; one call in ten is throttled, fails or gets no
    /// response.
    pub const fn storm(seed: u64) -> FaultProfile {
        let aws = FaultProfile::aws(seed);
        FaultProfile {
            table_creating: aws.table_creating.in_a_storm(),
            table_updating: aws.table_updating.in_a_storm(),
            table_deleting: aws.table_deleting.in_a_storm(),
            backups_found: aws.backups_found.in_a_storm(),
            backups_unavailable: aws.backups_unavailable.in_a_storm(),
            recovery_shown: aws.recovery_shown.in_a_storm(),
            tags_visible: aws.tags_visible.in_a_storm(),
            tags_locked: aws.tags_locked.in_a_storm(),
            role_assumable: aws.role_assumable.in_a_storm(),
            role_found: aws.role_found.in_a_storm(),
            role_changeable: aws.role_changeable.in_a_storm(),
            role_arn_shown: aws.role_arn_shown.in_a_storm(),
            policy_shown: aws.policy_shown.in_a_storm(),
            policy_in_force: aws.policy_in_force.in_a_storm(),
            function_pending: aws.function_pending.in_a_storm(),
            function_updating: aws.function_updating.in_a_storm(),
            function_found: aws.function_found.in_a_storm(),
            version_found: aws.version_found.in_a_storm(),
            alias_found: aws.alias_found.in_a_storm(),
            function_tags_shown: Span::millis(0, 5_000).in_a_thousand(300),
            group_found: aws.group_found.in_a_storm(),
            retention_shown: aws.retention_shown.in_a_storm(),
            logs_late: aws.logs_late.in_a_storm(),
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
            Delay::BackupsFound => self.backups_found,
            Delay::BackupsUnavailable => self.backups_unavailable,
            Delay::RecoveryShown => self.recovery_shown,
            Delay::TtlCooldown => self.ttl_cooldown,
            Delay::TagsVisible => self.tags_visible,
            Delay::TagsLocked => self.tags_locked,
            Delay::ProtectionCooldown => self.protection_cooldown,
            Delay::RoleAssumable => self.role_assumable,
            Delay::RoleFound => self.role_found,
            Delay::RoleChangeable => self.role_changeable,
            Delay::RoleArnShown => self.role_arn_shown,
            Delay::PolicyShown => self.policy_shown,
            Delay::PolicyInForce => self.policy_in_force,
            Delay::FunctionPending => self.function_pending,
            Delay::FunctionUpdating => self.function_updating,
            Delay::FunctionFound => self.function_found,
            Delay::VersionFound => self.version_found,
            Delay::AliasFound => self.alias_found,
            Delay::FunctionTagsShown => self.function_tags_shown,
            Delay::GroupFound => self.group_found,
            Delay::RetentionShown => self.retention_shown,
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
    BackupsFound,
    BackupsUnavailable,
    RecoveryShown,
    TtlCooldown,
    TagsVisible,
    TagsLocked,
    ProtectionCooldown,
    RoleAssumable,
    RoleFound,
    RoleChangeable,
    RoleArnShown,
    PolicyShown,
    PolicyInForce,
    FunctionPending,
    FunctionUpdating,
    FunctionFound,
    VersionFound,
    AliasFound,
    FunctionTagsShown,
    GroupFound,
    RetentionShown,
    LogsLate,
}

impl Delay {
    pub(crate) const COUNT: usize = Delay::LogsLate as usize + 1;
}
