//! Two calls of one run fail, whichever and however the seed says.

use libtest_mimic::Trial;

use crate::calls::calls;
use crate::crash::{Command, survives};
use crate::proxy::{At, Fault, When};
use crate::seeds::seeds;
use crate::trial;

/// A test for each seed: `pairs::seed_003`. `PROVISION_TEST_PAIRS=1..500` in `.ci/long`.
pub fn trials() -> Vec<Trial> {
    let seeds = seeds("PROVISION_TEST_PAIRS", 1..=8);
    let trials = seeds.map(|seed| trial(format!("pairs::seed_{seed:03}"), move || pair(seed)));
    trials.collect()
}

fn pair(seed: u64) {
    const FAULTS: [Fault; 4] = [
        Fault::Error,
        Fault::Throttle,
        Fault::Drop(When::Before),
        Fault::Drop(When::After),
    ];
    let mut random = fastrand::Rng::with_seed(seed);
    let mut below = |limit: usize| random.usize(..limit);
    let command = Command::ALL[below(Command::ALL.len())];
    let calls = calls(command);
    let mut draw = || (calls[below(calls.len())], FAULTS[below(FAULTS.len())]);
    let faults = [draw(), draw()];
    let [(first, how), (second, how_second)] = faults;
    let row = format!(
        "{command:?}: {how:?} at {}, then {how_second:?} at {}",
        first.id(),
        second.id()
    );
    let faults = faults.map(|(call, fault)| (At::Later(call.earlier, call.name), fault));
    survives(command, &faults, &row);
}
