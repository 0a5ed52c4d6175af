//! The release: the alias `live`, which only points at versions that passed a test ride.
//!
//! Publish a version → run a test ride → read the ride back → delete it → move `live` → delete old versions.

pub mod alias;
pub mod history;
mod key_access;
mod log_tail;
mod observe;
pub mod proof;
mod spec;
mod test_ride;
mod versions;

use async_trait::async_trait;
use futures::future::join;

use crate::aws::error::CloudError;
use crate::engine::attribute::Difference;
use crate::engine::observed::{Inventory, Observed, Outputs};
use crate::engine::plan::DataLoss;
use crate::engine::resource::{Declared, Resource, Step};
use crate::error::{Error, Failure};
use crate::resources::function::deployed_at::tag_deployment;

pub use observe::{Release, is_proven, live_configuration};
pub use spec::{KIND, PROOF, ReleaseOptions, ReleaseSpec, SERVES, TEST_RIDE, TRAFFIC, id};
pub use test_ride::{TestRide, ride_id};

#[async_trait(?Send)]
impl Resource for Release {
    fn declared(&self) -> &dyn Declared {
        &self.spec
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        self.read().await
    }

    async fn create(&self, step: &Step<'_>) -> Result<Outputs, Error> {
        let version = self.publish(step).await?;
        let tag = tag_deployment(&self.alias.client, &self.spec.function, step);
        let (proven, tagged) = join(self.prove(version, step), tag).await;
        proven?;
        tagged?;
        // At the same time: the new version is listed already.
        let (moved, versions) = join(self.move_alias(version, step), self.versions(step)).await;
        moved?;
        self.prune(&versions?, version, step).await;
        Ok(Outputs::default())
    }

    async fn update(&self, _differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        self.create(step).await.map(drop)
    }

    async fn delete(&self, _data: DataLoss, step: &Step<'_>) -> Result<(), Error> {
        self.alias.delete(&step.wait).await
    }
}

/// The version that `live` points at.
pub fn live_version(inventory: &Inventory) -> Option<&str> {
    inventory.of_kind(KIND)?.detail("version")
}

impl Release {
    async fn prove(&self, version: proof::Version, step: &Step<'_>) -> Result<(), Error> {
        if self.spec.options.skip_test_ride {
            step.wait.note(format!(
                "version {version} goes live without a test ride (--skip-test-ride)"
            ));
            return Ok(());
        }
        self.run_test_ride(version, step).await
    }

    async fn run_test_ride(&self, version: proof::Version, step: &Step<'_>) -> Result<(), Error> {
        step.wait.note(format!("test ride on version {version}"));
        if let Err(error) = self.ride.run(&version.to_string(), step).await {
            // After ctrl-c it is unknown whether the version works.
            if error.failure == Failure::TestRideFailed {
                self.discard(version, step).await;
            }
            return Err(error);
        }
        step.wait.note(format!(
            "version {version} passed its test ride: the ride was stored and read back"
        ));
        Ok(())
    }
}
