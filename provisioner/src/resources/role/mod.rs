//! The IAM role that the function runs as.

mod change;
mod observe;
mod spec;
mod temporary;

use async_trait::async_trait;
use futures::future::try_join3;

use crate::aws::error::CloudError;
use crate::engine::attribute::{Difference, TAG, touches};
use crate::engine::inputs::Age;
use crate::engine::observed::{Observed, Outputs};
use crate::engine::plan::{Action, DataLoss};
use crate::engine::resource::{Declared, Resource, Step};
use crate::error::Error;

pub use observe::Role;
use observe::{document_output, outputs};
pub use spec::{
    ARN, ID, KIND, RoleSpec, TRUST, arn, conventional_arn, has_attachments, inline_documents,
};
use spec::{ATTACHED, POLICY, SESSION};
pub use temporary::TemporaryRole;

#[async_trait(?Send)]
impl Resource for Role {
    fn declared(&self) -> &dyn Declared {
        &self.spec
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        self.read().await
    }

    async fn create(&self, step: &Step<'_>) -> Result<Outputs, Error> {
        let role = self.create_role(step).await?;
        self.put_declared(|_| true, Age::New, step).await?;
        Ok(outputs(&role))
    }

    async fn update(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        let wait = &step.wait;
        let age = step.age(&self.spec.id());
        if touches(differences, |name| name.is(TRUST)) {
            self.put_trust(age, step).await?;
        }
        if touches(differences, |name| name.is(SESSION)) {
            self.put_session(age, wait).await?;
        }
        if touches(differences, |name| name.key_in(TAG).is_some()) {
            self.tag(age, step).await?;
        }
        let changed =
            |policy: &str| touches(differences, |name| name.key_in(POLICY) == Some(policy));
        self.put_declared(changed, age, step).await?;
        for difference in differences {
            if difference.to.is_some() {
                continue;
            }
            if let Some(name) = difference.attribute.key_in(POLICY) {
                self.delete_inline(name, wait).await?;
            }
            if let Some(arn) = difference.attribute.key_in(ATTACHED) {
                self.detach(arn, wait).await?;
            }
        }
        Ok(())
    }

    /// Deletes policies, attachments and instance profiles first: IAM refuses to delete a role that has any.
    async fn delete(&self, _data: DataLoss, step: &Step<'_>) -> Result<(), Error> {
        let wait = &step.wait;
        let (inline, attached, profiles) = try_join3(
            self.inline_names(),
            self.attached(),
            self.instance_profiles(),
        )
        .await?;
        for name in inline.into_iter().flatten() {
            self.delete_inline(&name, wait).await?;
        }
        for arn in attached.into_iter().flatten() {
            self.detach(&arn, wait).await?;
        }
        for profile in profiles {
            self.leave_instance_profile(&profile, wait).await?;
        }
        // A killed `up` may have left it.
        TemporaryRole::of(self).delete(wait).await?;
        self.delete_role(wait).await
    }

    /// Restores the inline policies that were changed and attaches the managed ones that were detached. A new
    /// role has no earlier state.
    async fn restore(&self, applied: &Action, step: &Step<'_>) -> Result<Option<String>, Error> {
        let (Action::Update(differences) | Action::Adopt(differences)) = applied else {
            return Ok(None);
        };
        let mut restored = Vec::new();
        for Difference { attribute, .. } in differences {
            if let Some(name) = attribute.key_in(POLICY) {
                let before = step.inputs.output(&self.spec.id(), &document_output(name));
                if let Some(document) = before.known() {
                    self.put_inline(name, document, Age::Old, &step.wait)
                        .await?;
                    restored.push(name);
                }
            }
            if let Some(arn) = attribute.key_in(ATTACHED) {
                self.attach(arn, &step.wait).await?;
                restored.push(arn);
            }
        }
        let text = format!("restored the policy {}", restored.join(", "));
        Ok((!restored.is_empty()).then_some(text))
    }
}
