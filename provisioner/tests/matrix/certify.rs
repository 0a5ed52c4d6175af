//! `certify` against local clouds: nothing is left, whatever happens. Without random errors every step passes too,
//! and no answer differs from those of the local cloud that it runs itself. In the normal run
//! `errors::certifying` takes all steps once.

use libtest_mimic::Trial;
use provisioner::error::Exit;
use serde_json::Value;

use crate::in_process::{InProcess, told};
use crate::rights::certifier;
use crate::seeds::seeds;
use crate::trial;
use crate::world::{World, artifact_path};

/// `certify::calm` is the real binary with just the policy of the certifier; `certify::aws_0001` and
/// `certify::storm_0001` run on a clock that takes no time, and so do the runs without an action of the certifier.
/// Each is 15 CPU seconds and more, so there is only the first without `PROVISION_TEST_CERTIFY_SEEDS=1..5`,
/// which `.ci/long` sets.
pub fn trials() -> Vec<Trial> {
    if std::env::var_os("PROVISION_TEST_CERTIFY_SEEDS").is_none() {
        return vec![trial("certify::calm", calm)];
    }
    let mut trials = vec![
        trial("certify::calm", calm),
        certifier::with_the_whole_policy(),
    ];
    for profile in ["aws", "storm"] {
        let seeds = seeds("PROVISION_TEST_CERTIFY_SEEDS", 1..=1);
        trials.extend(seeds.map(|seed| {
            trial(format!("certify::{profile}_{seed:04}"), move || {
                under_faults(profile, seed);
            })
        }));
    }
    trials.extend(certifier::without_each_action());
    trials
}

fn calm() {
    let world = World::new();
    let zip = artifact_path();
    let args = ["certify", "--yes", "--as", "certifier", "--artifact", zip];
    world
        .local(&args)
        .ok()
        .says("costs less than 0.01 USD")
        .says("drift: memory")
        .says("0 differences")
        .never_says("FAILED")
        .never_says("not compared");
    passed(&world);
}

fn under_faults(profile: &str, seed: u64) {
    let commands = InProcess::new();
    let report = commands.world.path().join("certify-report.json");
    let report = report.to_str().expect("UTF-8");
    let seed = seed.to_string();
    let args = [
        "certify",
        "--artifact",
        artifact_path(),
        "--report",
        report,
        "--faults",
        profile,
        "--faults-seed",
        &seed,
    ];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime.expect("a runtime").block_on(commands.run(&args));
    let markdown = std::fs::read_to_string(report.replace(".json", ".md"));
    let exit = outcome.unwrap_or_else(|errors| panic!("{}", told(&errors)));
    if profile == "storm" {
        // A step may meet an error that AWS gives to every client; what it created is deleted all the same.
        nothing_remains(&commands.world);
    } else {
        assert_eq!(exit, Exit::Done, "{}", markdown.unwrap_or_default());
        passed(&commands.world);
    }
}

/// The last census of the report, whatever the steps did.
fn nothing_remains(world: &World) {
    let json = world.path().join("certify-report.json");
    let json = std::fs::read_to_string(json).expect("a report");
    let report: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["remaining"], serde_json::json!([]), "{json}");
}

/// The report says so, and it names no account, no caller and no key.
fn passed(world: &World) {
    let read = |name: &str| std::fs::read_to_string(world.path().join(name)).expect("a report");
    let (json, markdown) = (read("certify-report.json"), read("certify-report.md"));
    let report: Value = serde_json::from_str(&json).expect("JSON");
    let steps = report["steps"].as_array().expect("steps");
    assert!(steps.len() > 30, "{markdown}");
    assert!(
        steps.iter().all(|step| step["verdict"] == "passed"),
        "{markdown}"
    );
    nothing_remains(world);
    assert_eq!(report["answers"]["differences"], serde_json::json!([]));
    assert!(
        report["answers"]["compared"].as_u64() > Some(500),
        "{markdown}"
    );
    for text in [json, markdown] {
        for secret in ["123456789012", "user/owner", "provision-certifier", "AKIA"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
