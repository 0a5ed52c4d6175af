//! The steps, in chapters. Each chapter begins and ends with nothing, so that a failure in one leaves the others
//! their say.

use super::log::Log;
use super::runner::{Runner, list, unexpected};
use super::{adoption, census, collisions, drift, releasing};
use crate::error::Error;

pub async fn run(runner: &Runner, log: &mut Log<'_>) {
    Box::pin(one_stack(runner, log)).await;
    Box::pin(end(runner, log)).await;
    if log.is_interrupted() {
        return;
    }
    log.chapter();
    Box::pin(adoption::chapter(runner, log)).await;
    Box::pin(end(runner, log)).await;
    if log.is_interrupted() {
        return;
    }
    log.chapter();
    Box::pin(collisions::chapter(runner, log)).await;
    Box::pin(end(runner, log)).await;
}

async fn one_stack(runner: &Runner, log: &mut Log<'_>) {
    log.step("preview", preview(runner)).await;
    log.step("up", first_up(runner)).await;
    log.step("up, nothing to do", no_op(runner)).await;
    log.step("ride", ride(runner)).await;
    for drift in drift::ALL {
        let name = format!("drift: {}", drift.name());
        log.step(&name, drift::found_and_repaired(runner, *drift))
            .await;
    }
    log.step("code change", releasing::code_change(runner))
        .await;
    log.step("failed ride", releasing::failed_ride(runner))
        .await;
    log.step("rollback", releasing::rollback(runner)).await;
}

/// Deletes the stack, or whatever there is of it, and counts what is left.
async fn end(runner: &Runner, log: &mut Log<'_>) {
    if log.has_failed() || log.is_interrupted() {
        log.always("clean up", census::clean_up(&runner.unstoppable()))
            .await;
    } else {
        log.step("down", down(runner)).await;
        if log.has_failed() {
            log.always("clean up", census::clean_up(&runner.unstoppable()))
                .await;
        }
    }
    log.always("census", census::nothing_is_left(&runner.unstoppable()))
        .await;
}

async fn preview(runner: &Runner) -> Result<String, Error> {
    let calls = runner.recorder.calls();
    let changes = runner.plan(runner.declared()).await?;
    if changes.iter().any(|change| change.action != "create") {
        return Err(unexpected("the plan of an empty stage", &list(&changes)));
    }
    wrote_nothing(runner, calls)?;
    Ok(format!("{} to create", changes.len()))
}

async fn first_up(runner: &Runner) -> Result<String, Error> {
    let changes = runner.up(runner.declared()).await?;
    Ok(format!(
        "{} created, version {}",
        changes.len(),
        runner.live().await?
    ))
}

async fn no_op(runner: &Runner) -> Result<String, Error> {
    let calls = runner.recorder.calls();
    let changes = runner.up(runner.declared()).await?;
    if !changes.is_empty() {
        return Err(unexpected("a second `up`", &list(&changes)));
    }
    wrote_nothing(runner, calls)?;
    Ok("nothing to do, nothing written".to_owned())
}

async fn ride(runner: &Runner) -> Result<String, Error> {
    let version = runner.ride().await?;
    let rides = runner.rides().await?;
    Ok(format!("by version {version}, {rides} stored"))
}

async fn down(runner: &Runner) -> Result<String, Error> {
    let document = runner.down().await?;
    let deleted = document["receipt"]["gone"].as_array().map_or(0, Vec::len);
    Ok(format!("{deleted} deleted"))
}

fn wrote_nothing(runner: &Runner, since: usize) -> Result<(), Error> {
    let wrote = runner.recorder.changing_since(since);
    if wrote.is_empty() {
        return Ok(());
    }
    Err(unexpected("what only reads", &wrote.join(", ")))
}
