//! The plan: all changes of a run, decided before anything is changed. Pure.

use super::attribute::{Attribute, Difference, Name, OnChange};
use super::diff::diff;
use super::observed::{Condition, Fact, Observed, ObservedState, Ownership, ResourceId, Unmanaged};

/// One resource: its declaration and its observed state.
#[derive(Clone, Debug)]
pub struct ResourceState {
    pub id: ResourceId,
    pub dependencies: Dependencies,
    /// Empty for `down`, which needs names only.
    pub desired: Vec<Attribute>,
    pub observed: Observed,
    pub adoption_note: Option<String>,
}

/// The order in which changes may start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// The resources whose changes are done before a change of this one starts.
    pub needs: Vec<ResourceId>,
    /// The resources that are deleted only after this one: as a rule, those that it needs.
    pub delete_before: Vec<ResourceId>,
}

impl Dependencies {
    pub fn needs(needs: Vec<ResourceId>) -> Dependencies {
        Dependencies {
            delete_before: needs.clone(),
            needs,
        }
    }
}

/// The consent that the command line gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// The resources that `--adopt` names.
    pub adopt: Vec<ResourceId>,
    /// The parts of `--drop`: `index/ByUser`.
    pub drop: Vec<String>,
    /// The resources that `down` keeps.
    pub keep: Vec<ResourceId>,
    /// The resources whose data may be deleted.
    pub lose_data: Vec<ResourceId>,
}

impl Consent {
    pub fn drops(&self, part: &Name) -> bool {
        is_named(&self.drop, part)
    }
}

/// The parts of existing resources that nothing declares.
pub fn parts(states: &[ResourceState]) -> impl Iterator<Item = &Name> {
    let existing = states
        .iter()
        .filter_map(|state| Some((state, state.observed.state()?)));
    existing.flat_map(|(state, observed)| {
        let parts = observed
            .facts
            .iter()
            .filter(|(_, fact)| matches!(fact, Fact::Part(_)));
        let names = parts.map(|(name, _)| name);
        names.filter(|name| {
            !state
                .desired
                .iter()
                .any(|attribute| attribute.name == **name)
        })
    })
}

/// Whether one of these values of `--drop` names the part.
pub fn is_named(drop: &[String], part: &Name) -> bool {
    let part = part.part();
    drop.iter().any(|drop| drop.eq_ignore_ascii_case(&part))
}

/// Whether a deletion may delete data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataLoss {
    /// The resource is deleted only while it holds no data.
    #[default]
    Refused,
    Accepted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Keep,
    Create(Vec<Attribute>),
    Update(Vec<Difference>),
    /// It is unmanaged, and `--adopt KIND` was given.
    Adopt(Vec<Difference>),
    /// Its creation failed, for this reason: delete it and create it again.
    Replace(String, Vec<Attribute>),
    Delete(DataLoss),
    /// It is kept as it is.
    Leave(Left),
    Blocked(Blocked),
}

impl Action {
    pub fn name(&self) -> &'static str {
        match self {
            Action::Keep => "keep",
            Action::Create(_) => "create",
            Action::Update(_) => "update",
            Action::Adopt(_) => "adopt",
            Action::Replace(..) => "replace",
            Action::Delete(_) => "delete",
            Action::Leave(_) => "leave",
            Action::Blocked(_) => "blocked",
        }
    }
}

impl Action {
    fn differences_mut(&mut self) -> impl Iterator<Item = &mut Difference> {
        let differences: &mut [Difference] = match self {
            Action::Update(differences)
            | Action::Adopt(differences)
            | Action::Blocked(Blocked::Unmanaged { differences, .. }) => differences,
            _ => &mut [],
        };
        differences.iter_mut()
    }
}

/// Why a resource is kept: by `down`, or by `up` if it is no longer declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// `--keep-data` was given.
    KeepData,
    Unmanaged(Unmanaged),
    /// It has no tags of its own and belongs to this unmanaged resource.
    WithUnmanaged(ResourceId),
    /// It is no longer declared, and only `down` deletes it.
    Undeclared,
    /// It is no longer declared, and could not be read.
    Unreadable(String),
    /// It is no longer declared, and this program no longer has its kind.
    UnknownKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    Settling(String),
    Broken(String),
    Unmanaged {
        why: Unmanaged,
        differences: Vec<Difference>,
    },
    /// The tags that show whether it is managed could not be read.
    UnknownOwner(String),
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
    /// The changes that must be done before this one starts.
    pub after: Vec<ResourceId>,
    pub note: Option<String>,
    /// The parts of the resource that are not declared and stay, because no `--drop` names them.
    pub undeclared: Vec<Name>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub changes: Vec<Change>,
}

impl Plan {
    /// The changes that make the cloud equal to the declaration. The same states and consent give the same
    /// plan.
    pub fn up(states: Vec<ResourceState>, consent: &Consent) -> Plan {
        let ids = states.iter().map(|state| &state.id);
        let in_use: Vec<ResourceId> = ids.filter(|id| is_in_use(id, &states)).cloned().collect();
        let changes = states.into_iter().map(|state| {
            let adopted = consent.adopt.contains(&state.id);
            let (mut action, undeclared) = match &state.observed {
                Observed::Absent => (Action::Create(state.desired), Vec::new()),
                Observed::Present(observed) => {
                    let (differences, undeclared) = differences(&state.desired, observed, consent);
                    let action = action_up(state.desired, differences, observed, adopted);
                    (action, undeclared)
                }
            };
            if !in_use.contains(&state.id) {
                action
                    .differences_mut()
                    .for_each(|found| found.widens = false);
            }
            let note = match &action {
                Action::Adopt(_) | Action::Blocked(Blocked::Unmanaged { .. }) => {
                    state.adoption_note
                }
                _ => None,
            };
            Change {
                id: state.id,
                action,
                after: state.dependencies.needs,
                note,
                undeclared,
            }
        });
        Plan {
            changes: changes.collect(),
        }
    }

    /// The deletion of all managed resources, in reverse order.
    pub fn down(states: &[ResourceState], consent: &Consent) -> Plan {
        let changes = states.iter().rev().map(|state| {
            let first = states
                .iter()
                .filter(|other| other.dependencies.delete_before.contains(&state.id));
            Change {
                id: state.id.clone(),
                action: action_down(state, states, consent),
                after: first.map(|other| other.id.clone()).collect(),
                note: None,
                undeclared: Vec::new(),
            }
        });
        Plan {
            changes: changes.collect(),
        }
    }

    /// The deletion of one resource that AWS created again after it had been deleted.
    pub fn delete(id: ResourceId) -> Plan {
        let change = Change {
            id,
            action: Action::Delete(DataLoss::Refused),
            after: Vec::new(),
            note: None,
            undeclared: Vec::new(),
        };
        Plan {
            changes: vec![change],
        }
    }

    pub fn is_empty(&self) -> bool {
        self.changes
            .iter()
            .all(|change| matches!(change.action, Action::Keep | Action::Leave(_)))
    }

    pub fn action(&self, id: &ResourceId) -> Option<&Action> {
        let found = self.changes.iter().find(|change| change.id == *id);
        found.map(|change| &change.action)
    }

    pub fn blocked(&self) -> impl Iterator<Item = (&ResourceId, &Blocked)> {
        self.changes
            .iter()
            .filter_map(|change| match &change.action {
                Action::Blocked(blocked) => Some((&change.id, blocked)),
                _ => None,
            })
    }
}

/// What differs, without the parts that stay, and these parts.
fn differences(
    desired: &[Attribute],
    observed: &ObservedState,
    consent: &Consent,
) -> (Vec<Difference>, Vec<Name>) {
    let differences = diff(desired, &observed.facts).into_iter();
    let (stays, differences): (Vec<_>, Vec<_>) = differences.partition(|difference| {
        difference.on_change == OnChange::Drop && !consent.drops(&difference.attribute)
    });
    let undeclared = stays.into_iter().map(|difference| difference.attribute);
    (differences, undeclared.collect())
}

fn action_up(
    desired: Vec<Attribute>,
    differences: Vec<Difference>,
    observed: &ObservedState,
    adopted: bool,
) -> Action {
    let unmanaged = match &observed.ownership {
        Ownership::Managed => None,
        Ownership::Unmanaged(why) => Some(why),
        // The tags are visible only after the creation is complete.
        Ownership::Unknown(why) => {
            return Action::Blocked(match &observed.condition {
                Condition::Settling(status) => Blocked::Settling(status.clone()),
                _ => Blocked::UnknownOwner(why.clone()),
            });
        }
    };
    if let Some(why) = unmanaged
        && !adopted
    {
        let why = why.clone();
        return Action::Blocked(Blocked::Unmanaged { why, differences });
    }
    match &observed.condition {
        Condition::Settling(status) => return Action::Blocked(Blocked::Settling(status.clone())),
        Condition::Broken(reason) => return Action::Blocked(Blocked::Broken(reason.clone())),
        Condition::FailedAtCreation(reason) => return Action::Replace(reason.clone(), desired),
        Condition::Ready => {}
    }
    match (refused(&differences), unmanaged) {
        (Some(blocked), _) => Action::Blocked(blocked),
        (None, Some(_)) => Action::Adopt(differences),
        (None, None) if differences.is_empty() => Action::Keep,
        (None, None) => Action::Update(differences),
    }
}

/// Whether the first deployment is over for everything that needs this resource. Before that nothing has had
/// less access.
fn is_in_use(id: &ResourceId, states: &[ResourceState]) -> bool {
    let mut needing = states
        .iter()
        .filter(|state| state.dependencies.needs.contains(id))
        .peekable();
    needing.peek().is_some() && needing.all(|state| state.observed.state().is_some())
}

fn refused(differences: &[Difference]) -> Option<Blocked> {
    let mut refused = differences
        .iter()
        .filter_map(|difference| match &difference.on_change {
            OnChange::Refuse { why, hint } => Some(Blocked::Refused {
                difference: difference.clone(),
                why: why.clone(),
                hint: hint.clone(),
            }),
            OnChange::Update | OnChange::Drop | OnChange::Ask(_) => None,
        });
    refused.next()
}

fn action_down(state: &ResourceState, states: &[ResourceState], consent: &Consent) -> Action {
    let Observed::Present(observed) = &state.observed else {
        return Action::Keep;
    };
    if consent.keep.contains(&state.id) {
        return Action::Leave(Left::KeepData);
    }
    match &observed.ownership {
        Ownership::Unmanaged(why) => Action::Leave(Left::Unmanaged(why.clone())),
        Ownership::Unknown(why) => Action::Blocked(Blocked::UnknownOwner(why.clone())),
        // A resource without tags of its own is treated like the resources that it needs.
        Ownership::Managed => match unmanaged_need(state, states) {
            Some(need) => Action::Leave(Left::WithUnmanaged(need.clone())),
            None if consent.lose_data.contains(&state.id) => Action::Delete(DataLoss::Accepted),
            None => Action::Delete(DataLoss::Refused),
        },
    }
}

fn unmanaged_need<'a>(
    state: &ResourceState,
    states: &'a [ResourceState],
) -> Option<&'a ResourceId> {
    let unmanaged = |other: &&ResourceState| {
        let state = other.observed.state();
        state.is_some_and(|state| matches!(state.ownership, Ownership::Unmanaged(_)))
    };
    let needs = |other: &&ResourceState| state.dependencies.needs.contains(&other.id);
    let found = states.iter().filter(needs).find(unmanaged);
    found.map(|other| &other.id)
}

#[cfg(test)]
mod tests;
