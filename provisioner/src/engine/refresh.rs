//! Reads the caller's identity and the state of all resources, all at once; then those that the index lists and the
//! stack no longer declares, if there are any.

use std::time::Duration;

use futures::future::{join, join_all, try_join_all};

use super::apply::Run;
use super::inputs::{Inputs, LAG_LIMIT};
use super::observed::{Inventory, Observed, ResourceId};
use super::pace::Pace;
use super::plan::{Consent, Plan};
use super::progress::SeveralWaits;
use super::purpose::Purpose;
use super::resource::{Resources, Scope, states};
use super::status::{Delay, Status};
use super::undeclared::index;
use super::verify::{Verdict, verify};
use super::wait::{Look, Wait};
use crate::aws::clients::Cloud;
use crate::error::Error;
use crate::report::Reporter;
use crate::stack::stage::Stage;

/// Deleting a table takes up to 8 s, updating a function about as long.
const SETTLE_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Each check reads all resources.
const IN_TRANSITION: Delay = Delay::new("the change that is in progress is done", OFTEN);

/// How long AWS may not find what a killed run has just created: a role for up to 8 s. Afterwards only the index tells of
/// it.
const UNSEEN_LIMIT: Duration = Duration::from_secs(10);

const LISTED: Delay = Delay::new("it is certain that it does not exist", OFTEN);

/// Each check reads the resources that show an old value.
const UNSEEN: Delay = Delay::new("AWS shows what was written", OFTEN);

const OFTEN: Pace = Pace::every(Duration::from_millis(500));

pub async fn refresh(cloud: &Cloud, stage: &Stage, scope: Scope<'_>) -> Result<Inventory, Error> {
    let (context, resources) = join(cloud.context(stage), observe(scope.resources)).await;
    // If the credentials are the problem, the error of this request describes it best.
    let (context, resources) = (context?, resources?);
    Ok(Inventory {
        context,
        index: index(scope, &resources).await,
        resources,
    })
}

/// The state of all resources. All reads are completed, also after an error.
async fn observe(resources: &Resources) -> Result<Vec<(ResourceId, Observed)>, Error> {
    let observe = resources.iter().map(|resource| async {
        let observed = resource.observe().await?;
        Ok((resource.declared().id(), observed))
    });
    join_all(observe).await.into_iter().collect()
}

/// As `refresh`, after waiting until no resource is in transition: `up` and `down` need a stable state.
pub async fn settled(
    cloud: &Cloud,
    stage: &Stage,
    scope: Scope<'_>,
    wait: &Wait<'_>,
    reporter: &dyn Reporter,
) -> Result<Inventory, Error> {
    let what = "wait until no resource is in transition";
    let mut waits = SeveralWaits::new(wait, reporter);
    let unseen_limit = UNSEEN_LIMIT.min(wait.limit(SETTLE_LIMIT) / 2);
    let mut unseen_since = None;
    let settled = wait.until(what, SETTLE_LIMIT, async || {
        let inventory = wait.read(refresh(cloud, stage, scope)).await?;
        let settling: Vec<(ResourceId, String)> = inventory.settling().collect();
        if let Some(status) = first(&settling) {
            waits.report(statuses(settling, IN_TRANSITION));
            return Ok(Look::NotYet(Status::from(status).paced(IN_TRANSITION.pace)));
        }
        let absent = inventory.index.absent.iter();
        let absent = absent.map(|id| (id.clone(), "listed in tags, and not found".to_owned()));
        let absent: Vec<(ResourceId, String)> = absent.collect();
        let since = *unseen_since.get_or_insert(wait.now());
        let took = wait.now().duration_since(since).unwrap_or_default();
        match first(&absent).filter(|_| took < unseen_limit) {
            None => Ok(Look::Ready(inventory)),
            Some(status) => {
                waits.report(statuses(absent, LISTED));
                Ok(Look::NotYet(Status::from(status).paced(LISTED.pace)))
            }
        }
    });
    let settled = Purpose::Read.of(settled).await;
    waits.end();
    settled
}

/// For the error at the deadline.
fn first(waiting: &[(ResourceId, String)]) -> Option<String> {
    let (id, shown) = waiting.first()?;
    Some(format!("{id}: {shown}"))
}

fn statuses(
    waiting: Vec<(ResourceId, String)>,
    delay: Delay,
) -> impl Iterator<Item = (ResourceId, Status)> {
    let waiting = waiting.into_iter();
    waiting.map(move |(id, shown)| (id, delay.shown_as(shown)))
}

/// Reads these resources again; the others stay as they were read.
async fn reread(
    inventory: Inventory,
    ids: &[ResourceId],
    resources: &Resources,
) -> Result<Inventory, Error> {
    let observe = inventory.resources.into_iter().map(|(id, before)| async {
        let again = resources.iter().filter(|_| ids.contains(&id));
        let again = again
            .map(|resource| (resource, resource.declared().id()))
            .find(|(_, other)| *other == id);
        let observed = match again {
            Some((resource, _)) => resource.observe().await?,
            None => before,
        };
        Ok::<_, Error>((id, observed))
    });
    let resources = try_join_all(observe).await?;
    Ok(Inventory {
        resources,
        ..inventory
    })
}

/// Reads until the cloud equals the declaration: everything, then what shows old values, and in the end
/// everything once more, since others may have changed it meanwhile.
pub async fn verified(done: &Plan, run: &Run<'_>) -> Result<Inventory, Error> {
    let what = "verify the stack";
    let mut lagging: Option<(Inventory, Vec<ResourceId>)> = None;
    let mut waits = SeveralWaits::new(run.wait, run.reporter);
    let verified = run.wait.until(what, LAG_LIMIT, async || {
        let reread_only = lagging.is_some();
        let inventory = match lagging.take() {
            Some((inventory, ids)) => {
                let reading = reread(inventory, &ids, run.resources);
                run.wait.read(reading).await?
            }
            None => Inventory {
                // The credentials are those that the run began with.
                context: run.inputs.context().clone(),
                resources: run.wait.read(observe(run.resources)).await?,
                index: run.inputs.inventory.index.clone(),
            },
        };
        let inputs = Inputs::new(&inventory, run.inputs.artifact);
        let left = Plan::up(states(run.resources, &inputs), &Consent::default());
        match verify(done, &left) {
            Verdict::Equal if reread_only => Ok(Look::NotYet("read once more".to_owned().into())),
            Verdict::Equal => Ok(Look::Ready(inventory)),
            Verdict::Lagging(found) => {
                let status = found.iter().map(|(id, status)| format!("{id}: {status}"));
                let status = status.collect::<Vec<_>>().join(", ");
                let ids = found.iter().map(|(id, _)| id.clone()).collect();
                lagging = Some((inventory, ids));
                waits.report(statuses(found, UNSEEN));
                Ok(Look::NotYet(Status::from(status).paced(UNSEEN.pace)))
            }
            Verdict::ChangedByOthers { id, what } => Err(Error::failed(format!(
                "{id} was changed during this run: {what}"
            ))
            .hint(
                "another user or program changes this stack; `provision plan` shows what differs",
            )),
        }
    });
    let verified = Purpose::Verify.of(verified).await;
    waits.end();
    verified
}
