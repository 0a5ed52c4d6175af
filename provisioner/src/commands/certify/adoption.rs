//! A stack made by hand: refused, then adopted with its rides.

use super::by_hand;
use super::log::Log;
use super::runner::{Runner, list, unexpected};
use crate::error::{Error, Exit};
use crate::rides::Count;

pub async fn chapter(runner: &Runner, log: &mut Log<'_>) {
    log.step("stack made by hand", async {
        by_hand::make_stack(runner).await?;
        Ok("table with a ride, role, function".to_owned())
    })
    .await;
    log.step("refused", refused(runner)).await;
    log.step("adopted", adopted(runner)).await;
}

async fn refused(runner: &Runner) -> Result<String, Error> {
    let calls = runner.recorder.calls();
    let error = match runner.up(runner.declared()).await {
        Ok(changes) => return Err(unexpected("an `up` without --adopt", &list(&changes))),
        Err(error) => error,
    };
    if error.exit != Exit::Refused {
        return Err(error);
    }
    let wrote = runner.recorder.changing_since(calls);
    if !wrote.is_empty() {
        return Err(unexpected("a refused `up`", &wrote.join(", ")));
    }
    Ok("nothing written without --adopt".to_owned())
}

async fn adopted(runner: &Runner) -> Result<String, Error> {
    let mut declared = runner.declared();
    declared.adopt = ["table", "role", "function"].map(str::to_owned).to_vec();
    let changes = runner.up(declared).await?;
    runner.until_equal(&runner.declared()).await?;
    let rides = runner.rides().await?;
    if rides != Count::Exactly(1) {
        return Err(unexpected("an adopted table", &rides.to_string()));
    }
    let adopted = changes.iter().filter(|change| change.action == "adopt");
    let version = runner.ride().await?;
    Ok(format!(
        "{} adopted, {rides} kept, version {version}",
        adopted.count()
    ))
}
