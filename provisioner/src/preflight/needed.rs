//! The actions that the changes of a plan need, by the table of permissions. Pure.

use crate::engine::attribute::{Attribute, Difference, Name, Value};
use crate::engine::inputs::Inputs;
use crate::engine::observed::ObservedState;
use crate::engine::plan::{Action, Plan};
use crate::policy::permissions::{Need, Statement, TABLE};
use crate::policy::uses::{ChangeKind, Use};

/// Actions of one statement: they have the same resources and condition.
#[derive(Clone, Debug)]
pub struct Needed {
    pub statement: &'static Statement,
    pub actions: Vec<&'static str>,
}

/// Whether the release takes a test ride.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ride {
    Taken,
    Skipped,
}

/// The required actions, without those that help.
pub fn needed(plan: &Plan, inputs: &Inputs<'_>, ride: Ride) -> Vec<Needed> {
    let is_made = |one: &Use| {
        let mut changes = plan.changes.iter();
        changes.any(|change| {
            one.kind == change.id.kind
                && is_part(one.change, &change.action, inputs.state(&change.id), ride)
        })
    };
    let needed = TABLE.iter().map(|statement| {
        let required = statement.permissions.iter();
        let required = required.filter(|one| one.need == Need::Required);
        let required = required.filter(|one| one.uses.iter().any(is_made));
        Needed {
            statement,
            actions: required.map(|one| one.action).collect(),
        }
    });
    needed.filter(|one| !one.actions.is_empty()).collect()
}

/// Whether carrying out the action involves such a change.
fn is_part(
    change: ChangeKind,
    action: &Action,
    observed: Option<&ObservedState>,
    ride: Ride,
) -> bool {
    let created = match action {
        Action::Create(attributes) | Action::Replace(_, attributes) => Some(attributes),
        _ => None,
    };
    let differences: &[Difference] = match action {
        Action::Update(differences) | Action::Adopt(differences) => differences,
        _ => &[],
    };
    let is_deleted = matches!(action, Action::Delete(_) | Action::Replace(..));
    let any = |accepts: &dyn Fn(&Difference) -> bool| differences.iter().any(accepts);
    match change {
        ChangeKind::Create => created.is_some(),
        ChangeKind::CreateWith(name) => {
            created.is_some_and(|attributes| attributes.iter().any(|one| is_on(one, name)))
        }
        ChangeKind::Update(names) => any(&|one| is_one_of(&one.attribute, names)),
        ChangeKind::UpdateOther(names) => any(&|one| !is_one_of(&one.attribute, names)),
        ChangeKind::Set(names) => any(&|one| one.to.is_some() && is_one_of(&one.attribute, names)),
        ChangeKind::Remove(names) => {
            any(&|one| one.to.is_none() && is_one_of(&one.attribute, names))
        }
        ChangeKind::Replace(name) => {
            any(&|one| one.from.is_some() && is_named(&one.attribute, name))
        }
        ChangeKind::Adopt => matches!(action, Action::Adopt(_)),
        ChangeKind::Delete => is_deleted,
        ChangeKind::DeleteWith(name) => is_deleted && observed.is_some_and(|it| has(it, name)),
        ChangeKind::TestRide => {
            ride == Ride::Taken && (created.is_some() || !differences.is_empty())
        }
    }
}

fn is_on(attribute: &Attribute, name: &str) -> bool {
    let value = attribute.value.as_ref().and_then(Value::known);
    value == Some(ON) && is_named(&attribute.name, name)
}

/// The value of a setting that is either on or off.
const ON: &str = "on";

/// Whether the resource has an entry of that group, or that setting on.
fn has(state: &ObservedState, name: &str) -> bool {
    let mut facts = state.facts.iter().map(|(fact, _)| fact);
    let is_on = |fact: &Name| is_named(fact, name) && state.facts.value(fact) == Some(ON);
    facts.any(|fact| fact.key_in(name).is_some() || is_on(fact))
        // A setting that is not declared is no fact.
        || state.outputs.get(name).is_some_and(|value| value == ON)
}

fn is_one_of(attribute: &Name, names: &[&str]) -> bool {
    names.iter().any(|name| is_named(attribute, name))
}

/// Whether it is the attribute of that name, or an entry of the group of that name.
fn is_named(attribute: &Name, name: &str) -> bool {
    attribute.to_string() == name || attribute.key_in(name).is_some()
}
