//! Carries out a plan as a graph: each change starts as soon as the changes that it depends on are done.
//!
//! One task, no locks. After an error or a signal no further change starts, requests in flight are
//! completed, and all errors are kept.

use std::rc::Rc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::canceled::{Canceled, Named};
use super::inputs::{Applied, Inputs};
use super::observed::{Outputs, ResourceId};
use super::plan::{Action, Change, DataLoss, Plan};
use super::progress::Progress;
use super::purpose::Purpose;
use super::resource::{Resource, Resources, Step};
use super::wait::Wait;
use crate::aws::in_flight::InFlight;
use crate::error::{Error, Exit, Failure};
use crate::report::{Event, Reporter};

/// The resources and the means of a run: the same for every change of its plan.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub resources: &'a Resources,
    /// The values that the plan was computed from.
    pub inputs: Inputs<'a>,
    pub wait: &'a Wait<'a>,
    pub reporter: &'a dyn Reporter,
    /// Of the clients of all resources.
    pub in_flight: &'a InFlight,
}

impl<'a> Run<'a> {
    /// A wait whose progress is reported for this resource.
    pub fn watched(&self, id: &ResourceId) -> Wait<'a> {
        self.wait.watched(Rc::new(Progress {
            id: id.clone(),
            reporter: self.reporter,
        }))
    }
}

/// Applies the plan. Returns the errors of all changes; none if all of them are done.
pub async fn apply(plan: &Plan, run: &Run<'_>) -> Vec<Error> {
    let mut errors = Vec::new();
    let mut applied = Applied::new();
    let mut done: Vec<&ResourceId> = Vec::new();
    let mut waiting: Vec<&Change> = plan.changes.iter().collect();
    let mut begun: Vec<&ResourceId> = Vec::new();
    let mut running = FuturesUnordered::new();
    loop {
        if errors.is_empty() && run.wait.stopped().is_ok() {
            let is_ready = |change: &&Change| {
                let mut after = change.after.iter();
                after.all(|id| done.contains(&id) || plan.action(id).is_none())
            };
            let (ready, blocked): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
            waiting = blocked;
            for change in ready {
                // Its dependencies are done, so every output that it may read exists.
                let applied = applied.clone();
                begun.push(&change.id);
                running.push(async move { (change, perform(change, &applied, run).await) });
            }
        }
        let ended = tokio::select! {
            biased;
            ended = running.next() => ended,
            () = run.wait.given_up() => break,
        };
        match ended {
            None => break,
            Some((change, Ok(outputs))) => {
                done.push(&change.id);
                applied.extend(outputs.map(|outputs| (change.id.clone(), outputs)));
            }
            Some((change, Err(error))) => {
                if error.failure == Failure::TestRideFailed {
                    errors.extend(restore(change, plan, run).await);
                }
                errors.push(error);
            }
        }
    }
    if run.wait.stopped().is_err() {
        report_canceled(plan, &begun, &done, run);
        errors.retain(|error| error.exit != Exit::Interrupted);
        errors.insert(0, Error::interrupted());
    }
    errors
}

/// Reports how far the run came. The requests that it gives up are still in flight here.
fn report_canceled(plan: &Plan, begun: &[&ResourceId], done: &[&ResourceId], run: &Run<'_>) {
    let mut canceled = Canceled {
        given_up: run.in_flight.names(),
        ..Canceled::default()
    };
    for Change { id, action, .. } in &plan.changes {
        let Some(verb) = verb(action) else { continue };
        let list = if done.contains(&id) {
            &mut canceled.done
        } else if begun.contains(&id) {
            &mut canceled.half_done
        } else {
            &mut canceled.not_begun
        };
        list.push(Named { verb, id });
    }
    let canceled = &canceled;
    run.reporter.report(&Event::Canceled { canceled });
}

fn resource<'a>(resources: &'a Resources, id: &ResourceId) -> &'a dyn Resource {
    let found = resources
        .iter()
        .find(|resource| resource.declared().id() == *id);
    &**found.expect("a plan has only resources of the stack")
}

fn step<'a>(run: &Run<'a>, applied: &'a Applied, id: &ResourceId) -> Step<'a> {
    let inputs = Inputs {
        applied,
        ..run.inputs
    };
    Step::new(inputs, run.watched(id))
}

/// Carries out one change. Returns the outputs of a resource that it created.
async fn perform(
    change: &Change,
    applied: &Applied,
    run: &Run<'_>,
) -> Result<Option<Outputs>, Error> {
    let Some(verb) = verb(&change.action) else {
        return Ok(None);
    };
    let id = &change.id;
    let step = step(run, applied, id);
    run.reporter.report(&Event::Started { id, verb });
    let started = step.wait.now();
    let work = call(&change.action, resource(run.resources, id), &step);
    let result = Purpose::Change(id.clone()).of(work).await;
    let took = step.wait.now().duration_since(started).unwrap_or_default();
    match &result {
        Ok(_) => run.reporter.report(&Event::Finished { id, verb, took }),
        // The summary of a canceled run names it.
        Err(error) if error.exit == Exit::Interrupted => {
            run.reporter.report(&Event::Settled { id });
        }
        Err(error) => run.reporter.report(&Event::Failed { id, verb, error }),
    }
    result
}

async fn call(
    action: &Action,
    resource: &dyn Resource,
    step: &Step<'_>,
) -> Result<Option<Outputs>, Error> {
    match action {
        Action::Keep | Action::Leave(_) | Action::Blocked(_) => {}
        Action::Create(_) => return resource.create(step).await.map(Some),
        Action::Update(differences) => resource.update(differences, step).await?,
        Action::Adopt(differences) => resource.adopt(differences, step).await?,
        Action::Replace(..) => {
            resource.delete(DataLoss::Refused, step).await?;
            return resource.create(step).await.map(Some);
        }
        Action::Delete(data) => resource.delete(*data, step).await?,
    }
    Ok(None)
}

fn verb(action: &Action) -> Option<&'static str> {
    match action {
        Action::Keep | Action::Leave(_) | Action::Blocked(_) => None,
        Action::Create(_) => Some("create"),
        Action::Update(_) => Some("update"),
        Action::Adopt(_) => Some("adopt"),
        Action::Replace(..) => Some("replace"),
        Action::Delete(_) => Some("delete"),
    }
}

/// Restores the changed resources that the live version uses too, after the test ride of a new version
/// failed. The only automatic undo.
async fn restore(failed: &Change, plan: &Plan, run: &Run<'_>) -> Vec<Error> {
    let mut errors = Vec::new();
    let applied = Applied::new();
    for id in &failed.after {
        let Some(action) = plan.action(id) else {
            continue;
        };
        let mut step = step(run, &applied, id);
        step.wait = step.wait.unstoppable();
        let work = resource(run.resources, id).restore(action, &step);
        match Purpose::Change(id.clone()).of(work).await {
            Ok(None) => {}
            Ok(Some(text)) => run.reporter.report(&Event::Note { id, text: &text }),
            Err(error) => errors.push(error),
        }
    }
    errors
}
