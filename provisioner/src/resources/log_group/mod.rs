//! The function's log group. It is created before the function so that its events expire and `down` deletes
//! it.

mod calls;
mod spec;

use async_trait::async_trait;

use crate::aws::error::CloudError;
use crate::engine::attribute::{Difference, TAG, touches};
use crate::engine::inputs::Age;
use crate::engine::observed::{Observed, Outputs};
use crate::engine::plan::DataLoss;
use crate::engine::resource::{Declared, Resource, Step};
use crate::error::Error;

use calls::Created;
pub use calls::LogGroup;
pub use spec::{KIND, LogGroupSpec, is_protected, remarks};
use spec::{PROTECTION, RETENTION};

#[async_trait(?Send)]
impl Resource for LogGroup {
    fn declared(&self) -> &dyn Declared {
        &self.spec
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        self.read().await
    }

    async fn create(&self, step: &Step<'_>) -> Result<Outputs, Error> {
        match self.create_group(step).await? {
            Created::New => {}
            // The response to the first attempt was lost, or the function logged an event before.
            Created::Existing => {
                self.tag(Age::New, step).await?;
                if self.spec.deletion_protection {
                    self.set_protection(true, Age::New, &step.wait).await?;
                }
            }
        }
        self.put_retention(Age::New, &step.wait).await?;
        Ok(Outputs::default())
    }

    async fn update(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        let age = step.age(&self.spec.id());
        if touches(differences, |name| name.is(RETENTION)) {
            self.put_retention(age, &step.wait).await?;
        }
        if touches(differences, |name| name.is(PROTECTION)) {
            self.set_protection(true, age, &step.wait).await?;
        }
        if touches(differences, |name| name.key_in(TAG).is_some()) {
            self.tag(age, step).await?;
        }
        Ok(())
    }

    /// Disables the deletion protection only with consent to lose data: the events are data, too.
    async fn delete(&self, data: DataLoss, step: &Step<'_>) -> Result<(), Error> {
        let state = step.inputs.state(&self.spec.id());
        if data == DataLoss::Accepted && state.is_some_and(is_protected) {
            self.set_protection(false, Age::Old, &step.wait).await?;
        }
        self.delete_group(&step.wait).await
    }
}
