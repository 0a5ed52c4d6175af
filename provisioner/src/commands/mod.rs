//! One verb, one file. Each goes from flags to a flow to what is printed.

mod build;
mod cloud;
mod completions;
mod declared;
mod down;
mod invoke;
mod logs;
mod plan;
mod policy;
mod receipt;
mod resurrection;
mod rides;
mod rollback;
mod status;
pub mod up;

use crate::cli::Command;
use crate::error::{Error, Exit};
use crate::session::Session;

/// The errors of all that failed; one more often than not.
pub type Outcome = Result<Exit, Vec<Error>>;

pub async fn run(command: Command, session: &Session) -> Outcome {
    match command {
        Command::Up(flags) => up::run(flags, session).await,
        Command::Plan(flags) => plan::run(flags, session).await,
        Command::Status => Ok(status::run(session).await?),
        Command::Invoke(flags) => Ok(invoke::run(flags, session).await?),
        Command::Rides(flags) => Ok(rides::run(flags, session).await?),
        Command::Logs(flags) => Ok(logs::run(flags, session).await?),
        Command::Rollback(flags) => Ok(rollback::run(flags, session).await?),
        Command::Down(flags) => down::run(flags, session).await,
        Command::Build(flags) => Ok(build::run(flags, session).await?),
        Command::Cloud(flags) => Ok(cloud::run(flags, session).await?),
        Command::Policy(flags) => Ok(policy::run(flags, session).await?),
        Command::Completions { shell } => Ok(completions::run(shell)),
    }
}

impl From<Error> for Vec<Error> {
    fn from(error: Error) -> Vec<Error> {
        vec![error]
    }
}
