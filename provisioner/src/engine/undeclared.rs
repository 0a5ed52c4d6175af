//! Finds the resources that exist although they are no longer declared: the index lists them.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::index::{of_unknown_kind, parse, words};
use super::observed::{
    Condition, Found, Index, Observed, ObservedState, Ownership, ResourceId, Undeclared, Unmanaged,
};
use super::resource::{Declared, Earlier, Resources, Scope};

/// The index of a stack whose resources were observed. Makes requests only if the tags list a resource that is not
/// declared; then also for what the tags of that one list, since a killed run may have written them last.
pub async fn index(scope: Scope<'_>, observed: &[(ResourceId, Observed)]) -> Index {
    let mut index = Index {
        declared: tagged(scope.resources),
        ..Index::default()
    };
    let states = observed.iter().filter_map(|(_, observed)| observed.state());
    let mut listed: BTreeSet<String> = states.flat_map(words_of).collect();
    let mut read = BTreeSet::new();
    loop {
        let new = listed.difference(&read);
        let new = new.filter(|word| !is_declared(word, scope.resources));
        let new: Vec<String> = new.cloned().collect();
        if new.is_empty() {
            index
                .undeclared
                .sort_by_cached_key(|one| place(one, observed));
            return index;
        }
        let found = join_all(new.iter().map(|word| look(word, scope.earlier))).await;
        for (id, found) in found.into_iter().flatten() {
            match found {
                Some(found) => index.undeclared.push(Undeclared { id, found }),
                None => index.absent.push(id),
            }
        }
        let states = index.undeclared.iter().filter_map(Undeclared::state);
        listed.extend(states.flat_map(words_of));
        read.extend(new);
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

/// What a word stands for. The inner `None`: there is no such resource of this stack.
async fn look(word: &str, earlier: &Earlier<'_>) -> Option<(ResourceId, Option<Found>)> {
    let (kind, name) = parse(word);
    let Some(resource) = earlier(&kind, &name) else {
        return Some((of_unknown_kind(word), Some(Found::UnknownKind)));
    };
    let found = match resource.observe().await {
        Ok(Observed::Absent) => None,
        Ok(Observed::Present(state)) => match (&state.ownership, &state.condition) {
            (Ownership::Unmanaged(Unmanaged::Elsewhere(_) | Unmanaged::InRegion(_)), _) => {
                return None;
            }
            // Or AWS does not show its tags yet.
            (Ownership::Unmanaged(Unmanaged::Untagged(_)), _) => None,
            // Its tags show only when that is over.
            (Ownership::Managed, _) | (Ownership::Unknown(_), Condition::Settling(_)) => {
                Some(Found::Present(state))
            }
            (Ownership::Unknown(why), _) => Some(Found::Unreadable(why.clone())),
        },
        Err(mut error) => {
            // Two plans of the same state have the same text.
            error.request_id = None;
            Some(Found::Unreadable(error.into_cause().to_string()))
        }
    };
    Some((resource.declared().id(), found))
}
