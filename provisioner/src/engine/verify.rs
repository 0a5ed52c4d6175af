//! Verifies a finished `up`: a new plan must be empty, or contain only changes of this run that AWS does
//! not show yet. Pure.

use super::attribute::{Attribute, Difference, Name, Value};
use super::observed::ResourceId;
use super::plan::{Action, Blocked, Plan};

/// The result of comparing a second plan with a finished run.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The cloud equals the declaration.
    Equal,
    /// What this run wrote to these resources is not visible yet: the value from before the write is shown,
    /// or the service's default for what the run created.
    Lagging(Vec<(ResourceId, String)>),
    /// Any other value: another user or program changed the stack during this run.
    ChangedByOthers { id: ResourceId, what: String },
}

/// Compares the plan that was applied (`done`) with the plan for the state that was read afterwards
/// (`left`).
pub fn verify(done: &Plan, left: &Plan) -> Verdict {
    let mut lagging = Vec::new();
    for change in &left.changes {
        match leftover(done.action(&change.id), &change.action) {
            Leftover::Nothing => {}
            Leftover::Lag(status) => lagging.push((change.id.clone(), status)),
            Leftover::Others(what) => {
                let id = change.id.clone();
                return Verdict::ChangedByOthers { id, what };
            }
        }
    }
    if lagging.is_empty() {
        Verdict::Equal
    } else {
        Verdict::Lagging(lagging)
    }
}

enum Leftover {
    Nothing,
    Lag(String),
    Others(String),
}

fn leftover(done: Option<&Action>, left: &Action) -> Leftover {
    let created = matches!(done, Some(Action::Create(_) | Action::Replace(..)));
    let adopted = matches!(done, Some(Action::Adopt(_)));
    match left {
        Action::Keep | Action::Delete(_) | Action::Leave(_) => Leftover::Nothing,
        Action::Create(_) if created => Leftover::Lag("not visible yet".to_owned()),
        Action::Create(_) => Leftover::Others("it was deleted".to_owned()),
        Action::Update(differences) | Action::Adopt(differences) => compare(done, differences),
        Action::Replace(reason, _) => Leftover::Others(reason.clone()),
        Action::Blocked(Blocked::Settling(status)) => Leftover::Lag(status.clone()),
        // The tags of what this run created or adopted are read back later than they are written.
        Action::Blocked(Blocked::Unmanaged { .. } | Blocked::UnknownOwner(_))
            if created || adopted =>
        {
            Leftover::Lag("its tags are not visible yet".to_owned())
        }
        Action::Blocked(Blocked::Unmanaged { why, .. }) => Leftover::Others(why.to_string()),
        Action::Blocked(
            Blocked::UnknownOwner(why) | Blocked::Broken(why) | Blocked::Refused { why, .. },
        ) => Leftover::Others(why.clone()),
    }
}

fn compare(done: Option<&Action>, differences: &[Difference]) -> Leftover {
    let lags = |difference: &&Difference| is_lag(done, difference);
    let (lagging, others): (Vec<_>, Vec<_>) = differences.iter().partition(lags);
    let names = |found: &[&Difference]| -> String {
        let names: Vec<String> = found.iter().map(|d| format!("`{}`", d.attribute)).collect();
        names.join(", ")
    };
    if others.is_empty() {
        Leftover::Lag(format!("{} not visible yet", names(&lagging)))
    } else {
        Leftover::Others(names(&others))
    }
}

fn is_lag(done: Option<&Action>, difference: &Difference) -> bool {
    // It follows from a resource that this run created and reads do not show yet.
    if difference.to == Some(Value::AfterApply) {
        return true;
    }
    match done {
        Some(Action::Create(written) | Action::Replace(_, written)) => {
            let attribute = find(written, &difference.attribute);
            let default = attribute.and_then(|attribute| attribute.service_default);
            difference.from.is_none() || difference.from.as_deref() == default
        }
        Some(Action::Update(written) | Action::Adopt(written)) => written.iter().any(|earlier| {
            earlier.attribute == difference.attribute && earlier.from == difference.from
        }),
        Some(Action::Keep | Action::Delete(_) | Action::Leave(_) | Action::Blocked(_)) | None => {
            false
        }
    }
}

fn find<'a>(attributes: &'a [Attribute], name: &Name) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name == *name)
}

#[cfg(test)]
mod tests {
    use super::{Leftover, Verdict, leftover, verify};
    use crate::engine::attribute::{Attribute, Difference, OnChange, Shown, Value};
    use crate::engine::observed::{ResourceId, Unmanaged};
    use crate::engine::plan::{Action, Blocked, Change, Plan};

    fn recovery(from: Option<&str>) -> Vec<Difference> {
        vec![Difference {
            attribute: "recovery".into(),
            from: from.map(str::to_owned),
            to: Some("on".into()),
            on_change: OnChange::Update,
            source: None,
            shown: Shown::Always,
            widens: false,
        }]
    }

    fn created() -> Action {
        Action::Create(vec![
            Attribute::new("recovery", "on").service_default("off"),
        ])
    }

    fn check(done: Option<Action>, left: Action, expected: &str) {
        let found = match leftover(done.as_ref(), &left) {
            Leftover::Nothing => "nothing",
            Leftover::Lag(_) => "lag",
            Leftover::Others(_) => "others",
        };
        assert_eq!(found, expected, "{done:?} then {left:?}");
    }

    #[test]
    fn what_this_run_wrote_may_show_its_old_value_or_the_services_default() {
        let update = |from| Action::Update(recovery(from));
        check(Some(created()), update(None), "lag");
        check(Some(created()), update(Some("off")), "lag");
        check(Some(created()), update(Some("35 days")), "others");
        check(Some(update(Some("7 days"))), update(Some("7 days")), "lag");
        check(Some(update(Some("7 days"))), update(Some("off")), "others");
        check(Some(Action::Keep), update(Some("off")), "others");
        check(None, update(None), "others");
    }

    #[test]
    fn what_this_run_created_may_be_invisible_or_untagged_for_a_while() {
        let untagged = || {
            Action::Blocked(Blocked::Unmanaged {
                why: Unmanaged::Untagged("it has no tags".to_owned()),
                differences: Vec::new(),
            })
        };
        check(Some(created()), created(), "lag");
        check(Some(Action::Keep), created(), "others");
        check(Some(created()), untagged(), "lag");
        check(Some(Action::Adopt(Vec::new())), untagged(), "lag");
        check(Some(Action::Keep), untagged(), "others");
    }

    #[test]
    fn all_that_lags_is_named() {
        let id = |name: &str| ResourceId::new("role", name);
        let plan = |action: fn() -> Action, names: [&str; 2]| Plan {
            changes: names
                .map(|name| Change {
                    id: id(name),
                    action: action(),
                    after: Vec::new(),
                    note: None,
                    undeclared: Vec::new(),
                })
                .into(),
        };
        let done = plan(created, ["a", "b"]);
        let Verdict::Lagging(found) = verify(&done, &plan(created, ["a", "b"])) else {
            panic!("both are missing");
        };
        let found: Vec<ResourceId> = found.into_iter().map(|(id, _)| id).collect();
        assert_eq!(found, [id("a"), id("b")]);
        assert_eq!(
            verify(&done, &plan(|| Action::Keep, ["a", "b"])),
            Verdict::Equal
        );
    }

    #[test]
    fn what_follows_from_an_invisible_creation_is_lag() {
        let mut differences = recovery(Some("off"));
        differences[0].to = Some(Value::AfterApply);
        check(Some(Action::Keep), Action::Update(differences), "lag");
    }
}
