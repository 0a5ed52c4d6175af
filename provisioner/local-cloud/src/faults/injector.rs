//! Draws delays and failures from a profile.
//!
//! Every life cycle in this crate is a moment in the stored state that is compared with the clock
//! when it is read. Nothing sleeps, and no task has to run for a table to become ACTIVE.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::clock::Millis;
use crate::faults::profile::{Delay, FaultProfile, FaultRates};

/// The failure of a call whose request is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Throttled,
    Failed,
    DroppedBefore,
    DroppedAfter,
}

/// A profile, and how many values were drawn from it.
#[derive(Debug)]
pub(crate) struct FaultInjector {
    profile: FaultProfile,
    delays: [AtomicU64; Delay::COUNT],
    creations: AtomicU64,
    updates: AtomicU64,
    calls: Mutex<HashMap<String, Calls>>,
}

/// The calls of one action on one resource.
#[derive(Debug, Default)]
struct Calls {
    count: u64,
    failed_in_a_row: u32,
}

impl FaultInjector {
    pub(crate) fn new(profile: FaultProfile) -> FaultInjector {
        FaultInjector {
            profile,
            delays: Default::default(),
            creations: AtomicU64::new(0),
            updates: AtomicU64::new(0),
            calls: Mutex::default(),
        }
    }

    /// The longest of these delays.
    pub(crate) fn longest(&self, delays: &[Delay]) -> Millis {
        let longest = delays.iter().map(|delay| self.profile.span(*delay).longest);
        let longest = longest.max().unwrap_or_default().as_millis();
        Millis::try_from(longest).unwrap_or(Millis::MAX)
    }

    /// When a change made at `now` takes effect.
    pub(crate) fn after(&self, now: Millis, delay: Delay) -> Millis {
        let count = self.delays[delay as usize].fetch_add(1, Ordering::Relaxed);
        let random = random(self.profile.seed, [delay as u64, count]);
        now.saturating_add(self.profile.span(delay).pick(random))
    }

    /// The same for each of these actions, which have delays of their own.
    pub(crate) fn each_after<'a>(
        &self,
        now: Millis,
        delay: Delay,
        actions: &'a [&'static str],
    ) -> impl Iterator<Item = (&'static str, Millis)> + use<'_, 'a> {
        let actions = actions.iter();
        actions.map(move |action| (*action, self.after(now, delay)))
    }

    /// Whether the next creation of a function ends as Failed.
    pub(crate) fn fails_creation(&self) -> bool {
        self.creations.fetch_add(1, Ordering::Relaxed) < self.profile.failed_creations
    }

    /// Whether the next update of a function ends as Failed.
    pub(crate) fn fails_update(&self) -> bool {
        self.updates.fetch_add(1, Ordering::Relaxed) < self.profile.failed_updates
    }

    pub(crate) fn answers_deleted_version(&self) -> bool {
        self.profile.answers_deleted_version
    }

    /// The fault of the next call of an action on a resource, if it is to have one.
    pub(crate) fn next_fault(&self, action: &str, resource: &str) -> Option<Fault> {
        let FaultRates {
            throttled,
            failed,
            dropped_before,
            dropped_after,
            in_a_row,
        } = self.profile.rates;
        let rates = [
            (throttled, Fault::Throttled),
            (failed, Fault::Failed),
            (dropped_before, Fault::DroppedBefore),
            (dropped_after, Fault::DroppedAfter),
        ];
        if in_a_row == 0 || rates.iter().all(|(rate, _)| *rate == 0) {
            return None;
        }
        let key = format!("{action} {resource}");
        let name: Vec<u64> = key.bytes().map(u64::from).collect();
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = calls.entry(key).or_default();
        let random = random(self.profile.seed, name.into_iter().chain([calls.count])) % 1000;
        calls.count += 1;
        let mut limit = 0;
        let fault = rates.into_iter().find_map(|(rate, fault)| {
            limit += u64::from(rate);
            (random < limit).then_some(fault)
        });
        let fault = fault.filter(|_| calls.failed_in_a_row < in_a_row);
        calls.failed_in_a_row = fault.map_or(0, |_| calls.failed_in_a_row + 1);
        fault
    }
}

/// A random number that depends on the seed and on the parts alone. Each number has a generator of
/// its own: requests run concurrently, and one must not change what another draws.
fn random(seed: u64, parts: impl IntoIterator<Item = u64>) -> u64 {
    let next = |seed: u64| fastrand::Rng::with_seed(seed).u64(..);
    parts
        .into_iter()
        .fold(next(seed), |state, part| next(state ^ part))
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultInjector};
    use crate::faults::profile::{Delay, FaultProfile};

    #[test]
    fn a_calm_profile_injects_nothing() {
        let injector = FaultInjector::new(FaultProfile::calm());
        for _ in 0..1000 {
            assert_eq!(injector.after(7, Delay::TableCreating), 7);
            assert_eq!(injector.next_fault("iam:GetRole", "R"), None);
        }
    }

    #[test]
    fn equal_seeds_give_equal_delays_and_faults() {
        let drawn = |seed| {
            let injector = FaultInjector::new(FaultProfile::storm(seed));
            let delays: Vec<_> = (0..50)
                .map(|_| injector.after(0, Delay::PolicyInForce))
                .collect();
            let faults: Vec<_> = (0..50)
                .map(|_| injector.next_fault("iam:GetRole", "R"))
                .collect();
            (delays, faults)
        };
        assert_eq!(drawn(3), drawn(3));
        assert_ne!(drawn(3), drawn(4));
    }

    #[test]
    fn delays_vary_within_their_range() {
        let injector = FaultInjector::new(FaultProfile::aws(1));
        let drawn: Vec<_> = (0..500)
            .map(|_| injector.after(0, Delay::RoleAssumable))
            .collect();
        assert!(drawn.iter().all(|delay| (5_000..=10_000).contains(delay)));
        assert!(drawn.iter().any(|delay| *delay < 6_000));
        assert!(drawn.iter().any(|delay| *delay > 9_000));
    }

    #[test]
    fn faults_keep_their_rates_and_their_limit_in_a_row() {
        let injector = FaultInjector::new(FaultProfile::storm(1));
        let (mut counts, mut row) = (std::collections::HashMap::new(), 0);
        for _ in 0..10_000 {
            let fault = injector.next_fault("dynamodb:PutItem", "T");
            row = fault.map_or(0, |_| row + 1);
            assert!(row <= 2);
            *counts.entry(fault.map(|fault| fault as u8)).or_insert(0) += 1;
        }
        let of = |fault: Fault| counts[&Some(fault as u8)];
        assert!((300..500).contains(&of(Fault::Throttled)), "{counts:?}");
        assert!((120..280).contains(&of(Fault::DroppedAfter)), "{counts:?}");
    }
}
