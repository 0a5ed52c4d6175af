//! What the attributes of a resource follow from, beside its own declaration.

use std::collections::BTreeMap;

use super::attribute::Value;
use super::observed::{Context, Inventory, ObservedState, Outputs, ResourceId};
use crate::artifact::Artifact;

/// What the creations of this run have returned so far.
pub type Applied = BTreeMap<ResourceId, Outputs>;

/// The values that planning and applying work from. Planning sees no `applied` outputs, so what only a
/// creation can tell is `Value::AfterApply` to it.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    pub inventory: &'a Inventory,
    /// Known once it is built or read; `None` for `down`, and for `status` without a build.
    pub artifact: Option<&'a Artifact>,
    pub applied: &'a Applied,
}

/// Before anything is applied.
pub static NOTHING_APPLIED: Applied = Applied::new();

impl<'a> Inputs<'a> {
    pub fn new(inventory: &'a Inventory, artifact: Option<&'a Artifact>) -> Inputs<'a> {
        Inputs {
            inventory,
            artifact,
            applied: &NOTHING_APPLIED,
        }
    }

    pub fn context(&self) -> &'a Context {
        &self.inventory.context
    }

    pub fn state(&self, id: &ResourceId) -> Option<&'a ObservedState> {
        self.inventory.state(id)
    }

    /// An output of a resource: of this run's creation, else as it was read; known after apply where
    /// the resource is still to be created.
    pub fn output(&self, id: &ResourceId, name: &str) -> Value {
        let created = self.applied.get(id);
        let read = self.state(id).map(|state| &state.outputs);
        match created.or(read).and_then(|outputs| outputs.get(name)) {
            Some(value) => Value::Known(value.clone()),
            None => Value::AfterApply,
        }
    }
}
