//! One file for each command: from its flags to its output.

mod adopt;
mod build;
mod certify;
mod cloud;
mod completions;
mod confirm;
pub mod down;
mod invoke;
mod late_log_group;
mod logs;
mod outputs;
mod plan;
mod policy;
mod progress;
mod reader;
mod refusals;
mod rides;
mod rollback;
mod signal;
mod stack_args;
mod status;
mod sweep;
mod teardown_report;
pub mod up;
mod versions;

use std::time::Duration;

use progress::{connecting, requesting};
use reader::while_read;
use signal::{changing, reading};

use crate::artifact::Arch;
use crate::aws::clients::Cloud;
use crate::cli::Command;
use crate::error::{Error, Exit};
use crate::session::{Session, arch};
use crate::target::Connection;

/// The exit code, or the errors of everything that failed: usually one.
pub type Outcome = Result<Exit, Vec<Error>>;

pub async fn run(command: Command, session: &Session) -> Outcome {
    let any = arch(None);
    match command {
        Command::Up(flags) => {
            let arch = arch(flags.declared.arch);
            on_cloud(session, arch, async |cloud| {
                changing(up::run(flags, cloud, session), session).await
            })
            .await
        }
        Command::Plan(flags) => {
            let arch = arch(flags.declared.arch);
            on_cloud(session, arch, async |cloud| {
                reading(plan::run(flags, cloud, session), session).await
            })
            .await
        }
        Command::Down(flags) => {
            on_cloud(session, any, async |c| {
                changing(down::run(flags, c, session), session).await
            })
            .await
        }
        Command::Sweep(flags) => {
            on_cloud(session, any, async |c| {
                changing(sweep::run(flags, c, session), session).await
            })
            .await
        }
        Command::Certify(flags) => {
            on_cloud(session, any, async |c| {
                certify::run(flags, c, session).await
            })
            .await
        }
        Command::Status(flags) => {
            on_cloud(session, any, async |c| {
                reading(async { Ok(status::run(flags, c, session).await?) }, session).await
            })
            .await
        }
        Command::Invoke(flags) => {
            on_cloud(session, any, async |c| {
                changing(async { Ok(invoke::run(flags, c, session).await?) }, session).await
            })
            .await
        }
        Command::Rides(flags) => {
            on_cloud(session, any, async |c| {
                let rides = while_read(rides::run(flags, c, session));
                reading(async { Ok(rides.await?) }, session).await
            })
            .await
        }
        Command::Logs(flags) => {
            on_cloud(session, any, async |c| {
                let follow = flags.follow;
                let logs = while_read(logs::run(flags, c, session));
                let outcome = reading(async { Ok(logs.await?) }, session).await;
                // What follows has no other end.
                if follow && session.stop.is_set() {
                    Ok(Exit::Done)
                } else {
                    outcome
                }
            })
            .await
        }
        Command::Versions => {
            on_cloud(session, any, async |c| Ok(versions::run(c, session).await?)).await
        }
        Command::Rollback(flags) => {
            on_cloud(session, any, async |c| {
                changing(
                    async { Ok(rollback::run(flags, c, session).await?) },
                    session,
                )
                .await
            })
            .await
        }
        Command::Policy(flags) => {
            on_cloud(session, any, async |c| {
                reading(async { Ok(policy::run(flags, c, session).await?) }, session).await
            })
            .await
        }
        Command::Build(flags) => Ok(build::run(flags, session).await?),
        Command::Cloud(flags) => Ok(cloud::run(flags, session).await?),
        Command::Completions { shell } => Ok(completions::run(shell)),
    }
}

/// Connects, runs a command, and stops the local cloud that was started for it, also after an error.
async fn on_cloud(
    session: &Session,
    arch: Arch,
    command: impl AsyncFnOnce(&Cloud) -> Outcome,
) -> Outcome {
    let connecting = connecting(session.connect(arch), session);
    let Connection { cloud, guard } = session.stop.unless_set(connecting).await??;
    // On the heap: nested futures of this depth are too much for the compiler's layout query.
    let outcome = requesting(Box::pin(command(&cloud)), session).await;
    // What a function still runs for a canceled command is not waited for.
    let waited = session
        .stop
        .expired(Duration::from_millis(500), &*session.clock);
    tokio::select! {
        () = guard.stop() => {}
        () = waited => {}
    }
    outcome
}

impl From<Error> for Vec<Error> {
    fn from(error: Error) -> Vec<Error> {
        vec![error]
    }
}
