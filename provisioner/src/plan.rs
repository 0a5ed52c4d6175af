//! What is to be done, decided whole before anything is changed. Pure.

use crate::diff::diff;
use crate::resource::{
    Attribute, Condition, Difference, Observed, OnChange, Ownership, ResourceId, Seen,
};

/// One resource with what is declared and what was seen of it.
#[derive(Clone, Debug)]
pub struct Subject {
    pub id: ResourceId,
    pub needs: Vec<ResourceId>,
    pub goes_before: Vec<ResourceId>,
    /// Empty for `down`, which needs names only.
    pub desired: Vec<Attribute>,
    pub observed: Observed,
    pub adoption_note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Keep,
    Create(Vec<Attribute>),
    Update(Vec<Difference>),
    /// Somebody else made it; the user said `--adopt KIND`.
    Adopt(Vec<Difference>),
    /// It failed when it was made, for this reason; delete and make it again.
    Replace(String, Vec<Attribute>),
    Delete,
    /// `down` does not touch it, for this reason.
    Leave(String),
    Blocked(Blocked),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    Settling(String),
    Broken(String),
    NotOurs {
        why: String,
        differences: Vec<Difference>,
    },
    /// Whose it is could not be read.
    Unknown(String),
    Refused {
        difference: Difference,
        why: String,
        hint: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub id: ResourceId,
    pub action: Action,
    /// Starts when these are done.
    pub after: Vec<ResourceId>,
    pub note: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub changes: Vec<Change>,
}

impl Plan {
    pub fn up(subjects: Vec<Subject>, adopt: &[String]) -> Plan {
        let changes = subjects.into_iter().map(|subject| {
            let adopted = adopt.iter().any(|kind| kind == subject.id.kind);
            let action = match &subject.observed {
                Observed::Absent => Action::Create(subject.desired),
                Observed::Present(seen) => action_up(subject.desired, seen, adopted),
            };
            let note = match &action {
                Action::Adopt(_) | Action::Blocked(Blocked::NotOurs { .. }) => {
                    subject.adoption_note
                }
                _ => None,
            };
            Change {
                id: subject.id,
                action,
                after: subject.needs,
                note,
            }
        });
        Plan {
            changes: changes.collect(),
        }
    }

    /// Everything that is ours, in reverse; `keep` names what stays.
    pub fn down(subjects: &[Subject], keep: &[ResourceId]) -> Plan {
        let changes = subjects.iter().rev().map(|subject| {
            let first = subjects
                .iter()
                .filter(|other| other.goes_before.contains(&subject.id));
            Change {
                id: subject.id.clone(),
                action: action_down(subject, subjects, keep),
                after: first.map(|other| other.id.clone()).collect(),
                note: None,
            }
        });
        Plan {
            changes: changes.collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.changes
            .iter()
            .all(|change| matches!(change.action, Action::Keep | Action::Leave(_)))
    }

    pub fn blocked(&self) -> impl Iterator<Item = (&ResourceId, &Blocked)> {
        self.changes
            .iter()
            .filter_map(|change| match &change.action {
                Action::Blocked(blocked) => Some((&change.id, blocked)),
                _ => None,
            })
    }

    /// What the plan takes away or takes over: an `up` that does any of it asks first.
    pub fn consents(&self) -> Vec<String> {
        self.changes
            .iter()
            .flat_map(|change| consents(&change.id, &change.action))
            .collect()
    }
}

fn action_up(desired: Vec<Attribute>, seen: &Seen, adopted: bool) -> Action {
    if let Ownership::Unknown(why) = &seen.ownership {
        // Tags show only once the rest is there.
        return Action::Blocked(match &seen.condition {
            Condition::Settling(status) => Blocked::Settling(status.clone()),
            _ => Blocked::Unknown(why.clone()),
        });
    }
    let foreign = match &seen.ownership {
        Ownership::Foreign(why) => Some(why.clone()),
        Ownership::Ours | Ownership::Unknown(_) => None,
    };
    let differences = diff(&desired, &seen.facts);
    if let Some(why) = foreign.clone()
        && !adopted
    {
        return Action::Blocked(Blocked::NotOurs { why, differences });
    }
    match &seen.condition {
        Condition::Settling(status) => return Action::Blocked(Blocked::Settling(status.clone())),
        Condition::Broken(reason) => return Action::Blocked(Blocked::Broken(reason.clone())),
        Condition::FailedAtCreation(reason) => return Action::Replace(reason.clone(), desired),
        Condition::Ready => {}
    }
    let refused = differences
        .iter()
        .find_map(|difference| match &difference.on_change {
            OnChange::Refuse { why, hint } => Some(Blocked::Refused {
                difference: difference.clone(),
                why: why.clone(),
                hint: hint.clone(),
            }),
            OnChange::Update | OnChange::Ask(_) => None,
        });
    match (refused, differences.is_empty(), foreign.is_some()) {
        (Some(blocked), _, _) => Action::Blocked(blocked),
        (None, true, false) => Action::Keep,
        (None, _, true) => Action::Adopt(differences),
        (None, false, false) => Action::Update(differences),
    }
}

fn action_down(subject: &Subject, subjects: &[Subject], keep: &[ResourceId]) -> Action {
    let Observed::Present(seen) = &subject.observed else {
        return Action::Keep;
    };
    if keep.contains(&subject.id) {
        return Action::Leave("kept as asked".to_owned());
    }
    match &seen.ownership {
        Ownership::Foreign(why) => Action::Leave(format!("not ours: {why}")),
        Ownership::Unknown(why) => Action::Blocked(Blocked::Unknown(why.clone())),
        // What has no tags of its own goes with what it needs.
        Ownership::Ours => match foreign_need(subject, subjects) {
            Some(need) => Action::Leave(format!("{need} is not ours")),
            None => Action::Delete,
        },
    }
}

fn foreign_need<'a>(subject: &Subject, subjects: &'a [Subject]) -> Option<&'a ResourceId> {
    let foreign = |other: &&Subject| {
        let seen = other.observed.seen();
        seen.is_some_and(|seen| matches!(seen.ownership, Ownership::Foreign(_)))
    };
    subjects
        .iter()
        .filter(|other| subject.needs.contains(&other.id))
        .find(foreign)
        .map(|other| &other.id)
}

fn consents(id: &ResourceId, action: &Action) -> Vec<String> {
    let lost = |differences: &[Difference]| -> Vec<String> {
        let lost = differences.iter().filter_map(|difference| {
            let Difference {
                attribute,
                from: _,
                to,
                on_change,
                source: _,
            } = difference;
            match (to, on_change) {
                (None, _) => Some(format!("{id}: drop `{attribute}`")),
                (Some(to), OnChange::Ask(loses)) => {
                    Some(format!("{id}: `{attribute}` → {to}, {loses}"))
                }
                (Some(_), OnChange::Update | OnChange::Refuse { .. }) => None,
            }
        });
        lost.collect()
    };
    match action {
        Action::Keep | Action::Create(_) | Action::Leave(_) | Action::Blocked(_) => Vec::new(),
        Action::Update(differences) => lost(differences),
        Action::Adopt(differences) => {
            let mut consents = vec![format!("adopt {id}")];
            consents.extend(lost(differences));
            consents
        }
        Action::Replace(reason, _) => vec![format!("delete and recreate {id} ({reason})")],
        Action::Delete => vec![format!("delete {id}")],
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Blocked, Plan, Subject};
    use crate::resource::{Attribute, Condition, Facts, Observed, Ownership, ResourceId, Seen};

    fn subject(ownership: Ownership, condition: Condition, memory: &str) -> Subject {
        let mut facts = Facts::default();
        facts.is("memory", memory);
        Subject {
            id: ResourceId::new("function", "F"),
            needs: Vec::new(),
            goes_before: Vec::new(),
            desired: vec![Attribute::new("memory", "128 MB")],
            observed: Observed::Present(Seen {
                ownership,
                condition,
                facts,
                details: Vec::new(),
            }),
            adoption_note: None,
        }
    }

    fn up(subject: Subject, adopt: &[&str]) -> Action {
        let adopt: Vec<String> = adopt.iter().map(|kind| (*kind).to_owned()).collect();
        Plan::up(vec![subject], &adopt).changes.remove(0).action
    }

    #[test]
    fn what_is_as_declared_is_kept() {
        assert_eq!(
            up(subject(Ownership::Ours, Condition::Ready, "128 MB"), &[]),
            Action::Keep
        );
    }

    #[test]
    fn what_is_not_ours_is_blocked_with_its_differences_until_adopted() {
        let foreign = || Ownership::Foreign("no tags".to_owned());
        let action = up(subject(foreign(), Condition::Ready, "512 MB"), &[]);
        let Action::Blocked(Blocked::NotOurs { differences, .. }) = action else {
            panic!("{action:?}")
        };
        assert_eq!(differences.len(), 1);
        let action = up(
            subject(foreign(), Condition::Ready, "512 MB"),
            &["function"],
        );
        assert!(matches!(action, Action::Adopt(_)), "{action:?}");
    }

    #[test]
    fn unread_tags_are_unknown_never_ours() {
        let unknown = Ownership::Unknown("denied".to_owned());
        let action = up(subject(unknown, Condition::Ready, "128 MB"), &["function"]);
        assert!(
            matches!(action, Action::Blocked(Blocked::Unknown(_))),
            "{action:?}"
        );
        let unknown = Ownership::Unknown("it is CREATING".to_owned());
        let creating = Condition::Settling("CREATING".to_owned());
        let action = up(subject(unknown, creating, "128 MB"), &[]);
        assert!(
            matches!(action, Action::Blocked(Blocked::Settling(_))),
            "{action:?}"
        );
    }

    #[test]
    fn only_a_failure_at_creation_is_replaced() {
        let failed = Condition::FailedAtCreation("EniLimit".to_owned());
        let action = up(subject(Ownership::Ours, failed, "128 MB"), &[]);
        assert!(matches!(action, Action::Replace(..)), "{action:?}");
        let broken = Condition::Broken("key gone".to_owned());
        let action = up(subject(Ownership::Ours, broken, "128 MB"), &[]);
        assert!(
            matches!(action, Action::Blocked(Blocked::Broken(_))),
            "{action:?}"
        );
    }

    #[test]
    fn a_refused_attribute_is_never_updated() {
        let mut subject = subject(Ownership::Ours, Condition::Ready, "512 MB");
        subject.desired = vec![Attribute::new("memory", "128 MB").refuse("for good", "leave it")];
        let action = up(subject, &[]);
        assert!(
            matches!(action, Action::Blocked(Blocked::Refused { .. })),
            "{action:?}"
        );
    }

    #[test]
    fn down_goes_in_reverse_and_leaves_what_is_not_ours() {
        let ours = subject(Ownership::Ours, Condition::Ready, "128 MB");
        let mut release = ours.clone();
        release.id = ResourceId::new("release", "live");
        release.needs = vec![ours.id.clone()];
        release.goes_before = release.needs.clone();
        let plan = Plan::down(&[ours, release.clone()], &[]);
        assert_eq!(plan.changes[0].id, release.id);
        assert_eq!(plan.changes[1].after, std::slice::from_ref(&release.id));
        let foreign = subject(
            Ownership::Foreign("no tags".to_owned()),
            Condition::Ready,
            "1",
        );
        let plan = Plan::down(&[foreign, release], &[]);
        assert!(plan.is_empty(), "{plan:?}");
    }
}
