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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Ride, needed};
    use crate::engine::attribute::{Attribute, Difference, Name, OnChange, Shown, TAG};
    use crate::engine::inputs::Inputs;
    use crate::engine::observed::{
        Condition, Context, Facts, Index, Inventory, Observed, ObservedState, Outputs, Ownership,
        ResourceId,
    };
    use crate::engine::plan::{Action, Change, DataLoss, Plan};

    fn check(kind: &'static str, action: Action, facts: &[(Name, &str)], expected: &str) {
        let id = ResourceId::new(kind, "R");
        let mut known = Facts::default();
        for (name, value) in facts {
            known.is(name.clone(), *value);
        }
        let state = ObservedState {
            ownership: Ownership::Managed,
            condition: Condition::Ready,
            facts: known,
            details: Vec::new(),
            outputs: Outputs::default(),
        };
        let inventory = Inventory {
            context: Context {
                partition: "aws".to_owned(),
                account: "123456789012".to_owned(),
                region: "eu-west-1".to_owned(),
                stage: "default".to_owned(),
                caller: String::new(),
            },
            resources: vec![(id.clone(), Observed::Present(state))],
            index: Index::default(),
        };
        let change = Change {
            id,
            action,
            after: Vec::new(),
            note: None,
            undeclared: Vec::new(),
        };
        let plan = Plan {
            changes: vec![change],
        };
        let needed = needed(&plan, &Inputs::new(&inventory, None), Ride::Taken);
        let actions: BTreeSet<&str> = needed.into_iter().flat_map(|one| one.actions).collect();
        let expected: BTreeSet<&str> = expected.split_whitespace().collect();
        assert_eq!(actions, expected, "{kind}");
    }

    fn difference(name: impl Into<Name>, from: Option<&str>, to: Option<&str>) -> Difference {
        Difference {
            attribute: name.into(),
            from: from.map(str::to_owned),
            to: to.map(Into::into),
            on_change: OnChange::Update,
            source: None,
            shown: Shown::default(),
            widens: false,
        }
    }

    fn update(name: impl Into<Name>, from: Option<&str>, to: Option<&str>) -> Action {
        Action::Update(vec![difference(name, from, to)])
    }

    #[test]
    fn a_creation_needs_what_it_calls() {
        let attributes = vec![Attribute::new("point-in-time recovery", "off")];
        let create = "dynamodb:CreateTable dynamodb:TagResource";
        check("table", Action::Create(attributes), &[], create);
        let attributes = vec![Attribute::new("point-in-time recovery", "on")];
        let create = format!("{create} dynamodb:UpdateContinuousBackups");
        check("table", Action::Create(attributes), &[], &create);
        let role = "iam:CreateRole iam:TagRole iam:PutRolePolicy";
        check("role", Action::Create(Vec::new()), &[], role);
    }

    #[test]
    fn an_update_needs_what_its_attributes_call() {
        let policy = || Name::entry("policy", "P");
        let put = update(policy(), Some("{}"), Some("{ }"));
        check("role", put, &[], "iam:PutRolePolicy");
        let delete = update(policy(), Some("{}"), None);
        check("role", delete, &[], "iam:DeleteRolePolicy");
        let memory = update("memory", Some("128 MB"), Some("256 MB"));
        let configure = "lambda:UpdateFunctionConfiguration iam:PassRole";
        check("function", memory, &[], configure);
        let tag = update(Name::entry(TAG, "provision:stage"), None, Some("dev"));
        check("function", tag, &[], "lambda:TagResource");
        let code = update("code", Some("a"), Some("b"));
        check("function", code, &[], "lambda:UpdateFunctionCode");
    }

    #[test]
    fn another_role_of_the_same_name_needs_a_temporary_one() {
        let id = || Name::entry(TAG, "provision:role-id");
        let configure = "lambda:TagResource lambda:UpdateFunctionConfiguration iam:PassRole";
        check("function", update(id(), None, Some("B")), &[], configure);
        let temporary = format!("{configure} iam:CreateRole iam:TagRole iam:DeleteRole");
        check(
            "function",
            update(id(), Some("A"), Some("B")),
            &[],
            &temporary,
        );
    }

    #[test]
    fn a_deletion_needs_to_remove_what_is_there() {
        let delete = || Action::Delete(DataLoss::Refused);
        let all = "iam:ListInstanceProfilesForRole iam:DeleteRole";
        check("role", delete(), &[], all);
        let facts = [
            (Name::entry("policy", "P"), "{}"),
            (
                Name::entry("attached", "arn:aws:iam::aws:policy/P"),
                "attached",
            ),
        ];
        let all = format!("{all} iam:DeleteRolePolicy iam:DetachRolePolicy");
        check("role", delete(), &facts, &all);
        let protection = |value| [(Name::from("deletion protection"), value)];
        check(
            "table",
            delete(),
            &protection("off"),
            "dynamodb:DeleteTable",
        );
        let both = "dynamodb:DeleteTable dynamodb:UpdateTable";
        check("table", delete(), &protection("on"), both);
    }

    #[test]
    fn what_stays_as_it_is_needs_nothing() {
        check("table", Action::Keep, &[], "");
        check("release", Action::Keep, &[], "");
    }
}
