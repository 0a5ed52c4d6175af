//! Points `live` at an earlier version that passed its test ride. Only the alias changes.

use serde_json::json;

use aws_sdk_lambda::types::FunctionConfiguration;
use function_contract::env::TABLE_NAME;

use crate::aws::clients::Cloud;
use crate::cli::{self, Output};
use crate::commands::refusals::unknown_owner;
use crate::engine::inputs::Age;
use crate::engine::observed::{Index, Inventory, Ownership, ResourceId, Unmanaged};
use crate::engine::refresh::settled;
use crate::engine::resource::Scope;
use crate::error::{Error, Exit, NO_STACK};
use crate::report::document;
use crate::resources::release::alias::{Before, numbers};
use crate::resources::release::proof::{Proof, Record, Version};
use crate::session::Session;
use crate::stack::declaration::Stack;
use crate::stack::resources::Request;

pub async fn run(flags: cli::Rollback, cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    let stack = session.named_stack(&cloud.build_target)?;
    let resources = stack.resources(cloud, Request::default());
    let scope = Scope {
        resources: &resources,
        earlier: &stack.earlier(cloud),
    };
    let (stage, wait, reporter) = (&session.stage, &session.wait, &*session.reporter);
    let inventory = settled(cloud, stage, scope, wait, reporter).await?;
    session.enter(&inventory.context, cloud)?;
    check_managed(&inventory, &stack.function.id())?;

    let live = stack.live_alias(cloud);
    let alias = live
        .get()
        .await?
        .ok_or_else(|| Error::failed("the alias `live` does not exist").hint(NO_STACK))?;
    let from: Version = alias
        .function_version()
        .unwrap_or_default()
        .parse()
        .unwrap_or_default();
    let record = Record::parse(alias.description().unwrap_or_default());
    let versions = live.versions().await?;
    let proof = choose(&record, &numbers(&versions), from, flags.to)?;
    let to = proof.version;
    let number = to.to_string();
    let mut listed = versions.iter();
    if let Some(version) = listed.find(|version| version.version() == Some(&number)) {
        check_names(&stack, version, &inventory.index)?;
    }
    if to != from {
        let record = record.rolled_back_to(proof);
        let to = (to, Age::Old);
        let before = Before::Found {
            revision: alias.revision_id(),
        };
        live.point(to, &record, before, &session.wait).await?;
    }
    record_result(from, to, session);
    match session.output {
        Output::Text if to == from => {
            session.text(&format!("live: version {to}, as before\n"));
        }
        Output::Text => session.text(&format!("live: version {from} → {to}\n")),
        Output::Json => {
            let body = json!({"changed": to != from, "from": from, "to": to});
            let context = Some(&inventory.context);
            session.json(&document::document("rollback", context, body));
        }
    }
    Ok(Exit::Done)
}

/// Refuses a version from before a change of names, if it cannot work any more.
fn check_names(stack: &Stack, version: &FunctionConfiguration, index: &Index) -> Result<(), Error> {
    let number = version.version().unwrap_or_default();
    let role = version.role().unwrap_or_default();
    let role = role.rsplit('/').next().unwrap_or_default();
    let variables = version.environment().and_then(|found| found.variables());
    let table = variables.and_then(|variables| variables.get(TABLE_NAME));
    let declared = stack.role.id();
    let text = if role == declared.name {
        match table {
            Some(table) if *table != stack.table.name => format!(
                "version {number} writes to table {table}, and the {declared} may write to the declared {} only",
                stack.table.id()
            ),
            _ => return Ok(()),
        }
    } else {
        let earlier = ResourceId::new(declared.kind, role);
        let mut undeclared = index.undeclared.iter();
        // With its own role it still works.
        if undeclared.any(|one| one.id == earlier && one.state().is_some()) {
            return Ok(());
        }
        format!("version {number} runs as {earlier}, which this stack does not have any more")
    };
    Err(Error::refused(text)
        .hint("declare the names of that version again, and deploy: `provision up`"))
}

fn record_result(from: Version, to: Version, session: &Session) {
    let mut record = session.recorder.record_mut();
    record.changed = Some(to != from);
    record.result = Some(format!("`live` points at version {to}, before at {from}"));
    record.live_before = Some(from.to_string());
    record.live_after = Some(to.to_string());
}

fn check_managed(inventory: &Inventory, function: &ResourceId) -> Result<(), Error> {
    match inventory.state(function).map(|state| &state.ownership) {
        Some(Ownership::Managed) => Ok(()),
        None => Err(Error::failed(format!("the {function} does not exist")).hint(NO_STACK)),
        Some(Ownership::Unknown(why)) => Err(unknown_owner(function, why)),
        Some(Ownership::Unmanaged(why)) => {
            let error = Error::refused(format!(
                "the {function} is not managed by provision ({why})"
            ));
            Err(match why {
                Unmanaged::Elsewhere(_) | Unmanaged::InRegion(_) => {
                    error.hint("roll back the stack it belongs to; `provision status` shows which")
                }
                Unmanaged::Untagged(_) => {
                    error.hint("adopt it first: `provision up --adopt function`")
                }
            })
        }
    }
}

/// The version to roll back to: only one that passed its test ride and still exists.
fn choose(
    record: &Record,
    versions: &[Version],
    from: Version,
    to: Option<Version>,
) -> Result<Proof, Error> {
    let mut proven: Vec<&Proof> = record
        .proven()
        .filter(|proof| versions.contains(&proof.version))
        .collect();
    proven.sort_by_key(|proof| proof.version);
    let wanted = |proof: &&&Proof| match to {
        Some(to) => proof.version == to,
        None => proof.version < from,
    };
    if let Some(proof) = proven.iter().rev().find(wanted) {
        return Ok((*proof).clone());
    }
    let what = match to {
        Some(to) => format!("version {to} never passed a test ride, or was deleted"),
        None => format!("no version below {from} that passed its test ride is left"),
    };
    let other = proven.iter().rev().find(|proof| proof.version != from);
    Err(Error::failed(what).hint(match (other, to) {
        (Some(Proof { version, .. }), _) => {
            format!("version {version} passed its test ride: `provision rollback --to {version}`")
        }
        (None, Some(_)) => {
            "no other version passed a test ride; deploy instead: `provision up`".to_owned()
        }
        (None, None) => "to publish another: `provision up`".to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::choose;
    use crate::resources::release::proof::Record;

    #[test]
    fn the_highest_proven_version_below_live_is_chosen() {
        let record = Record::parse(
            "proven 00000000000000aa as 7; \
             earlier 6:00000000000000bb 4:00000000000000cc 2:00000000000000dd",
        );
        let check = |versions: &[u64], to, expected: Option<u64>| {
            let chosen = choose(&record, versions, 7, to)
                .ok()
                .map(|proof| proof.version);
            assert_eq!(chosen, expected, "{versions:?} {to:?}");
        };
        check(&[2, 4, 5, 6, 7], None, Some(6));
        check(&[2, 4, 5, 7], None, Some(4));
        check(&[2, 4, 5, 6, 7], Some(2), Some(2));
        check(&[2, 4, 5, 6, 7], Some(5), None);
        check(&[7], None, None);
    }
}
