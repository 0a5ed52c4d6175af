//! Tests that are made from lists: rows of docs/errors.md, calls of a command, seeds.
//!
//! Each has a name of its own, as `cargo test -p provisioner --test matrix -- --list` shows.

#[path = "../support/artifact.rs"]
mod artifact;
#[path = "../support/cloud.rs"]
mod cloud;
#[path = "../support/console.rs"]
mod console;
#[path = "../support/distance.rs"]
mod distance;
#[path = "../support/drift.rs"]
mod drift_by_hand;
#[expect(dead_code, reason = "the other test binary uses the rest")]
#[path = "../support/in_process.rs"]
mod in_process;
#[path = "../../local-cloud/tests/terraform/plugins.rs"]
mod plugins;
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/schema.rs"]
mod schema;
#[expect(dead_code, reason = "the other test binary uses the rest")]
#[path = "../support/stand_in.rs"]
mod stand_in;
#[path = "../support/standing.rs"]
mod standing;
#[path = "../support/under_faults.rs"]
mod under_faults;
#[path = "../support/world.rs"]
mod world;

mod calls;
mod cancel;
mod certify;
mod concurrent_runs;
mod crash;
mod errors;
mod lag;
mod pairs;
mod rights;
mod seeds;
mod storms;
mod up_cost;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Clients that back off before they try again leave a core idle.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    arguments.test_threads.get_or_insert(4 * cores);
    let trials = [
        certify::trials(),
        cancel::trials(),
        crash::trials(),
        concurrent_runs::trials(),
        pairs::trials(),
        lag::trials(),
        storms::trials(),
        calls::trials(),
        up_cost::trials(),
        errors::trials(),
        rights::trials(),
    ];
    let mut trials: Vec<Trial> = trials.into_iter().flatten().collect();
    trials.sort_by_key(|trial| !is_long(trial.name()));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Whether the test takes ten times as long as most, and therefore begins before them: at the end it would run alone.
fn is_long(name: &str) -> bool {
    let long = [
        "certify::",
        "errors::certifying::",
        "cancel::up::waiting",
        "rights::each_principal_does_its_part",
    ];
    long.iter().any(|long| name.starts_with(long))
}

/// Twice what whole commands need in a debug build, which is nearly what a thread has by default.
const STACK: usize = 4 * 1024 * 1024;

/// A test of this name; it fails by panicking, as a `#[test]` does.
fn trial(name: impl Into<String>, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(test);
        match thread.expect("a thread").join() {
            Ok(()) => Ok(()),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Whether the reads of a run are tested too, which change nothing and are most of its calls.
/// `.ci/long` sets it.
fn every_call() -> bool {
    std::env::var_os("PROVISION_TEST_EVERY_CALL").is_some()
}
