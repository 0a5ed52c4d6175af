//! The same life cycle with a real binary, in real time, beside that of others: `.ci/long up-cost`.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::Trial;
use local_cloud::{LocalCloud, Settings, SystemClock};
use serde_json::Value;

use super::changed_zip;
use super::contender::{Contender, contenders, folder, python};
use super::step::{Cost, LATENCY, Step, profile, steps};
use crate::proxy::Proxy;
use crate::world::{Run, World, artifact_path};

const ROUNDS: usize = 3;

/// Only where `PROVISION_TEST_UP_COST` names the binary: an absolute path.
pub fn trial() -> Option<Trial> {
    let program = std::env::var("PROVISION_TEST_UP_COST").ok()?;
    let name = "up_cost::in_real_time";
    Some(crate::trial(name, move || measure(&program)))
}

/// Where the life cycles take place.
struct Place {
    world: World,
    cloud: LocalCloud,
    proxy: Proxy,
    python: String,
}

/// A step, measured from outside.
struct Measured {
    cost: Cost,
    cpu_seconds: f64,
    /// Of the largest process.
    memory_bytes: u64,
}

fn measure(program: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let world = World::new();
    let settings = Settings {
        state_dir: world.path().join("state"),
        port: 0,
        clock: Arc::new(SystemClock),
        faults: profile(),
    };
    let cloud = runtime.block_on(LocalCloud::start(settings));
    let cloud = cloud.expect("a cloud");
    let proxy = Proxy::at_a_distance(&cloud.endpoint_url(), &[], LATENCY);
    let changed = world.write("changed.zip", changed_zip());
    let steps = steps(&changed);
    let zips = [Path::new(artifact_path()), &*changed];
    let contenders = contenders(program, &steps, zips, &world);
    let place = Place {
        world,
        cloud,
        proxy,
        python: python("import sys; print(sys.executable)").expect("python3"),
    };
    for contender in &contenders {
        life_cycles(contender, &steps, &place);
    }
}

/// Prints the median round of each step.
fn life_cycles(contender: &Contender, steps: &[Step], place: &Place) {
    let mut rounds: Vec<Vec<Measured>> = steps.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (line, rounds) in contender.lines.iter().zip(&mut rounds) {
            rounds.push(run(line, place));
        }
    }
    for (step, mut rounds) in steps.iter().zip(rounds) {
        rounds.sort_by_key(|measured| measured.cost.took);
        let Measured {
            cost,
            cpu_seconds,
            memory_bytes,
        } = &rounds[ROUNDS / 2];
        let line = format!(
            "up-cost: {}: {}; {cpu_seconds:.2} s of CPU, {} MiB\n",
            contender.name,
            cost.line(step),
            memory_bytes.div_ceil(1024 * 1024)
        );
        std::io::stdout()
            .write_all(line.as_bytes())
            .expect("stdout");
        if contender.name == "provision" {
            cost.check_calls(step);
        }
    }
}

fn run(line: &[String], place: &Place) -> Measured {
    let Place {
        world,
        cloud,
        proxy,
        python,
    } = place;
    let owner = cloud.owner();
    let result = world.path().join("measured.json");
    let mut command = world.clean(python);
    command
        .arg(folder().join("measure.py"))
        .arg(&result)
        .args(line)
        .env("AWS_ENDPOINT_URL", &proxy.url)
        .env("AWS_REGION", "us-east-1")
        // boto3 reads only this one.
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", &owner.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &owner.secret_access_key)
        .env("CHECKPOINT_DISABLE", "1");
    proxy.take();
    let run = Run::of(&mut command);
    assert_eq!(run.code, 0, "{line:?}\n{}\n{}", run.stdout, run.stderr);
    let measured = std::fs::read(result).expect("a result");
    let measured: Value = serde_json::from_slice(&measured).expect("JSON");
    let number = |key: &str| measured[key].as_f64().expect("a number");
    Measured {
        cost: Cost::of(&proxy.take(), Duration::from_secs_f64(number("seconds"))),
        cpu_seconds: number("cpu_seconds"),
        memory_bytes: measured["memory_bytes"].as_u64().expect("a number"),
    }
}
