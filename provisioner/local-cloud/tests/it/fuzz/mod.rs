//! Fuzz tests over the wire: whatever the input, the cloud refuses it with AWS's errors, changes
//! nothing and stays up.
//!
//! `PROPTEST_CASES` multiplies the work: `.ci/long` runs these tests with more of it.

mod calls;
mod files;
mod http;
mod runtime_api;
mod samples;
mod signatures;
mod wire;

use proptest::test_runner::{Config, TestRunner};

/// Runs a property on a share of the cases that are set, 256 unless `PROPTEST_CASES` says otherwise:
/// what needs a request a case, or a cloud, stays in seconds.
fn one_in(share: u32) -> TestRunner {
    let usual = Config::default();
    TestRunner::new(Config {
        cases: usual.cases.div_ceil(share),
        // A failure shows its input, and the seed repeats it.
        failure_persistence: None,
        ..usual
    })
}

/// Runs the async parts of a property, which is not an async function itself.
fn block_on() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}
