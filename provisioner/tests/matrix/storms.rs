//! The life cycle of a stack while AWS finds and shows everything late, and one call in ten is throttled,
//! fails or loses its response. The first `up` of all is killed at some moment.

use std::time::Duration;

use libtest_mimic::Trial;

use crate::seeds::seeds;
use crate::trial;
use crate::under_faults::{UnderFaults, converges};

/// A test for each seed, two of five with real rides: `storms::seed_0007`.
/// `PROVISION_TEST_STORM_SEEDS=1..1000` in `.ci/long`.
pub fn trials() -> Vec<Trial> {
    let seeds = seeds("PROVISION_TEST_STORM_SEEDS", 1..=25);
    let trials = seeds.map(|seed| trial(format!("storms::seed_{seed:04}"), move || storm(seed)));
    trials.collect()
}

fn storm(seed: u64) {
    let stack = match seed % 5 {
        0 | 1 => UnderFaults::new("storm", seed),
        _ => UnderFaults::without_rides("storm", seed),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    // Any moment of a first `up`, for neighboring seeds far apart.
    let killed_after = Duration::from_millis(seed * 7919 % 20_000);
    runtime.expect("a runtime").block_on(async {
        Box::pin(stack.up_killed(killed_after)).await;
        Box::pin(converges(&stack)).await;
    });
}
