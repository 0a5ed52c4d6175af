//! The reasons why a plan cannot be applied, each with a hint.

use crate::aws::texts::missing_statement;
use crate::engine::attribute::Name;
use crate::engine::observed::{ResourceId, Unmanaged};
use crate::engine::plan::{Blocked, Consent, ResourceState, parts};
use crate::engine::plan_digest::PlanDigest;
use crate::error::{Error, Exit};

pub fn refusals<'a>(blocked: impl Iterator<Item = (&'a ResourceId, &'a Blocked)>) -> Vec<Error> {
    let blocked: Vec<_> = blocked.collect();
    let adoptable = blocked.iter().filter(|(_, blocked)| is_adoptable(blocked));
    let adoptable: Vec<&ResourceId> = adoptable.map(|(id, _)| *id).collect();
    // All in one command: adopting only one of them would be refused because of the others.
    let adopt = adoptable.iter().map(|id| {
        let is_alone = adoptable
            .iter()
            .filter(|other| other.kind == id.kind)
            .count()
            == 1;
        match is_alone {
            true => format!("--adopt {}", id.key()),
            false => format!("--adopt {}/{}", id.key(), id.name),
        }
    });
    let adopt: Vec<String> = adopt.collect();
    let refusals = blocked.into_iter();
    refusals
        .map(|(id, blocked)| refusal(id, blocked, &adopt.join(" ")))
        .collect()
}

fn is_adoptable(blocked: &Blocked) -> bool {
    let untagged = |why: &Unmanaged| matches!(why, Unmanaged::Untagged(_));
    matches!(blocked, Blocked::Unmanaged { why, .. } if untagged(why))
}

fn refusal(id: &ResourceId, blocked: &Blocked, adopt: &str) -> Error {
    match blocked {
        Blocked::Settling(status) => {
            Error::failed(format!("{id} is {status}")).hint("run again when that is over: `…`")
        }
        Blocked::Broken(reason) => Error::failed(format!("{id} is broken: {reason}"))
            .hint("fix it in AWS, then run again: `…`"),
        Blocked::Unmanaged { why, .. } => {
            let error = Error::refused(format!(
                "{id} already exists and is not managed by provision ({why})"
            ));
            match why {
                Unmanaged::Elsewhere(_) => {
                    error.hint("deploy a stack with other names: `… --stage second`")
                }
                Unmanaged::InRegion(region) => error.hint(format!(
                    "the stack is in {region}: `… --region {region}`; to deploy another one here: `… --stage second`"
                )),
                Unmanaged::Untagged(_) => error.hint(format!(
                    "to adopt it, check the differences above, then run: `… {adopt}`"
                )),
            }
        }
        Blocked::UnknownOwner(why) => unknown_owner(id, why),
        Blocked::Refused {
            difference: _,
            why,
            hint,
        } => Error::refused(format!("{id}: {why}")).hint(hint),
    }
}

/// Fails if a value of `--drop` names nothing that could be deleted.
pub fn check_drops(consent: &Consent, states: &[ResourceState]) -> Result<(), Error> {
    let parts: Vec<String> = parts(states).map(Name::part).collect();
    let is_part = |drop: &String| parts.iter().any(|part| part.eq_ignore_ascii_case(drop));
    let Some(unknown) = consent.drop.iter().find(|drop| !is_part(drop)) else {
        return Ok(());
    };
    let text = format!("there is no undeclared part `{unknown}` to delete");
    let parts = match parts.is_empty() {
        true => "nothing".to_owned(),
        false => parts.join(", "),
    };
    Err(Error::usage(text).hint(format!("what can be deleted: {parts}")))
}

/// The plan is not the approved one.
pub fn plan_changed(approved: &PlanDigest, now: &PlanDigest) -> Error {
    let places = match approved.differs_in(now) {
        // The digest covers what the flags lead to; the parts do not.
        places if places.is_empty() => "the flags".to_owned(),
        places => places.join(" and "),
    };
    let text = format!("the plan is not that of `--plan-digest`: it differs in {places}");
    Error::refused(text).hint(format!(
        "check the plan above, then apply it: `… --plan-digest {now}`"
    ))
}

/// The tags could not be read: because the caller lacks the permission, or for the moment.
pub fn unknown_owner(id: &ResourceId, why: &str) -> Error {
    let text = format!("cannot determine ownership of {id}: {why}");
    match missing_statement(why) {
        Some(statement) => Error::new(Exit::Denied, text).hint(statement),
        None => Error::refused(text).hint("run again later: `…`"),
    }
}
