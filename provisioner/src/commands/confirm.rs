//! What `down` asks before it deletes: the name of a production stage, and of a table with rides.

use crate::cli;
use crate::engine::observed::{Inventory, Ownership, ResourceId};
use crate::engine::plan::DataLoss;
use crate::error::Error;
use crate::resources::{log_group, table};
use crate::rides::{Count, Rides};
use crate::session::Session;

/// A production stage is deleted only if its name is typed or given with `--confirm-stage`.
pub async fn guard_production(flags: &cli::Down, session: &Session) -> Result<(), Error> {
    let stage = session.stage.as_str();
    if !session.stage.is_production() || flags.confirm_stage.as_deref() == Some(stage) {
        return Ok(());
    }
    let question = format!("`{stage}` is a production stage. Type its name to delete it: ");
    match session.ask_name(&question).await? {
        Some(typed) if typed == stage => Ok(()),
        Some(typed) => Err(wrong_name(&typed, stage)),
        None => Err(
            Error::refused(format!("`{stage}` is a production stage")).hint(format!(
                "to delete it: `… --confirm-stage {stage}{}`",
                session.assent()
            )),
        ),
    }
}

/// Counts the rides that would be lost without a flag that says what to do with them.
pub async fn unguarded_rides(
    flags: &cli::Down,
    inventory: &Inventory,
    rides: &Rides,
) -> Result<Count, Error> {
    let table = inventory.of_kind(table::KIND);
    let managed = table.is_some_and(|state| state.ownership == Ownership::Managed);
    if !managed || flags.keep_data || flags.delete_data {
        return Ok(Count::Exactly(0));
    }
    Ok(rides.count().await?)
}

/// Rides are deleted only with `--delete-data`, or if the user types the name of the table; `--yes` is not
/// enough.
pub async fn guard_rides(rides: Count, table: &str, session: &Session) -> Result<DataLoss, Error> {
    if rides == Count::Exactly(0) {
        return Ok(DataLoss::Refused);
    }
    let question = format!("The table {table} contains {rides}. Type its name to delete them: ");
    match session.ask_name(&question).await? {
        Some(typed) if typed == table => Ok(DataLoss::Accepted),
        Some(typed) => Err(wrong_name(&typed, table)),
        None => {
            let yes = session.assent();
            let text = format!("the table {table} contains {rides}");
            Err(Error::refused(text).hint(format!(
                "`… --keep-data{yes}` keeps the table, `… --delete-data{yes}` deletes it with its \
                 rides"
            )))
        }
    }
}

fn wrong_name(typed: &str, expected: &str) -> Error {
    let text = format!("`{typed}` is not `{expected}`: nothing was deleted");
    Error::refused(text).hint("to type it again: `…`")
}

/// A log group with deletion protection is deleted only with the consent that rides require, too.
pub fn guard_log_group(
    id: &ResourceId,
    flags: &cli::Down,
    data: DataLoss,
    inventory: &Inventory,
    session: &Session,
) -> Result<(), Error> {
    let protected = inventory.state(id).is_some_and(|state| {
        state.ownership == Ownership::Managed && log_group::is_protected(state)
    });
    if !protected || flags.delete_data || data == DataLoss::Accepted {
        return Ok(());
    }
    let hint = if flags.keep_data {
        format!(
            "disable it: `aws logs put-log-group-deletion-protection --log-group-identifier {} \
             --no-deletion-protection-enabled`",
            id.name
        )
    } else {
        let yes = session.assent();
        format!("`… --delete-data{yes}` disables it and deletes the log events, and the rides")
    };
    Err(Error::refused(format!("the deletion protection of the {id} is on")).hint(hint))
}
