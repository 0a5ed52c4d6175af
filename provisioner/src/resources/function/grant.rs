//! Renews the grant with which Lambda decrypts the environment variables for the function's role.
//!
//! The grant is for the role's ID. A role that was deleted and created again has the same ARN and another
//! ID, and invocations fail with `KMSAccessDeniedException`. Users report that Lambda renews the grant when
//! another role is assigned; nobody has recorded that the same ARN suffices. So the function gets a
//! temporary role, and then its own again. Deleting and creating the function would renew the grant too,
//! but lose its versions, the alias `live` and the permissions of API Gateway.
//!
//! The tag `provision:role-id` is written last, so that a killed run leaves a difference.

use super::change::Revision;
use super::create::role_call;
use super::observe::Function;
use super::spec::{ROLE, is_role_id};
use crate::aws::error::CloudErrorKind;
use crate::engine::attribute::{Difference, touches};
use crate::engine::inputs::Age;
use crate::engine::resource::Step;
use crate::error::Error;

impl Function {
    /// Whether only a detour over another role renews the grant. A function without the tag was never given
    /// its role by `provision`: if its grant turns out to be outdated, the test ride records that in the tag.
    pub fn needs_another_role(&self, differences: &[Difference], step: &Step<'_>) -> bool {
        let role_is_new = step.inputs.state(&self.spec.neighbors.role).is_none();
        let is_outdated = |difference: &Difference| {
            is_role_id(&difference.attribute) && (difference.from.is_some() || role_is_new)
        };
        // Its role changes anyway, also after a run that was killed during the detour.
        let role_changes = touches(differences, |name| name.is(ROLE));
        !role_changes && differences.iter().any(is_outdated)
    }

    /// Returns the revision after the update.
    pub async fn assign_temporary_role(
        &self,
        revision: Revision,
        step: &Step<'_>,
    ) -> Result<Revision, Error> {
        let role = self.temporary_role.name();
        step.wait.note(format!(
            "{} was created again: the function gets the role {role} for a moment, so that Lambda \
             renews the grant for its environment variables",
            self.spec.neighbors.role
        ));
        let arn = self.temporary_role.create(step).await?;
        let doing = format!("assign the role {role} to {}", self.spec.id());
        let request = self.client.update_function_configuration();
        let request = request
            .function_name(&self.spec.name)
            .role(&arn)
            .set_revision_id(revision);
        let call = role_call(step, doing);
        call.attempt(async || match call.read(request.clone().send()).await {
            Err(error) if error.kind == CloudErrorKind::Stale => {
                self.if_done(error, |found| found.role() == Some(&*arn))
                    .await
            }
            result => result.map(drop),
        })
        .await?;
        self.until_settled(Age::Old, step).await
    }

    /// Deletes the temporary role, after this run or a killed one has assigned it.
    pub async fn delete_temporary_role(
        &self,
        differences: &[Difference],
        step: &Step<'_>,
    ) -> Result<(), Error> {
        let had_it = differences.iter().any(|difference| {
            difference.attribute.is(ROLE)
                && difference.from.as_deref() == Some(self.temporary_role.name())
        });
        if had_it || self.needs_another_role(differences, step) {
            self.temporary_role.delete(&step.wait).await?;
        }
        Ok(())
    }

    /// As `delete_temporary_role`, for `down`, which compares nothing.
    pub async fn delete_assigned_temporary_role(&self, step: &Step<'_>) -> Result<(), Error> {
        let state = step.inputs.state(&self.spec.id());
        let role = state.and_then(|state| state.facts.value(&ROLE.into()));
        if role == Some(self.temporary_role.name()) {
            self.temporary_role.delete(&step.wait).await?;
        }
        Ok(())
    }
}
