//! What `down` asks before it deletes: the name of a production stage, and of a table with rides.

use futures::future::try_join_all;

use crate::cli;
use crate::engine::observed::{Inventory, ResourceId};
use crate::engine::plan::{Action, Change, Plan};
use crate::error::Error;
use crate::resources::{log_group, table};
use crate::rides::{Count, Rides};
use crate::session::Session;

/// Fails if `--confirm-stage` names another stage than this run deletes.
pub fn check_confirmed(flags: &cli::Down, session: &Session) -> Result<(), Error> {
    let stage = session.stage.as_str();
    match &flags.confirm_stage {
        Some(typed) if typed != stage => Err(Error::refused(format!(
            "--confirm-stage names `{typed}`, and the stage is `{stage}`: nothing was deleted"
        ))
        .hint(format!("to delete this one: `… --confirm-stage {stage}`"))),
        _ => Ok(()),
    }
}

/// A production stage is deleted only if its name is typed or given with `--confirm-stage`.
pub async fn guard_production(flags: &cli::Down, session: &Session) -> Result<(), Error> {
    let stage = session.stage.as_str();
    if !session.stage.is_production() || flags.confirm_stage.is_some() {
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

/// A table that is to be deleted, and the rides that would be lost with it.
pub struct Loss {
    pub table: ResourceId,
    pub rides: Count,
}

/// Counts the rides that would be lost without a flag that says what to do with them. Tables without rides are left out.
pub async fn unguarded_rides(
    flags: &cli::Down,
    plan: &Plan,
    rides: &Rides,
) -> Result<Vec<Loss>, Error> {
    if flags.delete_data {
        return Ok(Vec::new());
    }
    let changes = plan.changes.iter();
    let deleted = changes.filter(|change| matches!(change.action, Action::Delete(_)));
    let tables = deleted.filter(|change| change.id.kind == table::KIND);
    let counts = tables.map(|change| async {
        let rides = Rides {
            table: change.id.name.clone(),
            ..rides.clone()
        };
        let rides = rides.count().await?;
        let table = change.id.clone();
        Ok::<_, Error>(Loss { table, rides })
    });
    let counts = try_join_all(counts).await?.into_iter();
    Ok(counts
        .filter(|loss| loss.rides != Count::Exactly(0))
        .collect())
}

/// Rides are deleted only with `--delete-data`, or if the user types the name of each table; `--yes` is not enough.
pub async fn guard_rides(losses: &[Loss], session: &Session) -> Result<(), Error> {
    for Loss { table, rides } in losses {
        let name = &table.name;
        let question = format!("The table {name} contains {rides}. Type its name to delete them: ");
        match session.ask_name(&question).await? {
            Some(typed) if typed == *name => {}
            Some(typed) => return Err(wrong_name(&typed, name)),
            None => return Err(unguarded(losses, session)),
        }
    }
    Ok(())
}

fn unguarded(losses: &[Loss], session: &Session) -> Error {
    let yes = session.assent();
    let texts = losses.iter();
    let texts = texts.map(|Loss { table, rides }| format!("the {table} contains {rides}"));
    let (tables, it, its) = match losses.len() {
        1 => ("table", "it", "its"),
        _ => ("tables", "them", "their"),
    };
    Error::refused(texts.collect::<Vec<_>>().join(", and ")).hint(format!(
        "`… --keep-data{yes}` keeps the {tables}, `… --delete-data{yes}` deletes {it} with {its} rides"
    ))
}

fn wrong_name(typed: &str, expected: &str) -> Error {
    let text = format!("`{typed}` is not `{expected}`: nothing was deleted");
    Error::refused(text).hint("to type it again: `…`")
}

/// A log group with deletion protection is deleted only with the consent that rides require, too: `typed` if the user
/// has typed the name of a table.
pub fn guard_log_groups(
    flags: &cli::Down,
    typed: bool,
    plan: &Plan,
    inventory: &Inventory,
    session: &Session,
) -> Result<(), Error> {
    let is_protected = |change: &&Change| {
        change.id.kind == log_group::KIND
            && matches!(change.action, Action::Delete(_))
            && inventory
                .state(&change.id)
                .is_some_and(log_group::is_protected)
    };
    let protected = plan.changes.iter().find(is_protected);
    let Some(Change { id, .. }) = protected.filter(|_| !flags.delete_data && !typed) else {
        return Ok(());
    };
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
