//! The Lambda function: its configuration and the code of `$LATEST`.

mod change;
pub mod code;
mod create;
pub mod deployed_at;
mod facts;
mod fixed;
mod grant;
mod observe;
pub mod publish;
mod request;
mod role_diagnosis;
mod spec;

use async_trait::async_trait;

use crate::aws::error::CloudError;
use crate::engine::attribute::{Difference, Name, TAG, touches};
use crate::engine::inputs::Age;
use crate::engine::observed::{Observed, Outputs};
use crate::engine::plan::DataLoss;
use crate::engine::resource::{Declared, Resource, Step};
use crate::error::Error;

use change::Revision;
pub use facts::configuration_facts;
pub use observe::Function;
use observe::REVISION;
pub use request::description;
use spec::{ARCHITECTURE, CODE, CONCURRENCY};
pub use spec::{
    ENV, FunctionSpec, KIND, LOG_GROUP, Neighbors, ROLE, ROLE_ID, arn, denied_to, env_output,
    is_role_id,
};

#[async_trait(?Send)]
impl Resource for Function {
    fn declared(&self) -> &dyn Declared {
        &self.spec
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        self.read().await
    }

    async fn create(&self, step: &Step<'_>) -> Result<Outputs, Error> {
        self.create_function(step).await?;
        self.until_settled(Age::New, step).await?;
        Ok(Outputs::default())
    }

    async fn update(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        let revision = step.inputs.output(&self.spec.id(), REVISION);
        let revision = revision.known().map(str::to_owned);
        self.update_from(revision, differences, step).await
    }

    async fn adopt(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        let (version, revision) = self.publish_current_code(step).await?;
        step.wait.note(format!(
            "published the previous code as version {version}, for a rollback"
        ));
        self.update_from(revision, differences, step).await
    }

    async fn delete(&self, _data: DataLoss, step: &Step<'_>) -> Result<(), Error> {
        self.delete_assigned_temporary_role(step).await?;
        self.delete_function(&step.wait).await
    }
}

impl Function {
    /// Configuration first, then code: each must settle before the next.
    async fn update_from(
        &self,
        mut revision: Revision,
        differences: &[Difference],
        step: &Step<'_>,
    ) -> Result<(), Error> {
        if self.needs_another_role(differences, step) {
            revision = self.assign_temporary_role(revision, step).await?;
        }
        if touches(differences, is_configuration) {
            revision = self
                .update_configuration(differences, revision, step)
                .await?;
        }
        self.delete_temporary_role(differences, step).await?;
        if touches(differences, is_code) {
            self.update_code(revision, step).await?;
        }
        if touches(differences, |name| name.key_in(TAG).is_some()) {
            self.tag(step).await?;
        }
        if touches(differences, |name| name.is(CONCURRENCY)) {
            self.remove_concurrency(step).await?;
        }
        Ok(())
    }
}

fn is_code(name: &Name) -> bool {
    name.is(CODE) || name.is(ARCHITECTURE)
}

/// Whether an attribute belongs to the configuration. The tag with the role's ID does: the description
/// contains the ID too.
fn is_configuration(name: &Name) -> bool {
    let elsewhere = name.key_in(TAG).is_some() || is_code(name) || name.is(CONCURRENCY);
    is_role_id(name) || !elsewhere
}
