//! The DynamoDB table of rides.

mod change;
mod delete;
mod observe;
mod spec;
mod ttl;

use async_trait::async_trait;

use crate::aws::error::CloudError;
use crate::engine::attribute::{Difference, TAG, touches};
use crate::engine::inputs::Age;
use crate::engine::observed::{Observed, Outputs};
use crate::engine::plan::DataLoss;
use crate::engine::resource::{Declared, Resource, Step};
use crate::error::Error;

pub use observe::Table;
use spec::{BILLING, CLASS, ENCRYPTION, INDEX, PROTECTION, RECOVERY, STREAM, TTL};
pub use spec::{Billing, KIND, TableSpec};

#[async_trait(?Send)]
impl Resource for Table {
    fn declared(&self) -> &dyn Declared {
        &self.spec
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        self.read().await
    }

    async fn create(&self, step: &Step<'_>) -> Result<Outputs, Error> {
        self.create_table(step).await?;
        self.until_active(Age::New, &step.wait).await?;
        if self.spec.recovery_days.value.is_some() {
            self.set_point_in_time_recovery(Age::New, &step.wait)
                .await?;
        }
        Ok(Outputs::default())
    }

    /// `UpdateTable` accepts one logical change in each request, and the next only after a wait.
    async fn update(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        let wait = &step.wait;
        let changed = |attribute: &str| touches(differences, |name| name.is(attribute));
        if changed(PROTECTION) {
            self.set_protection(self.spec.deletion_protection, wait)
                .await?;
        }
        if changed(BILLING) {
            self.set_billing(wait).await?;
        }
        if changed(CLASS) {
            self.set_class(wait).await?;
        }
        if changed(ENCRYPTION) {
            self.set_aws_owned_key(wait).await?;
        }
        if changed(STREAM) {
            self.disable_stream(wait).await?;
        }
        for difference in differences {
            if let Some(index) = difference.attribute.key_in(INDEX) {
                self.delete_index(index, wait).await?;
            }
        }
        if changed(RECOVERY) {
            let age = step.age(&self.spec.id());
            self.set_point_in_time_recovery(age, wait).await?;
        }
        if touches(differences, |name| name.key_in(TAG).is_some()) {
            self.tag(step).await?;
        }
        // In the end: DynamoDB rejects it for an hour after another change of it.
        for difference in differences {
            if difference.attribute.is(TTL) {
                let attribute = difference.from.as_deref().unwrap_or_default();
                self.disable_ttl(attribute, wait).await?;
            }
        }
        Ok(())
    }

    async fn delete(&self, data: DataLoss, step: &Step<'_>) -> Result<(), Error> {
        self.delete_table(data, &step.wait).await
    }
}
