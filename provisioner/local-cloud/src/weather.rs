//! How long AWS takes to make a change felt, and how often it fails on the way. Calm: never.
//!
//! Every life cycle in this crate is a moment in the stored state, compared with the clock when it
//! is read. Nothing sleeps, and nothing has to run for a table to become ACTIVE.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Millis;

/// The weather a cloud runs in: one of [`calm`](Weather::calm), [`aws`](Weather::aws) and
/// [`storm`](Weather::storm), or any mixture of their effects. What is drawn comes from the seed
/// and from how often it was drawn before, so the same calls meet the same weather.
///
/// ```
/// # use local_cloud::{Span, Weather};
/// let young_roles = Weather { role_assumable: Span::millis(30_000, 30_000), ..Weather::calm() };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weather {
    pub seed: u64,
    /// CreateTable until ACTIVE.
    pub table_creating: Span,
    /// UpdateTable until ACTIVE again, unless the billing mode changes.
    pub table_updating: Span,
    /// A first change of the billing mode until ACTIVE again.
    pub table_billing: Span,
    /// DeleteTable until the table is gone.
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
    /// An invocation until its last log arrives, which brings a deleted log group back if the
    /// role may create it.
    pub logs_late: Span,
    /// So many creations of functions end as Failed, those after them well.
    pub failed_creations: u64,
    /// So many updates of functions end as Failed; what was there before goes on serving.
    pub failed_updates: u64,
    pub faults: Faults,
}

/// Calls in a thousand that fail though nothing is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// Refused as asked too often; nothing is done.
    pub throttled: u16,
    /// Refused with a 5xx; nothing is done.
    pub failed: u16,
    /// The connection ends without an answer; nothing is done.
    pub dropped_before: u16,
    /// The connection ends without an answer; the call was carried out.
    pub dropped_after: u16,
    /// The same call on the same thing fails at most so often in a row.
    pub in_a_row: u32,
}

/// From the shortest to the longest time that something takes.
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

    /// The same, up to this many times as long.
    const fn stretched(self, times: u32) -> Span {
        Span {
            shortest: self.shortest,
            longest: self.longest.saturating_mul(times),
        }
    }

    fn draw(self, dice: u64) -> Millis {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (shortest, longest) = (millis(self.shortest), millis(self.longest));
        let width = longest.saturating_sub(shortest).saturating_add(1);
        Millis::try_from(shortest.saturating_add(dice % width)).unwrap_or(Millis::MAX)
    }
}

impl Weather {
    /// Every change is felt at once, and no call fails.
    pub fn calm() -> Weather {
        Weather::default()
    }

    /// The delays measured at AWS.
    pub const fn aws(seed: u64) -> Weather {
        Weather {
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
            faults: Faults {
                throttled: 0,
                failed: 0,
                dropped_before: 0,
                dropped_after: 0,
                in_a_row: 0,
            },
        }
    }

    /// Delays up to three times as long, and one call in ten throttled, failed or never answered.
    pub const fn storm(seed: u64) -> Weather {
        let aws = Weather::aws(seed);
        Weather {
            table_creating: aws.table_creating.stretched(3),
            table_updating: aws.table_updating.stretched(3),
            table_deleting: aws.table_deleting.stretched(3),
            backups_unavailable: aws.backups_unavailable.stretched(3),
            tags_visible: aws.tags_visible.stretched(3),
            tags_locked: aws.tags_locked.stretched(3),
            role_assumable: aws.role_assumable.stretched(3),
            policy_in_force: aws.policy_in_force.stretched(3),
            function_pending: aws.function_pending.stretched(3),
            function_updating: aws.function_updating.stretched(3),
            logs_late: aws.logs_late.stretched(3),
            faults: Faults {
                throttled: 40,
                failed: 20,
                dropped_before: 20,
                dropped_after: 20,
                in_a_row: 2,
            },
            ..aws
        }
    }

    fn span(&self, delay: Delay) -> Span {
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

/// The waits AWS imposes, one a kind: the fields of [`Weather`].
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

/// What happens to a call that nothing is wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    Throttled,
    Failed,
    DroppedBefore,
    DroppedAfter,
}

/// The weather as it goes on: its settings, and what was drawn so far.
#[derive(Debug)]
pub(crate) struct Sky {
    weather: Weather,
    drawn: [AtomicU64; Delay::LogsLate as usize + 1],
    failed_creations: AtomicU64,
    failed_updates: AtomicU64,
    calls: Mutex<HashMap<String, Calls>>,
}

/// The calls of one kind on one thing.
#[derive(Debug, Default)]
struct Calls {
    count: u64,
    struck_in_a_row: u32,
}

impl Sky {
    pub(crate) fn new(weather: Weather) -> Sky {
        Sky {
            weather,
            drawn: Default::default(),
            failed_creations: AtomicU64::new(0),
            failed_updates: AtomicU64::new(0),
            calls: Mutex::default(),
        }
    }

    /// When a change made `now` will be felt.
    pub(crate) fn after(&self, now: Millis, delay: Delay) -> Millis {
        let count = self.drawn[delay as usize].fetch_add(1, Ordering::Relaxed);
        let dice = dice(self.weather.seed, &[delay as u64, count]);
        now.saturating_add(self.weather.span(delay).draw(dice))
    }

    /// Whether the function that is being made will be Failed.
    pub(crate) fn fails_creation(&self) -> bool {
        let before = self.failed_creations.fetch_add(1, Ordering::Relaxed);
        before < self.weather.failed_creations
    }

    /// Whether the update that goes on will be Failed.
    pub(crate) fn fails_update(&self) -> bool {
        let before = self.failed_updates.fetch_add(1, Ordering::Relaxed);
        before < self.weather.failed_updates
    }

    /// What befalls the next call of an action on a subject.
    pub(crate) fn strike(&self, action: &str, subject: &str) -> Option<Strike> {
        let Faults {
            throttled,
            failed,
            dropped_before,
            dropped_after,
            in_a_row,
        } = self.weather.faults;
        let edges = [
            (throttled, Strike::Throttled),
            (failed, Strike::Failed),
            (dropped_before, Strike::DroppedBefore),
            (dropped_after, Strike::DroppedAfter),
        ];
        if in_a_row == 0 || edges.iter().all(|(share, _)| *share == 0) {
            return None;
        }
        let key = format!("{action} {subject}");
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let name = key.bytes().map(u64::from).collect::<Vec<_>>();
        let calls = calls.entry(key).or_default();
        let dice = dice(self.weather.seed, &[&name[..], &[calls.count]].concat()) % 1000;
        calls.count += 1;
        let mut edge = 0;
        let struck = edges.into_iter().find_map(|(share, strike)| {
            edge += u64::from(share);
            (dice < edge).then_some(strike)
        });
        let struck = struck.filter(|_| calls.struck_in_a_row < in_a_row);
        calls.struck_in_a_row = struck.map_or(0, |_| calls.struck_in_a_row + 1);
        struck
    }
}

/// SplitMix64 over the seed and what is drawn.
fn dice(seed: u64, what: &[u64]) -> u64 {
    what.iter()
        .fold(mixed(seed), |dice, part| mixed(dice ^ part))
}

fn mixed(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Delay, Sky, Strike, Weather};

    #[test]
    fn calm_weather_delays_nothing_and_strikes_nobody() {
        let sky = Sky::new(Weather::calm());
        for _ in 0..1000 {
            assert_eq!(sky.after(7, Delay::TableCreating), 7);
            assert_eq!(sky.strike("iam:GetRole", "R"), None);
        }
    }

    #[test]
    fn a_seed_tells_all_that_comes() {
        let drawn = |seed| {
            let sky = Sky::new(Weather::storm(seed));
            let delays: Vec<_> = (0..50)
                .map(|_| sky.after(0, Delay::PolicyInForce))
                .collect();
            let strikes: Vec<_> = (0..50).map(|_| sky.strike("iam:GetRole", "R")).collect();
            (delays, strikes)
        };
        assert_eq!(drawn(3), drawn(3));
        assert_ne!(drawn(3), drawn(4));
    }

    #[test]
    fn delays_stay_within_their_span_and_differ() {
        let sky = Sky::new(Weather::aws(1));
        let drawn: Vec<_> = (0..500)
            .map(|_| sky.after(0, Delay::RoleAssumable))
            .collect();
        assert!(drawn.iter().all(|delay| (5_000..=10_000).contains(delay)));
        assert!(drawn.iter().any(|delay| *delay < 6_000));
        assert!(drawn.iter().any(|delay| *delay > 9_000));
    }

    #[test]
    fn strikes_come_as_often_as_set_and_never_more_in_a_row() {
        let sky = Sky::new(Weather::storm(1));
        let (mut counts, mut row) = (std::collections::HashMap::new(), 0);
        for _ in 0..10_000 {
            let strike = sky.strike("dynamodb:PutItem", "T");
            row = strike.map_or(0, |_| row + 1);
            assert!(row <= 2);
            *counts.entry(strike.map(|strike| strike as u8)).or_insert(0) += 1;
        }
        let of = |strike: Strike| counts[&Some(strike as u8)];
        assert!((300..500).contains(&of(Strike::Throttled)), "{counts:?}");
        assert!((120..280).contains(&of(Strike::DroppedAfter)), "{counts:?}");
    }
}
