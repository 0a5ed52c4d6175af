//! Reads the caller's identity and the state of all resources, all at once.

use std::time::Duration;

use futures::future::{join, join_all, try_join_all};

use super::apply::Run;
use super::inputs::{Inputs, LAG_LIMIT};
use super::observed::{Inventory, Observed, ResourceId};
use super::pace::Pace;
use super::plan::{Consent, Plan};
use super::resource::{Resources, states};
use super::verify::{Verdict, verify};
use super::wait::{Look, Wait};
use crate::aws::clients::Cloud;
use crate::error::Error;
use crate::stack::stage::Stage;

/// Deleting a table takes up to 8 s, updating a function about as long.
const SETTLE_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Each check reads all resources.
const SETTLE_PACE: Pace = Pace::every(Duration::from_millis(500));

/// When a resource that shows an old value is read again.
const LAG_PACE: Pace = Pace::every(Duration::from_millis(500));

pub async fn refresh(
    cloud: &Cloud,
    stage: &Stage,
    resources: &Resources,
) -> Result<Inventory, Error> {
    let (context, resources) = join(cloud.context(stage), observe(resources)).await;
    // If the credentials are the problem, the error of this request describes it best.
    Ok(Inventory {
        context: context?,
        resources: resources?,
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
    resources: &Resources,
    wait: &Wait<'_>,
) -> Result<Inventory, Error> {
    wait.until(
        "wait until no resource is in transition",
        SETTLE_LIMIT,
        async || {
            let inventory = wait.read(refresh(cloud, stage, resources)).await?;
            let settling = inventory.settling();
            let settling = settling.map(|(id, status)| format!("{id}: {status}"));
            Ok(match settling {
                Some(status) => Look::Paced(status, SETTLE_PACE),
                None => Look::Ready(inventory),
            })
        },
    )
    .await
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
    run.wait
        .until(what, LAG_LIMIT, async || {
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
                },
            };
            let inputs = Inputs::new(&inventory, run.inputs.artifact);
            let left = Plan::up(states(run.resources, &inputs), &Consent::default());
            match verify(done, &left) {
                Verdict::Equal if reread_only => Ok(Look::NotYet("read once more".to_owned())),
                Verdict::Equal => Ok(Look::Ready(inventory)),
                Verdict::Lagging(found) => {
                    let status = found.iter().map(|(id, status)| format!("{id}: {status}"));
                    let status = status.collect::<Vec<_>>().join(", ");
                    let ids = found.into_iter().map(|(id, _)| id).collect();
                    lagging = Some((inventory, ids));
                    Ok(Look::Paced(status, LAG_PACE))
                }
                Verdict::ChangedByOthers { id, what } => Err(Error::failed(format!(
                    "{id} was changed during this run: {what}"
                ))
                .hint(
                    "another user or program changes this stack; `provision plan` shows what differs",
                )),
            }
        })
        .await
}
