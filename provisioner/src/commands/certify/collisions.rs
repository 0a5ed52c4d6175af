//! Two runs at once, and runs that are killed in the middle of a call.

use std::time::Duration;

use futures::future::join;
use sha2::{Digest as _, Sha256};

use super::log::Log;
use super::runner::Runner;
use crate::cli::{Declared, SettingFlags};
use crate::error::Error;

/// How many changing calls each of the killed runs makes at least: a `down`, and two `up`s after it.
const CHANGES: [usize; 3] = [8, 4, 4];

/// How long the call of a killed run may take to have its effect.
const IN_FLIGHT: Duration = Duration::from_secs(2);

/// What happens here depends on chance, so its answers are not compared.
pub async fn chapter(runner: &Runner, log: &mut Log<'_>) {
    runner.recorder.keep(false);
    log.step("two runs at once", two_at_once(runner)).await;
    for number in 0..3 {
        let name = format!("killed at a random call {}", number + 1);
        log.step(&name, killed(runner, number)).await;
    }
    log.step("up after the kills", converges(runner)).await;
    runner.recorder.keep(true);
}

/// At least one of them succeeds, or says what the other one changed; one more `up` converges.
async fn two_at_once(runner: &Runner) -> Result<String, Error> {
    let other = runner.beside();
    let bigger = Declared {
        settings: SettingFlags {
            memory: Some(256),
            ..SettingFlags::default()
        },
        ..runner.declared()
    };
    let (first, second) = join(runner.up(runner.declared()), other.up(bigger)).await;
    let told = |result: Result<_, Error>| match result {
        Ok(_) => "done".to_owned(),
        Err(error) => error.chain().join(": "),
    };
    let told = format!("first: {}; second: {}", told(first), told(second));
    runner.session.wait.stopped()?;
    converges(runner).await?;
    Ok(told)
}

/// Kills a `down`, then two `up`s in a row, each while a random changing call is in flight.
async fn killed(runner: &Runner, number: usize) -> Result<String, Error> {
    let at = 1 + random(runner.session.stage.as_str(), number) % CHANGES[number];
    let name = if number == 0 { "down" } else { "up" };
    let work = async {
        if number == 0 {
            runner.down().await.map(drop)
        } else {
            runner.up(runner.declared()).await.map(drop)
        }
    };
    let before = runner.recorder.calls();
    tokio::select! {
        biased;
        () = runner.recorder.reaches(at) => {
            let changing = runner.recorder.changing_since(before);
            let call = changing.get(at - 1).cloned().unwrap_or_default();
            // The service still carries it out: not while the next step reads what is there.
            runner.session.wait.pause(IN_FLIGHT).await;
            Ok(format!("`{name}` in its changing call {at}, {call}"))
        }
        done = work => {
            runner.session.wait.stopped()?;
            // It may meet what the killed run has just deleted and AWS still shows.
            let how = done.err().map_or("done".to_owned(), |error| error.chain().join(": "));
            Ok(format!("`{name}` ended before its changing call {at}: {how}"))
        }
    }
}

/// One more `up`; another one if AWS still shows what was deleted a moment ago.
async fn converges(runner: &Runner) -> Result<String, Error> {
    if runner.up(runner.declared()).await.is_err() {
        runner.session.wait.stopped()?;
        runner.up(runner.declared()).await?;
    }
    runner.until_equal(&runner.declared()).await?;
    let version = runner.ride().await?;
    Ok(format!("as declared, a ride by version {version}"))
}

/// The same for the same stage, so that a run can be understood afterwards.
fn random(stage: &str, number: usize) -> usize {
    let digest = Sha256::digest(format!("{stage} {number}"));
    usize::from(digest[0]) * 256 + usize::from(digest[1])
}
