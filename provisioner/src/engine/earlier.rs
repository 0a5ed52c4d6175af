//! What plans do with resources of earlier declarations, which the index lists. Pure.

use super::index::is_index;
use super::observed::{Found, Index, ResourceId, Undeclared};
use super::plan::{Action, Blocked, Change, Left, Plan, ResourceState};

const NOTE: &str = "no longer declared";

impl Plan {
    /// The plan of `up`, which leaves what is no longer declared. What it creates is listed first: a run that is killed
    /// leaves nothing that no tag tells of.
    pub fn beside(mut self, index: &Index) -> Plan {
        list_first(&mut self.changes);
        let undeclared = index.undeclared.iter();
        let left = undeclared.map(|one| change(one, Action::Leave(one.into()), None));
        self.changes.extend(left);
        self
    }

    /// Only the updates of the index.
    pub fn of_index(self) -> Plan {
        let updates = self.changes.into_iter().filter_map(|change| {
            let Action::Update(mut differences) = change.action else {
                return None;
            };
            differences.retain(|one| is_index(&one.attribute));
            let action = Action::Update(differences);
            let after = Vec::new();
            Some(Change {
                action,
                after,
                ..change
            })
        });
        let changes = updates.filter(|change| change.action != Action::Update(Vec::new()));
        Plan {
            changes: changes.collect(),
        }
    }

    /// The plan of `down`, for what is no longer declared too. That which cannot be read stops it: its tags are the
    /// last to tell of it.
    pub fn with_undeclared(mut self, index: &Index) -> Plan {
        for change in &mut self.changes {
            if index.undeclared.iter().any(|one| one.id == change.id) {
                change.note = Some(NOTE.to_owned());
            }
        }
        let others = index.undeclared.iter().filter_map(|one| match &one.found {
            Found::Present(_) => None,
            Found::Unreadable(why) => {
                let action = Action::Blocked(Blocked::UnknownOwner(why.clone()));
                Some(change(one, action, Some(NOTE.to_owned())))
            }
            Found::UnknownKind => Some(change(one, Action::Leave(Left::UnknownKind), None)),
        });
        self.changes.extend(others);
        self
    }
}

/// Why `up` leaves it.
impl From<&Undeclared> for Left {
    fn from(one: &Undeclared) -> Left {
        match &one.found {
            Found::Present(_) => Left::Undeclared,
            Found::Unreadable(why) => Left::Unreadable(why.clone()),
            Found::UnknownKind => Left::UnknownKind,
        }
    }
}

fn change(one: &Undeclared, action: Action, note: Option<String>) -> Change {
    Change {
        id: one.id.clone(),
        action,
        after: Vec::new(),
        note,
        undeclared: Vec::new(),
    }
}

/// Lets creations wait until the index lists them, in resources that need no others: these are updated quickly.
fn list_first(changes: &mut [Change]) {
    let lists = |change: &&Change| match &change.action {
        Action::Update(differences) => differences.iter().any(|one| is_index(&one.attribute)),
        _ => false,
    };
    let listing = changes.iter().filter(lists);
    let listing = listing.filter(|change| change.after.is_empty());
    let listing: Vec<ResourceId> = listing.map(|change| change.id.clone()).collect();
    let creations = changes
        .iter_mut()
        .filter(|change| matches!(change.action, Action::Create(_)));
    for creation in creations {
        let further = listing.iter().filter(|id| !creation.after.contains(id));
        let further: Vec<ResourceId> = further.cloned().collect();
        creation.after.extend(further);
    }
}

/// Puts the deletion of what is no longer declared in its place: after that of the declared resources that need
/// others, since they may use it; and before that of the others, whose tags tell of it to the next run if this one is
/// killed.
pub fn order_deletions(states: &mut [ResourceState], index: &Index) {
    if index.undeclared.is_empty() {
        return;
    }
    let is_declared = |id: &ResourceId| index.undeclared.iter().all(|one| one.id != *id);
    let ranks: Vec<(ResourceId, u8)> = states
        .iter()
        .map(|state| {
            let needs = !state.dependencies.needs.is_empty();
            let rank = match (needs, is_declared(&state.id)) {
                (true, true) => 0,
                (true, false) => 1,
                (false, false) => 2,
                (false, true) => 3,
            };
            (state.id.clone(), rank)
        })
        .collect();
    for (state, (_, rank)) in states.iter_mut().zip(&ranks) {
        let later = ranks.iter().filter(|(_, other)| other > rank);
        let later = later.map(|(id, _)| id.clone());
        state.dependencies.delete_before.extend(later);
    }
}

#[cfg(test)]
mod tests {
    use super::order_deletions;
    use crate::engine::attribute::{Attribute, Difference, Name, OnChange, Shown, TAG};
    use crate::engine::observed::{Found, Index, Observed, ResourceId, Undeclared};
    use crate::engine::plan::{
        Action, Blocked, Change, Consent, Dependencies, Left, Plan, ResourceState,
    };

    fn id(kind: &'static str) -> ResourceId {
        ResourceId::new(kind, "R")
    }

    fn update(names: &[Name]) -> Action {
        let differences = names.iter().map(|name| Difference {
            attribute: name.clone(),
            from: None,
            to: Some("x".into()),
            on_change: OnChange::Update,
            source: None,
            shown: Shown::Always,
            widens: false,
        });
        Action::Update(differences.collect())
    }

    fn resources() -> Name {
        Name::entry(TAG, "provision:resources")
    }

    fn plan(changes: Vec<(&'static str, Action, &[&'static str])>) -> Plan {
        let changes = changes.into_iter().map(|(kind, action, after)| Change {
            id: id(kind),
            action,
            after: after.iter().map(|kind| id(kind)).collect(),
            note: None,
            undeclared: Vec::new(),
        });
        Plan {
            changes: changes.collect(),
        }
    }

    fn index(found: Vec<Found>) -> Index {
        let undeclared = found.into_iter().map(|found| Undeclared {
            id: ResourceId::new("table", "Old"),
            found,
        });
        Index {
            declared: Vec::new(),
            undeclared: undeclared.collect(),
            absent: Vec::new(),
        }
    }

    #[test]
    fn what_is_created_is_listed_first_by_what_needs_nothing() {
        let create = || Action::Create(Vec::<Attribute>::new());
        let after = |changes| -> Vec<String> {
            let plan = plan(changes).beside(&Index::default());
            let after = plan.changes.into_iter().flat_map(|change| change.after);
            after.map(|id| id.to_string()).collect()
        };
        let lists = || update(&[resources()]);
        let (table, group) = (("table", create(), &[][..]), ("group", lists(), &[][..]));
        assert_eq!(after(vec![table, group]), ["group R"]);
        // The role is created first anyway, and the update of the function waits for it.
        let role = ("role", create(), &[][..]);
        assert_eq!(
            after(vec![role, ("function", lists(), &["role"])]),
            ["role R"]
        );
        let (table, other) = (("table", create(), &[][..]), update(&["memory".into()]));
        assert_eq!(after(vec![table, ("group", other, &[])]), [""; 0]);
        let kept = ("table", Action::Keep, &[][..]);
        assert_eq!(after(vec![kept, ("group", lists(), &[])]), [""; 0]);
    }

    #[test]
    fn up_leaves_what_is_no_longer_declared_and_says_why() {
        let unreadable = || Found::Unreadable("denied".to_owned());
        let index = index(vec![unreadable(), Found::UnknownKind]);
        let plan = Plan::default().beside(&index);
        assert!(plan.is_empty());
        let actions: Vec<&Action> = plan.changes.iter().map(|change| &change.action).collect();
        let why = Left::Unreadable("denied".to_owned());
        assert_eq!(
            actions,
            [&Action::Leave(why), &Action::Leave(Left::UnknownKind)]
        );
        // `down` would delete the tags that tell of it.
        let plan = Plan::default().with_undeclared(&index);
        let blocked: Vec<&Blocked> = plan.blocked().map(|(_, blocked)| blocked).collect();
        assert_eq!(blocked, [&Blocked::UnknownOwner("denied".to_owned())]);
    }

    #[test]
    fn only_the_index_is_updated_after_a_deletion() {
        let both = update(&[resources(), "memory".into()]);
        let other = update(&["memory".into()]);
        let plan = plan(vec![
            ("table", both, &["role"]),
            ("role", other, &[]),
            ("group", Action::Keep, &[]),
        ]);
        let only = update(&[resources()]);
        assert_eq!(plan.changes.len(), 3);
        let plan = plan.of_index();
        let expected = self::plan(vec![("table", only, &[])]);
        assert_eq!(plan, expected);
    }

    fn deletions(of: &[(&'static str, &str, &[&'static str])]) -> Vec<String> {
        let states = of.iter().map(|(kind, name, needs)| ResourceState {
            id: ResourceId::new(kind, *name),
            dependencies: Dependencies::needs(needs.iter().map(|kind| id(kind)).collect()),
            desired: Vec::new(),
            observed: Observed::Absent,
            adoption_note: None,
        });
        let mut states: Vec<ResourceState> = states.collect();
        let undeclared = states.iter().filter(|state| state.id.name == "Old");
        let undeclared = undeclared.map(|state| Undeclared {
            id: state.id.clone(),
            found: Found::UnknownKind,
        });
        let index = Index {
            declared: Vec::new(),
            undeclared: undeclared.collect(),
            absent: Vec::new(),
        };
        order_deletions(&mut states, &index);
        let plan = Plan::down(&states, &Consent::default());
        let mut left = plan.changes;
        let mut order = Vec::new();
        while !left.is_empty() {
            let ids: Vec<ResourceId> = left.iter().map(|change| change.id.clone()).collect();
            let (ready, waiting): (Vec<_>, Vec<_>) = left
                .into_iter()
                .partition(|change| change.after.iter().all(|id| !ids.contains(id)));
            assert!(!ready.is_empty(), "{waiting:?}");
            let mut names: Vec<String> = ready.iter().map(|one| one.id.to_string()).collect();
            names.sort();
            order.push(names.join(", "));
            left = waiting;
        }
        order
    }

    #[test]
    fn what_lists_the_undeclared_is_deleted_last() {
        let declared: [(_, _, &[_]); 3] = [
            ("table", "R", &[]),
            ("role", "R", &[]),
            ("function", "R", &["role"]),
        ];
        assert_eq!(deletions(&declared), ["function R, table R", "role R"]);
        let old: [(_, _, &[_]); 2] = [("table", "Old", &[]), ("function", "Old", &["role"])];
        assert_eq!(
            deletions(&[&declared[..], &old].concat()),
            ["function R", "function Old", "table Old", "role R, table R"]
        );
    }
}
