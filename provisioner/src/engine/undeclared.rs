//! Finds the resources that exist although they are no longer declared: the index lists them.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::index::{of_unknown_kind, parse, words};
use super::observed::{
    Condition, Found, Index, Observed, ObservedState, Ownership, ResourceId, Undeclared,
};
use super::resource::{Declared, Earlier, Resources, Scope};

/// The index of a stack whose resources were observed. Makes requests only if the tags list a resource that is not
/// declared: then also for what the tags of that one list, since a killed run may have written them last.
pub async fn index(scope: Scope<'_>, observed: &[(ResourceId, Observed)]) -> Index {
    let mut index = Index {
        declared: tagged(scope.resources),
        undeclared: Vec::new(),
    };
    let states = observed.iter().filter_map(|(_, observed)| observed.state());
    let mut known = BTreeSet::new();
    let mut listed: BTreeSet<String> = states.flat_map(words_of).collect();
    loop {
        let new: Vec<String> = listed.difference(&known).cloned().collect();
        let new = new.into_iter();
        let new = new.filter(|word| !is_declared(word, scope.resources));
        let new: Vec<String> = new.collect();
        if new.is_empty() {
            index
                .undeclared
                .sort_by_cached_key(|one| place(one, observed));
            return index;
        }
        known.extend(new.iter().cloned());
        let read = new.iter().map(|word| read(word, scope.earlier));
        let found = join_all(read).await;
        for one in found.into_iter().flatten() {
            listed.extend(one.state().into_iter().flat_map(words_of));
            index.undeclared.push(one);
        }
    }
}

/// Those of one kind stand together, in the order of the stack.
fn place(one: &Undeclared, observed: &[(ResourceId, Observed)]) -> (usize, String) {
    let place = observed.iter().position(|(id, _)| id.kind == one.id.kind);
    (place.unwrap_or(observed.len()), one.id.name.clone())
}

fn tagged(resources: &Resources) -> Vec<ResourceId> {
    let declared = resources.iter().map(|resource| resource.declared());
    let tagged = declared.filter(|declared| declared.has_tags());
    tagged.map(Declared::id).collect()
}

/// The words in the tags of a resource that is managed by this stack.
fn words_of(state: &ObservedState) -> Vec<String> {
    match state.ownership {
        Ownership::Managed => words(&state.facts),
        Ownership::Unmanaged(_) | Ownership::Unknown(_) => Vec::new(),
    }
}

fn is_declared(word: &str, resources: &Resources) -> bool {
    let (kind, name) = parse(word);
    let mut declared = resources.iter().map(|resource| resource.declared());
    declared.any(|declared| declared.id().kind == kind && declared.is_named(&name))
}

/// `None` if there is no such resource, or if it is not one of this stack.
async fn read(word: &str, earlier: &Earlier<'_>) -> Option<Undeclared> {
    let (kind, name) = parse(word);
    let Some(resource) = earlier(&kind, &name) else {
        return Some(Undeclared {
            id: of_unknown_kind(word),
            found: Found::UnknownKind,
        });
    };
    let found = match resource.observe().await {
        Ok(Observed::Absent) => return None,
        Ok(Observed::Present(state)) => match (&state.ownership, &state.condition) {
            (Ownership::Unmanaged(_), _) => return None,
            // Its tags show only when that is over.
            (Ownership::Managed, _) | (Ownership::Unknown(_), Condition::Settling(_)) => {
                Found::Present(state)
            }
            (Ownership::Unknown(why), _) => Found::Unreadable(why.clone()),
        },
        Err(mut error) => {
            // Two plans of the same state have the same text.
            error.request_id = None;
            Found::Unreadable(error.into_cause().to_string())
        }
    };
    let id = resource.declared().id();
    Some(Undeclared { id, found })
}
