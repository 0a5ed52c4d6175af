//! A resource in two parts: its declaration, which is pure, and its requests.

use std::rc::Rc;

use async_trait::async_trait;

use super::attribute::{Attribute, Difference};
use super::inputs::{Age, Inputs};
use super::observed::{Context, Observed, Outputs, ResourceId};
use super::plan::{Action, DataLoss, Dependencies, ResourceState};
use super::wait::Wait;
use crate::aws::error::CloudError;
use crate::error::Error;

/// The declaration of one resource. Pure: the same inputs give the same attributes.
pub trait Declared {
    fn id(&self) -> ResourceId;

    fn dependencies(&self) -> Dependencies {
        Dependencies::default()
    }

    /// The declaration as attributes, for comparing and showing. Requests are built from the declaration
    /// itself. `down` does not use it.
    fn attributes(&self, inputs: &Inputs<'_>) -> Vec<Attribute>;

    /// Whether it has the tags of the stack. The index in them lists those that do.
    fn has_tags(&self) -> bool {
        false
    }

    /// Whether this is the resource of that name: services disagree on whether case counts.
    fn is_named(&self, name: &str) -> bool {
        self.id().name == name
    }

    /// The ARN, for outputs.
    fn arn(&self, inputs: &Inputs<'_>) -> String;

    /// What a user should know before a resource of this name is adopted.
    fn adoption_note(&self) -> Option<String> {
        None
    }
}

/// The inputs of a change and the means to wait. Only `apply` can create one, so nothing else can call
/// the methods that change a resource.
#[expect(
    clippy::manual_non_exhaustive,
    reason = "`non_exhaustive` would bind other crates only"
)]
#[derive(Clone)]
pub struct Step<'a> {
    pub inputs: Inputs<'a>,
    pub wait: Wait<'a>,
    _created_by_apply: (),
}

impl<'a> Step<'a> {
    pub(super) fn new(inputs: Inputs<'a>, wait: Wait<'a>) -> Step<'a> {
        Step {
            inputs,
            wait,
            _created_by_apply: (),
        }
    }

    pub fn context(&self) -> &'a Context {
        self.inputs.context()
    }

    pub fn age(&self, id: &ResourceId) -> Age {
        self.inputs.age(id, self.wait.now())
    }
}

/// The requests of one resource. No state is kept between two of them except what is passed.
///
/// Each method that changes something can be repeated.
#[async_trait(?Send)]
pub trait Resource {
    fn declared(&self) -> &dyn Declared;

    /// Reads only.
    async fn observe(&self) -> Result<Observed, CloudError>;

    /// Creates the resource. Returns the outputs that are known only then.
    async fn create(&self, step: &Step<'_>) -> Result<Outputs, Error>;

    async fn update(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error>;

    async fn delete(&self, data: DataLoss, step: &Step<'_>) -> Result<(), Error>;

    /// Adopts an unmanaged resource. Most kinds need only an update with the stack's tags.
    async fn adopt(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        self.update(differences, step).await
    }

    /// Restores what `applied` changed, after the test ride of the release failed. Returns a description of
    /// what was restored.
    async fn restore(&self, _applied: &Action, _step: &Step<'_>) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

/// The resources of a stack, in the order people read them.
pub type Resources = [Rc<dyn Resource>];

/// Makes the resource of a kind and a name that it had in an earlier declaration. `None` if this program has no such
/// kind any more.
pub type Earlier<'a> = dyn Fn(&str, &str) -> Option<Rc<dyn Resource>> + 'a;

/// What is read: the declared resources, and those that the index lists besides them.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub resources: &'a Resources,
    pub earlier: &'a Earlier<'a>,
}

/// The declaration and the observed state of each resource: the input of a plan.
pub fn states(resources: &Resources, inputs: &Inputs<'_>) -> Vec<ResourceState> {
    let states = resources.iter().map(|resource| {
        let declared = resource.declared();
        let attributes = declared.attributes(inputs);
        state(declared, attributes, inputs)
    });
    states.collect()
}

/// As `states`, but without attributes, for `down`.
pub fn names(resources: &Resources, inputs: &Inputs<'_>) -> Vec<ResourceState> {
    let states = resources
        .iter()
        .map(|resource| state(resource.declared(), Vec::new(), inputs));
    states.collect()
}

fn state(declared: &dyn Declared, desired: Vec<Attribute>, inputs: &Inputs<'_>) -> ResourceState {
    let id = declared.id();
    let observed = inputs.state(&id).cloned();
    ResourceState {
        dependencies: declared.dependencies(),
        desired,
        observed: observed.map_or(Observed::Absent, Observed::Present),
        adoption_note: declared.adoption_note(),
        id,
    }
}
