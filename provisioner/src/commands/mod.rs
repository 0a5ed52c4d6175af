//! One file for each command: from its flags to its output.

mod build;
mod cloud;
mod completions;
mod confirm;
mod down;
mod invoke;
mod late_log_group;
mod logs;
mod plan;
mod policy;
mod refusals;
mod rides;
mod rollback;
mod stack_args;
mod status;
mod teardown_report;
pub mod up;

use crate::artifact::Arch;
use crate::aws::clients::Cloud;
use crate::cli::Command;
use crate::error::{Error, Exit};
use crate::session::{Session, arch};
use crate::target::Connection;

/// The exit code, or the errors of everything that failed: usually one.
pub type Outcome = Result<Exit, Vec<Error>>;

pub async fn run(command: Command, session: &Session) -> Outcome {
    match command {
        Command::Up(flags) => {
            let arch = arch(flags.declared.arch);
            on_cloud(session, arch, async |cloud| {
                up::run(flags, cloud, session).await
            })
            .await
        }
        Command::Plan(flags) => {
            let arch = arch(flags.declared.arch);
            on_cloud(session, arch, async |cloud| {
                plan::run(flags, cloud, session).await
            })
            .await
        }
        Command::Down(flags) => {
            on_cloud(session, arch(None), async |cloud| {
                down::run(flags, cloud, session).await
            })
            .await
        }
        Command::Build(flags) => Ok(build::run(flags, session).await?),
        Command::Cloud(flags) => Ok(cloud::run(flags, session).await?),
        Command::Completions { shell } => Ok(completions::run(shell)),
        Command::Status
        | Command::Invoke(_)
        | Command::Rides(_)
        | Command::Logs(_)
        | Command::Rollback(_)
        | Command::Policy(_) => {
            on_cloud(session, arch(None), async |cloud| {
                Ok(on_deployed(command, cloud, session).await?)
            })
            .await
        }
    }
}

/// The commands that work on a deployed stack.
async fn on_deployed(command: Command, cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    match command {
        Command::Status => status::run(cloud, session).await,
        Command::Invoke(flags) => invoke::run(flags, cloud, session).await,
        Command::Rides(flags) => rides::run(flags, cloud, session).await,
        Command::Logs(flags) => logs::run(flags, cloud, session).await,
        Command::Rollback(flags) => rollback::run(flags, cloud, session).await,
        Command::Policy(flags) => policy::run(flags, cloud, session).await,
        _ => unreachable!("`run` handles the others"),
    }
}

/// Connects, runs a command, and stops the local cloud that was started for it, also after an error.
async fn on_cloud(
    session: &Session,
    arch: Arch,
    command: impl AsyncFnOnce(&Cloud) -> Outcome,
) -> Outcome {
    let Connection { cloud, guard } = session.connect(arch).await?;
    // On the heap: nested futures of this depth are too much for the compiler's layout query.
    let outcome = Box::pin(command(&cloud)).await;
    guard.stop().await;
    outcome
}

impl From<Error> for Vec<Error> {
    fn from(error: Error) -> Vec<Error> {
        vec![error]
    }
}
