//! The same life cycle with a real binary, in real time: `.ci/long up-cost`.

use std::ffi::OsString;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use libtest_mimic::Trial;
use local_cloud::{LocalCloud, Settings, SystemClock};

use super::changed_zip;
use super::step::{Cost, LATENCY, Step, profile, steps};
use crate::proxy::Proxy;
use crate::world::{Run, World};

const ROUNDS: usize = 3;

/// Only where `PROVISION_TEST_UP_COST` names the binary: an absolute path.
pub fn trial() -> Option<Trial> {
    let program = std::env::var_os("PROVISION_TEST_UP_COST")?;
    let name = "up_cost::in_real_time";
    Some(crate::trial(name, move || measure(&program)))
}

fn measure(program: &OsString) {
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
    let mut costs: Vec<Vec<Cost>> = steps.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (step, costs) in steps.iter().zip(&mut costs) {
            costs.push(run(step, program, &world, &cloud, &proxy));
        }
    }
    for (step, mut costs) in steps.iter().zip(costs) {
        costs.sort_by_key(|cost| cost.took);
        let cost = &costs[ROUNDS / 2];
        let line = format!("up-cost: {}\n", cost.line(step));
        std::io::stdout()
            .write_all(line.as_bytes())
            .expect("stdout");
        cost.check_calls(step);
    }
}

fn run(step: &Step, program: &OsString, world: &World, cloud: &LocalCloud, proxy: &Proxy) -> Cost {
    let owner = cloud.owner();
    let mut command = world.clean(program.to_str().expect("UTF-8"));
    command
        .args(&step.args)
        .args(["--yes", "--region", "us-east-1"])
        .args(["--endpoint-url", &proxy.url])
        .env("AWS_ACCESS_KEY_ID", &owner.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &owner.secret_access_key);
    proxy.take();
    let started = Instant::now();
    let run = Run::of(&mut command);
    let took = started.elapsed();
    assert_eq!(run.code, 0, "{}\n{}\n{}", step.name, run.stdout, run.stderr);
    Cost::of(&proxy.take(), took)
}
