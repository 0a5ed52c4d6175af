//! What a life cycle costs at AWS's delays: calls, uploads, bytes, and the time beside what the delays impose.
//!
//! On a clock that takes no time, so the numbers are exact. `.ci/long up-cost` measures in real time.

mod contender;
mod real_time;
mod step;

use std::path::Path;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use libtest_mimic::Trial;
use provisioner::artifact::BuildTarget;
use provisioner::aws::clients::Cloud;
use provisioner::aws::interceptors::Interceptors;
use provisioner::cli::Command;
use provisioner::commands::{down, up};
use provisioner::error::Exit;

use crate::artifact::artifact;
use crate::distance::Distance;
use crate::in_process::{InWeather, told};
use crate::trial;

use step::{Cost, FUNCTION, LATENCY, ROLE, Step, TABLE, profile, steps};

pub fn trials() -> Vec<Trial> {
    let recorded = trial("up_cost::calls_bytes_and_time_are_as_recorded", || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        compare(&runtime.expect("a runtime").block_on(record()));
    });
    let trials = [Some(recorded), real_time::trial()];
    trials.into_iter().flatten().collect()
}

/// With the record beside this folder, which `INSTA_UPDATE=always` writes.
fn compare(record: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/matrix/up_cost.txt");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(path, record).expect("the record");
        return;
    }
    let recorded = std::fs::read_to_string(path).expect("the record");
    let now: Vec<&str> = record.lines().collect();
    let recorded: Vec<&str> = recorded.lines().collect();
    assert_eq!(
        now, recorded,
        "the costs (left) are not those of tests/matrix/up_cost.txt (right); if they should be, run \
         this test with INSTA_UPDATE=always"
    );
}

/// The function with other bytes: the same program in a zip with a comment.
fn changed_zip() -> Vec<u8> {
    let bytes = std::fs::read(&artifact().path).expect("the zip");
    let mut zip = zip::ZipWriter::new_append(std::io::Cursor::new(bytes)).expect("a zip");
    zip.set_comment("changed").expect("a comment");
    zip.finish().expect("a zip").into_inner()
}

async fn record() -> String {
    let world = InWeather::new(profile()).await;
    let distance = Distance::new(world.commands.clock.clone(), LATENCY);
    let cloud = far_away(&world, &distance);
    let changed = world.commands.world.write("changed.zip", changed_zip());
    let mut text = format!(
        "At {} ms a call; a table takes {} s, a role {} s, a function {} s.\n",
        LATENCY.as_millis(),
        TABLE.as_secs(),
        ROLE.as_secs(),
        FUNCTION.as_secs()
    );
    for step in steps(&changed) {
        let before = world.commands.age();
        run(&step, &world, &cloud).await;
        let took = world.commands.age() - before;
        let cost = Cost::of(&distance.take(), took);
        cost.check_calls(&step);
        cost.check_time(&step);
        text.push_str(&cost.describe(&step));
    }
    text
}

fn far_away(world: &InWeather, distance: &Distance<SharedHttpClient>) -> Cloud {
    let config = distance.config(world.config());
    let target = BuildTarget::this_machine();
    let interceptors = Interceptors::silent(Arc::new(world.commands.clock.clone()));
    Cloud::new(
        &config,
        "us-east-1".to_owned(),
        Vec::new(),
        target,
        &interceptors,
    )
}

async fn run(step: &Step, world: &InWeather, cloud: &Cloud) {
    let args: Vec<&str> = step.args.iter().map(String::as_str).collect();
    let (cli, mut session) = world.commands.session(&args);
    // The commit is part of what is sent.
    session.workspace = None;
    let outcome = match cli.command {
        Command::Up(flags) => Box::pin(up::run(flags, cloud, &session)).await,
        Command::Down(flags) => Box::pin(down::run(flags, cloud, &session)).await,
        _ => panic!("a step is `up` or `down`"),
    };
    match outcome {
        Ok(exit) => assert_eq!(exit, Exit::Done, "{}", step.name),
        Err(errors) => panic!("{}: {}", step.name, told(&errors)),
    }
}
