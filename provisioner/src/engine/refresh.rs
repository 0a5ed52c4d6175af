//! All reads at once: who the caller is and what is there.

use std::time::Duration;

use futures::future::{join, join_all};

use super::observed::Inventory;
use super::resource::Resources;
use super::wait::{Look, Wait};
use crate::aws::clients::Cloud;
use crate::error::Error;
use crate::stack::stage::Stage;

/// A deleted table takes up to 8 s to be gone, a function's update about as long.
const SETTLE_LIMIT: Duration = Duration::from_secs(10 * 60);

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
    // Where credentials are the problem, this call's error names it best.
    let context = context?;
    let resources: Result<_, Error> = resources.into_iter().collect();
    Ok(Inventory {
        context,
        resources: resources?,
    })
}

/// As `refresh`, once no resource is in transition: `up` and `down` plan from what stays.
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
