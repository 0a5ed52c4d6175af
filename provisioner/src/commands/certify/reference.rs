//! The same life cycle on local clouds of this process: what its answers are expected to be.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::life_cycle;
use super::log::Log;
use super::runner::{Means, Runner, Zips};
use crate::artifact;
use crate::aws::clients::Cloud;
use crate::certify::answers::Answers;
use crate::certify::names::Names;
use crate::certify::row::{Row, Verdict};
use crate::engine::clock::{SharedClock, VirtualClock};
use crate::engine::wait::Stop;
use crate::error::Error;
use crate::local::{self, Faults};
use crate::session::Session;

/// Delays show states that pass too fast otherwise.
const PROFILES: [Faults; 2] = [Faults::Calm, Faults::Aws { seed: 1 }];

/// The answers of the local cloud, or why there are none.
pub async fn answers(outer: &Session, runner: &Runner, folder: &Path) -> Result<Answers, Error> {
    let mut answers = Answers::default();
    for (number, faults) in PROFILES.into_iter().enumerate() {
        let folder = folder.join(format!("reference-{number}"));
        add(&mut answers, faults, folder, outer, runner).await?;
    }
    Ok(answers)
}

async fn add(
    answers: &mut Answers,
    faults: Faults,
    folder: PathBuf,
    outer: &Session,
    runner: &Runner,
) -> Result<(), Error> {
    // Its waits take no time.
    let clock: SharedClock = Arc::new(VirtualClock::starting_at(SystemTime::now()));
    let options = local::Options {
        region: runner.context.region.clone(),
        folder,
        identity: None,
        faults: Some(faults),
    };
    let (cloud, guard) = local::connect(&options, &clock, &outer.wait).await?;
    let result = run(answers, &cloud, clock, outer, runner).await;
    guard.stop().await;
    result
}

async fn run(
    answers: &mut Answers,
    cloud: &Cloud,
    clock: SharedClock,
    outer: &Session,
    runner: &Runner,
) -> Result<(), Error> {
    let Zips { first, second } = &runner.zips;
    // What was built for Lambda runs here only on the same kind of machine.
    artifact::open(first, &cloud.build_target)?;
    let zips = Zips {
        first: first.clone(),
        second: second.clone(),
    };
    let means = Means {
        clock: clock.clone(),
        stop: Stop::clone(&outer.stop),
        progress: None,
    };
    let stage = runner.session.stage.clone();
    let local = Runner::new(cloud, outer, stage, zips, means).await?;
    let silent = |_: &Row| {};
    let mut log = Log::new(local.recorder.clone(), clock, &silent);
    Box::pin(life_cycle::run(&local, &mut log)).await;
    if let Some(row) = log.rows.iter().find(|row| row.verdict == Verdict::Failed) {
        let text = format!("the local cloud itself failed at `{}`", row.step);
        return Err(Error::failed(format!("{text}: {}", row.detail)));
    }
    let names = names(&local);
    answers.add(&local.recorder.take_answers(), &names);
    Ok(())
}

pub fn names(runner: &Runner) -> Names {
    Names {
        account: runner.context.account.clone(),
        region: runner.context.region.clone(),
        stage: runner.context.stage.clone(),
    }
}
