//! The same life cycle on a local cloud of this process: what its answers are expected to be.

use std::sync::Arc;
use std::time::SystemTime;

use super::folder::Folder;
use super::life_cycle;
use super::log::Log;
use super::runner::{Means, Runner, Zips};
use crate::artifact;
use crate::aws::clients::Cloud;
use crate::aws::interceptors::Interceptors;
use crate::certify::answers::Answers;
use crate::certify::names::Names;
use crate::certify::row::{Row, Verdict};
use crate::cli::Declared;
use crate::commands::stack_args;
use crate::engine::clock::{SharedClock, VirtualClock};
use crate::engine::stop::Stop;
use crate::error::Error;
use crate::local::{self, Faults};
use crate::session::Session;

/// Without delays, most states would pass unseen.
const FAULTS: Faults = Faults::Aws { seed: 1 };

/// The run whose answers are to be compared.
#[derive(Clone, Copy)]
pub struct Certified<'a> {
    pub runner: &'a Runner,
    pub rows: &'a [Row],
    pub session: &'a Session,
    pub folder: &'a Folder,
}

/// The answers of the local cloud to the steps that were taken, or why there are none.
pub async fn answers(certified: Certified<'_>) -> Result<Answers, Error> {
    // Its waits take no time.
    let clock: SharedClock = Arc::new(VirtualClock::starting_at(SystemTime::now()));
    let options = local::Options {
        region: certified.runner.context.region.clone(),
        folder: certified.folder.path().join("reference"),
        identity: None,
        faults: Some(FAULTS),
    };
    let interceptors = Interceptors::silent(clock.clone());
    let (cloud, guard) =
        local::connect(&options, &clock, &certified.session.wait, &interceptors).await?;
    let answers = run(&cloud, clock, certified).await;
    guard.stop().await;
    answers
}

async fn run(
    cloud: &Cloud,
    clock: SharedClock,
    certified: Certified<'_>,
) -> Result<Answers, Error> {
    let Certified {
        runner,
        rows,
        session,
        folder,
    } = certified;
    let zips = runnable(&runner.zips, cloud, session, folder).await?;
    let means = Means {
        clock: clock.clone(),
        stop: Stop::clone(&session.stop),
        progress: None,
    };
    let stage = runner.session.stage.clone();
    let local = Runner::new(cloud, session, stage, zips, means).await?;
    let silent = |_: &Row| {};
    let mut log = Log::new(local.recorder.clone(), clock, &silent).limited_to(rows);
    Box::pin(life_cycle::run(&local, &mut log)).await;
    if let Some(row) = log.rows.iter().find(|row| row.verdict == Verdict::Failed) {
        let text = format!("the local cloud itself failed at `{}`", row.step);
        return Err(Error::failed(format!("{text}: {}", row.detail)));
    }
    let mut answers = Answers::default();
    answers.add(&local.recorder.take_answers(), &names(&local));
    Ok(answers)
}

/// The same zips, or those of the function built for this machine if it cannot run them.
async fn runnable(
    zips: &Zips,
    cloud: &Cloud,
    session: &Session,
    folder: &Folder,
) -> Result<Zips, Error> {
    let target = &cloud.build_target;
    if artifact::open(&zips.first, target).is_ok() {
        return Ok(zips.clone());
    }
    let artifact = stack_args::artifact(&Declared::default(), target, session).await?;
    folder.zips(&artifact)
}

pub fn names(runner: &Runner) -> Names {
    Names {
        account: runner.context.account.clone(),
        region: runner.context.region.clone(),
        stage: runner.context.stage.clone(),
    }
}
