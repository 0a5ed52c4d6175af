//! The values from which the attributes of a resource are computed, besides its own declaration.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::attribute::Value;
use super::observed::{Context, Inventory, ObservedState, Outputs, ResourceId};
use crate::artifact::Artifact;

/// The outputs of the resources that this run has created so far.
pub type Applied = BTreeMap<ResourceId, Outputs>;

/// The output with the creation time, in seconds since 1970.
pub const CREATED: &str = "created";

/// How long AWS may not find a new resource, or show an old value. All reports are below two minutes.
pub const LAG_LIMIT: Duration = Duration::from_secs(2 * 60);

/// How long ago another run may have created a resource that counts as new: IAM does not find a role for up
/// to 8 s. A crashed run leaves such resources.
const JUST_BEFORE: Duration = Duration::from_secs(30);

/// Whether AWS may answer that a resource does not exist although it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Created by this run, or a moment before it.
    New,
    /// "Not found" means that it was deleted.
    Old,
}

/// The values that planning and applying use. A plan has no `applied` outputs, so a value that only a
/// creation returns is `Value::AfterApply` in it.
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

    pub fn age(&self, id: &ResourceId, now: SystemTime) -> Age {
        let created = self.output(id, CREATED);
        let created = created.known().and_then(|seconds| seconds.parse().ok());
        let created = created.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
        let young = created.is_some_and(|created| now < created + JUST_BEFORE);
        if self.applied.contains_key(id) || young {
            Age::New
        } else {
            Age::Old
        }
    }

    /// An output of a resource: from its creation in this run, or else as it was read. `AfterApply` if the
    /// resource is still to be created.
    pub fn output(&self, id: &ResourceId, name: &str) -> Value {
        let created = self.applied.get(id);
        let read = self.state(id).map(|state| &state.outputs);
        match created.or(read).and_then(|outputs| outputs.get(name)) {
            Some(value) => Value::Known(value.clone()),
            None => Value::AfterApply,
        }
    }
}
