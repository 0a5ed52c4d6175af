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
    // SplitMix64.
    let mut state = seed;
    let mut below = |limit: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("less than the limit")
    };
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
