//! Carries out a plan as a graph: each change starts the moment what it waits for is done.
//!
//! One task, no locks. After an error nothing new starts, calls in flight end, all errors are kept.

use std::rc::Rc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::error::Error;
use crate::plan::{Action, Change, Plan};
use crate::report::{Event, Reporter};
use crate::resource::{Context, Resource, ResourceId, Step};
use crate::wait::{Wait, Watcher};

pub type Resources = [Rc<dyn Resource>];

/// The errors of all changes; none means done.
pub async fn apply(
    plan: &Plan,
    resources: &Resources,
    context: &Context,
    wait: &Wait<'_>,
    reporter: &dyn Reporter,
) -> Vec<Error> {
    let mut errors = Vec::new();
    let mut done: Vec<&ResourceId> = Vec::new();
    let mut waiting: Vec<&Change> = plan.changes.iter().collect();
    let mut running = FuturesUnordered::new();
    loop {
        if errors.is_empty() {
            let (ready, blocked) = waiting.into_iter().partition(|change| {
                change
                    .after
                    .iter()
                    .all(|id| done.contains(&id) || !plan_has(plan, id))
            });
            waiting = blocked;
            let ready: Vec<&Change> = ready;
            for change in ready {
                let resource = resource(resources, &change.id);
                let step = step(context, wait, reporter, &change.id);
                running.push(async move {
                    (change, perform(change, &*resource, &step, reporter).await)
                });
            }
        }
        match running.next().await {
            None => break,
            Some((change, Ok(()))) => done.push(&change.id),
            Some((change, Err(error))) => {
                if error.not_proven {
                    restore(change, resources, context, wait, reporter, &mut errors).await;
                }
                errors.push(error);
            }
        }
    }
    errors
}

fn plan_has(plan: &Plan, id: &ResourceId) -> bool {
    plan.changes.iter().any(|change| change.id == *id)
}

fn resource(resources: &Resources, id: &ResourceId) -> Rc<dyn Resource> {
    let found = resources.iter().find(|resource| resource.id() == *id);
    Rc::clone(found.expect("a plan names only the resources it was made from"))
}

/// For what came back by itself after it was deleted.
pub async fn delete_again(resource: &dyn Resource, step: &Step<'_>) -> Result<(), Error> {
    resource.delete(step).await
}

/// What the verbs of one resource are given.
pub fn step<'a>(
    context: &'a Context,
    wait: &Wait<'a>,
    reporter: &'a dyn Reporter,
    id: &ResourceId,
) -> Step<'a> {
    let watcher = Rc::new(Progress {
        id: id.clone(),
        reporter,
    });
    Step {
        context,
        wait: wait.watched(watcher),
    }
}

async fn perform(
    change: &Change,
    resource: &dyn Resource,
    step: &Step<'_>,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let Some(verb) = verb(&change.action) else {
        return Ok(());
    };
    step.wait.stopped()?;
    let id = &change.id;
    reporter.report(&Event::Started { id, verb });
    let started = step.wait.now();
    let result = match &change.action {
        Action::Keep | Action::Leave(_) | Action::Blocked(_) => Ok(()),
        Action::Create(_) => resource.create(step).await,
        Action::Update(differences) => resource.update(differences, step).await,
        Action::Adopt(differences) => resource.adopt(differences, step).await,
        Action::Replace(..) => match resource.delete(step).await {
            Ok(()) => resource.create(step).await,
            Err(error) => Err(error),
        },
        Action::Delete => resource.delete(step).await,
    };
    let took = step.wait.now().duration_since(started).unwrap_or_default();
    match &result {
        Ok(()) => reporter.report(&Event::Finished { id, verb, took }),
        Err(error) => reporter.report(&Event::Failed { id, verb, error }),
    }
    result
}

fn verb(action: &Action) -> Option<&'static str> {
    match action {
        Action::Keep | Action::Leave(_) | Action::Blocked(_) => None,
        Action::Create(_) => Some("create"),
        Action::Update(_) => Some("update"),
        Action::Adopt(_) => Some("adopt"),
        Action::Replace(..) => Some("replace"),
        Action::Delete => Some("delete"),
    }
}

/// The one automatic undo: what the unproven release shares with the version that is live.
async fn restore(
    failed: &Change,
    resources: &Resources,
    context: &Context,
    wait: &Wait<'_>,
    reporter: &dyn Reporter,
    errors: &mut Vec<Error>,
) {
    for id in &failed.after {
        let step = step(context, wait, reporter, id);
        match resource(resources, id).restore(&step).await {
            Ok(None) => {}
            Ok(Some(text)) => reporter.report(&Event::Note { id, text: &text }),
            Err(error) => errors.push(error),
        }
    }
}

struct Progress<'a> {
    id: ResourceId,
    reporter: &'a dyn Reporter,
}

impl Watcher for Progress<'_> {
    fn waiting(&self, status: &str, waited: Duration) {
        self.reporter.report(&Event::Waiting {
            id: &self.id,
            status,
            waited,
        });
    }

    fn note(&self, text: &str) {
        self.reporter.report(&Event::Note { id: &self.id, text });
    }
}
