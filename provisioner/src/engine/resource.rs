//! A resource in two halves: what is declared, which is pure, and the calls.

use std::rc::Rc;

use async_trait::async_trait;

use super::attribute::{Attribute, Difference};
use super::inputs::Inputs;
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

    /// The declaration as attributes: a view for comparing and showing. Calls are built from the
    /// declaration itself. `down` never asks for it.
    fn attributes(&self, inputs: &Inputs<'_>) -> Vec<Attribute>;

    /// The ARN, for outputs.
    fn arn(&self, inputs: &Inputs<'_>) -> String;

    /// What a user should know before a resource of this name is adopted.
    fn adoption_note(&self) -> Option<String> {
        None
    }
}

/// What a changing verb works from and how it waits. Only `apply` can make one: nothing else calls
/// the verbs that take it.
#[expect(
    clippy::manual_non_exhaustive,
    reason = "`non_exhaustive` would bind other crates only"
)]
#[derive(Clone)]
pub struct Step<'a> {
    pub inputs: Inputs<'a>,
    pub wait: Wait<'a>,
    _made_by_apply: (),
}

impl<'a> Step<'a> {
    pub(super) fn new(inputs: Inputs<'a>, wait: Wait<'a>) -> Step<'a> {
        Step {
            inputs,
            wait,
            _made_by_apply: (),
        }
    }

    pub fn context(&self) -> &'a Context {
        self.inputs.context()
    }
}

/// The calls of one resource. Nothing is remembered between two of them but what is passed.
///
/// The verbs that change something may each be repeated.
#[async_trait(?Send)]
pub trait Resource {
    fn declared(&self) -> &dyn Declared;

    /// Reads only.
    async fn observe(&self) -> Result<Observed, CloudError>;

    /// Returns what only the creation could tell.
    async fn create(&self, step: &Step<'_>) -> Result<Outputs, Error>;

    async fn update(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error>;

    async fn delete(&self, data: DataLoss, step: &Step<'_>) -> Result<(), Error>;

    /// Takes over an unmanaged resource. Most kinds need no more than an update with the stack's tags.
    async fn adopt(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        self.update(differences, step).await
    }

    /// Puts back what `applied` changed, after the release failed its test ride with it. Says what
    /// was put back.
    async fn restore(&self, _applied: &Action, _step: &Step<'_>) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

/// The resources of a stack, in the order people read them.
pub type Resources = [Rc<dyn Resource>];

/// Each resource as it is declared beside what was read of it: what a plan is made from.
pub fn states(resources: &Resources, inputs: &Inputs<'_>) -> Vec<ResourceState> {
    let states = resources.iter().map(|resource| {
        let declared = resource.declared();
        let attributes = declared.attributes(inputs);
        state(declared, attributes, inputs)
    });
    states.collect()
}

/// As `states`, but by name alone, for `down`: no attribute is asked for.
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
