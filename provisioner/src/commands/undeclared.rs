//! What `down` deletes besides the declared resources: those of earlier declarations.

use std::rc::Rc;

use crate::engine::apply::{Run, apply};
use crate::engine::inputs::Inputs;
use crate::engine::observed::{Index, Inventory, ResourceId};
use crate::engine::plan::{Consent, Plan};
use crate::engine::resource::{Earlier, Resource, Resources, states};
use crate::error::Error;
use crate::resources::function::{ENV, FunctionSpec, LOG_GROUP, ROLE};
use crate::resources::release::live_configuration;
use crate::stack::declaration::Stack;

/// Those that exist.
pub fn resources(index: &Index, earlier: &Earlier<'_>) -> Vec<Rc<dyn Resource>> {
    let present = index.undeclared.iter().filter(|one| one.state().is_some());
    present
        .filter_map(|one| earlier(one.id.kind, &one.id.name))
        .collect()
}

/// Takes what has been deleted out of the index, which would list it until the next `up`.
pub async fn unlist(deleted: &[ResourceId], declared: &Resources, run: &Run<'_>) -> Vec<Error> {
    let mut inventory = run.inputs.inventory.clone();
    let undeclared = &mut inventory.index.undeclared;
    undeclared.retain(|one| !deleted.contains(&one.id));
    let run = Run {
        resources: declared,
        inputs: Inputs::new(&inventory, None),
        ..*run
    };
    let states = states(declared, &run.inputs);
    let plan = Plan::up(states, &Consent::default()).of_index();
    apply(&plan, &run).await
}

/// The plan in parts, each with the stack that has the names of its resources.
pub fn by_names(stack: &Stack, plan: &Plan, index: &Index) -> Vec<(Stack, Plan)> {
    let is_undeclared = |id: &ResourceId| index.undeclared.iter().any(|one| one.id == *id);
    let (undeclared, declared): (Vec<_>, Vec<_>) = plan
        .changes
        .iter()
        .cloned()
        .partition(|change| is_undeclared(&change.id));
    let undeclared = undeclared.into_iter().filter_map(|change| {
        let stack = stack.with_name(change.id.kind, &change.id.name)?;
        let changes = vec![change];
        Some((stack, Plan { changes }))
    });
    let declared = (stack.clone(), Plan { changes: declared });
    let parts = [declared].into_iter().chain(undeclared);
    parts.filter(|(_, plan)| !plan.is_empty()).collect()
}

/// Fails if the stack is not deployed under its declared names yet, because an `up` was killed: the function may use
/// what is no longer declared.
pub fn check_unused(stack: &Stack, inventory: &Inventory) -> Result<(), Error> {
    let hint = "deploy the declared names first: `provision up`";
    let Some(first) = inventory.index.undeclared.first() else {
        return Ok(());
    };
    let mut declared = inventory.resources.iter();
    if let Some((absent, _)) = declared.find(|(_, observed)| observed.state().is_none()) {
        let text = format!("{absent} does not exist, so {} may be in use", first.id);
        return Err(Error::refused(text).hint(hint));
    }
    let undeclared = inventory.index.undeclared.iter();
    let mut used = undeclared.filter_map(|one| Some((one, user(&one.id.name, stack, inventory)?)));
    match used.next() {
        None => Ok(()),
        Some((one, user)) => {
            let text = format!("{} is no longer declared, but {user} uses it", one.id);
            Err(Error::refused(text).hint(hint))
        }
    }
}

/// What uses the resource of that name: the function, or the live version.
fn user(resource: &str, stack: &Stack, inventory: &Inventory) -> Option<ResourceId> {
    let function = &stack.function;
    let latest = inventory.state(&function.id())?;
    let names = latest.facts.iter().map(|(name, _)| name);
    let latest = names.filter_map(|name| Some((name.to_string(), latest.facts.value(name)?)));
    if uses(resource, function, latest) {
        return Some(function.id());
    }
    let release = &function.neighbors.release;
    let live = live_configuration(inventory.state(release)?);
    uses(resource, function, live).then(|| release.clone())
}

/// Whether a configuration, as the names of attributes and their values, names that resource: as its role, as its log
/// group, or in a variable.
fn uses<'a>(
    resource: &str,
    function: &FunctionSpec,
    mut configuration: impl Iterator<Item = (String, &'a str)>,
) -> bool {
    configuration.any(|(name, value)| match name.split_once(' ') {
        Some((ENV, key)) => value == function.env_hash(key, resource),
        _ => (name == ROLE || name == LOG_GROUP) && value == resource,
    })
}
