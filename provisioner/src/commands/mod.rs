//! One file for each command: from its flags to its output.

mod adopt;
mod build;
mod certify;
mod cloud;
mod completions;
mod config;
mod confirm;
pub mod down;
mod invoke;
mod late_log_group;
mod logs;
mod man;
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
mod undeclared;
pub mod up;
mod versions;

use std::time::Duration;

use progress::{connecting, requesting};
use reader::while_read;
use stack_args::declared_arch;

use crate::artifact::Arch;
use crate::aws::clients::Cloud;
use crate::cli::Command;
use crate::error::{Error, Exit};
use crate::session::Session;
use crate::target::Connection;

/// The exit code, or the errors of everything that failed: usually one.
pub type Outcome = Result<Exit, Vec<Error>>;

pub async fn run(command: Command, session: &Session) -> Outcome {
    let declared = declared_arch(None, session)?;
    // The futures of commands are large, and each arm has its place on the stack: they are on the heap.
    match command {
        Command::Up(flags) => {
            let arch = declared_arch(flags.declared.settings.arch, session)?;
            changes(session, arch, async |c| up::run(flags, c, session).await).await
        }
        Command::Plan(flags) => {
            let arch = declared_arch(flags.declared.settings.arch, session)?;
            reads(session, arch, async |c| plan::run(flags, c, session).await).await
        }
        Command::Down(flags) => {
            changes(session, declared, async |c| {
                down::run(flags, c, session).await
            })
            .await
        }
        Command::Sweep(flags) => {
            changes(session, declared, async |c| {
                sweep::run(flags, c, session).await
            })
            .await
        }
        // It sees signals itself, and then cleans up.
        Command::Certify(flags) => {
            Box::pin(on_cloud(session, declared, async |c| {
                certify::run(flags, c, session).await
            }))
            .await
        }
        Command::Status(flags) => {
            reads(session, declared, async |c| {
                status::run(flags, c, session).await
            })
            .await
        }
        Command::Invoke(flags) => {
            changes(session, declared, async |c| {
                invoke::run(flags, c, session).await
            })
            .await
        }
        Command::Rides(flags) => {
            let rides = async |c: &Cloud| while_read(rides::run(flags, c, session)).await;
            reads(session, declared, rides).await
        }
        Command::Logs(flags) => {
            let follow = flags.follow;
            let logs = async |c: &Cloud| while_read(logs::run(flags, c, session)).await;
            let outcome = reads(session, declared, logs).await;
            // What follows has no other end.
            let is_end = follow && session.stop.is_set();
            if is_end { Ok(Exit::Done) } else { outcome }
        }
        Command::Versions => {
            reads(session, declared, async |c| versions::run(c, session).await).await
        }
        Command::Rollback(flags) => {
            changes(session, declared, async |c| {
                rollback::run(flags, c, session).await
            })
            .await
        }
        Command::Policy(flags) => {
            reads(session, declared, async |c| {
                policy::run(flags, c, session).await
            })
            .await
        }
        Command::Config(flags) => Ok(config::run(&flags, session)?),
        Command::Build(flags) => Ok(build::run(flags, session).await?),
        Command::Cloud(flags) => Ok(cloud::run(flags, session).await?),
        Command::Completions { shell } => Ok(completions::run(shell)),
        Command::Man { folder } => Ok(man::run(&folder)?),
    }
}

/// Runs a command that only reads.
async fn reads<E: Into<Vec<Error>>>(
    session: &Session,
    arch: Arch,
    command: impl AsyncFnOnce(&Cloud) -> Result<Exit, E>,
) -> Outcome {
    let command = async |cloud: &Cloud| signal::reading(Box::pin(command(cloud)), session).await;
    Box::pin(on_cloud(session, arch, command)).await
}

/// Runs a command that changes something.
async fn changes<E: Into<Vec<Error>>>(
    session: &Session,
    arch: Arch,
    command: impl AsyncFnOnce(&Cloud) -> Result<Exit, E>,
) -> Outcome {
    let command = async |cloud: &Cloud| signal::changing(Box::pin(command(cloud)), session).await;
    Box::pin(on_cloud(session, arch, command)).await
}

/// Connects, runs a command, and stops the local cloud that was started for it, also after an error.
async fn on_cloud(
    session: &Session,
    arch: Arch,
    command: impl AsyncFnOnce(&Cloud) -> Outcome,
) -> Outcome {
    let connecting = connecting(Box::pin(session.connect(arch)), session);
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
