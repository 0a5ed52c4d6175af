//! Two runs at once, and runs that are killed in the middle of a call.

use futures::future::join;
use sha2::{Digest as _, Sha256};

use super::log::Log;
use super::runner::Runner;
use crate::cli::Declared;
use crate::error::Error;

/// An `up` makes at least this many calls, so that a call before it is always reached.
const SHORTEST_UP: usize = 12;

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
        memory: Some(256),
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

/// Kills an `up`, or the third time a `down`, while a random call is in flight.
async fn killed(runner: &Runner, number: usize) -> Result<String, Error> {
    let at = 1 + random(runner.session.stage.as_str(), number) % SHORTEST_UP;
    let memory = Some(128 * (i32::try_from(number).unwrap_or_default() + 2));
    let declared = Declared {
        memory,
        ..runner.declared()
    };
    let work = async {
        if number == 2 {
            runner.down().await.map(drop)
        } else {
            runner.up(declared).await.map(drop)
        }
    };
    let name = if number == 2 { "down" } else { "up" };
    tokio::select! {
        biased;
        () = runner.recorder.reaches(at) => {
            let call = runner.recorder.last();
            Ok(format!("`{name}` in its call {at}, {call}"))
        }
        done = work => {
            done?;
            Ok(format!("`{name}` ended before its call {at}"))
        }
    }
}

async fn converges(runner: &Runner) -> Result<String, Error> {
    runner.up(runner.declared()).await?;
    runner.until_equal(&runner.declared()).await?;
    let version = runner.ride().await?;
    Ok(format!("as declared, a ride by version {version}"))
}

/// The same for the same stage, so that a run can be understood afterwards.
fn random(stage: &str, number: usize) -> usize {
    let digest = Sha256::digest(format!("{stage} {number}"));
    usize::from(digest[0]) * 256 + usize::from(digest[1])
}
