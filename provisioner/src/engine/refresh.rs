//! Reads the caller's identity and the state of all resources, all at once.

use std::time::Duration;

use futures::future::{join, join_all};

use super::apply::Run;
use super::inputs::Inputs;
use super::observed::Inventory;
use super::plan::{Consent, Plan};
use super::resource::{Resources, states};
use super::verify::{Verdict, verify};
use super::wait::{Look, Wait};
use crate::aws::clients::Cloud;
use crate::error::Error;
use crate::stack::stage::Stage;

/// Deleting a table takes up to 8 s, updating a function about as long.
const SETTLE_LIMIT: Duration = Duration::from_secs(10 * 60);

/// How long reads may show old values. Tags do for up to 3 s after a write; IAM may take longer.
const LAG_LIMIT: Duration = Duration::from_secs(60);

pub async fn refresh(
    cloud: &Cloud,
    stage: &Stage,
    resources: &Resources,
) -> Result<Inventory, Error> {
    let observe = resources.iter().map(|resource| async {
        let observed = resource.observe().await?;
        Ok((resource.declared().id(), observed))
    });
    let (context, resources) = join(cloud.context(stage), join_all(observe)).await;
    // If the credentials are the problem, the error of this request describes it best.
    let context = context?;
    let resources: Result<_, Error> = resources.into_iter().collect();
    Ok(Inventory {
        context,
        resources: resources?,
    })
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
            let inventory = refresh(cloud, stage, resources).await?;
            let settling = inventory.settling();
            let settling = settling.map(|(id, status)| format!("{id}: {status}"));
            Ok(settling.map_or(Look::Ready(inventory), Look::NotYet))
        },
    )
    .await
}

/// Reads everything again until the cloud equals the declaration.
pub async fn verified(
    done: &Plan,
    run: &Run<'_>,
    cloud: &Cloud,
    stage: &Stage,
) -> Result<Inventory, Error> {
    let what = "verify the stack";
    run.wait
        .until(what, LAG_LIMIT, async || {
            let inventory = refresh(cloud, stage, run.resources).await?;
            let inputs = Inputs::new(&inventory, run.inputs.artifact);
            let left = Plan::up(states(run.resources, &inputs), &Consent::default());
            match verify(done, &left) {
                Verdict::Equal => Ok(Look::Ready(inventory)),
                Verdict::Lagging(status) => Ok(Look::NotYet(status)),
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
