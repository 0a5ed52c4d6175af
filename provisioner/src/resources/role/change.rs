//! The requests that create, change and delete the role.

use std::time::Duration;

use aws_sdk_iam::types::{Role as CloudRole, Tag};
use futures::future::try_join_all;

use super::observe::Role;
use crate::aws::call::Call;
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::engine::inputs::{Age, LAG_LIMIT};
use crate::engine::observed::{Facts, Ownership};
use crate::engine::resource::Step;
use crate::engine::wait::Wait;
use crate::error::Error;

/// How long IAM may take to become consistent.
pub const LIMIT: Duration = LAG_LIMIT;

impl Role {
    fn call<'a>(&self, doing: String, wait: &'a Wait<'_>) -> Call<'a> {
        Call::new(wait, doing, LIMIT)
    }

    pub async fn create_role(&self, step: &Step<'_>) -> Result<CloudRole, Error> {
        let doing = format!("create {}", self.spec.id());
        let request = self
            .client
            .create_role()
            .role_name(&self.spec.name)
            .assume_role_policy_document(self.spec.trust(step.context()).to_string())
            .max_session_duration(self.spec.session_seconds)
            .set_tags(Some(self.owned_tags(&doing, step)?));
        let call = self.call(doing, &step.wait);
        call.attempt(async || match call.read(request.clone().send()).await {
            // The response to the first attempt was lost, or the role is unmanaged.
            Err(error) if error.kind == CloudErrorKind::AlreadyExists => {
                self.if_managed(error).await
            }
            result => result?
                .role
                .ok_or_else(|| CloudError::incomplete("create the role", "Role")),
        })
        .await
    }

    async fn if_managed(&self, error: CloudError) -> Result<CloudRole, CloudError> {
        let Some(role) = self.get().await? else {
            return Err(CloudError {
                kind: CloudErrorKind::Busy,
                ..error
            });
        };
        let tags = role.tags().iter().map(|tag| (tag.key(), tag.value()));
        match self.owner.judge(tags, &mut Facts::default()) {
            Ownership::Managed => Ok(role),
            Ownership::Unmanaged(_) | Ownership::Unknown(_) => Err(error),
        }
    }

    fn owned_tags(&self, doing: &str, step: &Step<'_>) -> Result<Vec<Tag>, Error> {
        let tags = self.owner.tags(&self.spec.id(), &step.inputs).into_iter();
        tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect::<Result<_, _>>()
            .map_err(|error| Error::failed(doing).because(error))
    }

    pub async fn put_trust(&self, age: Age, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("put the trust policy of {}", self.spec.id());
        let document = self.spec.trust(step.context()).to_string();
        let request = self.client.update_assume_role_policy();
        let request = request.role_name(&self.spec.name).policy_document(document);
        let call = self.call(doing, &step.wait).of_age(age);
        call.send(|| request.clone().send()).await.map(drop)
    }

    pub async fn put_session(&self, age: Age, wait: &Wait<'_>) -> Result<(), Error> {
        let doing = format!("set the maximum session duration of {}", self.spec.id());
        let request = self.client.update_role().role_name(&self.spec.name);
        let request = request.max_session_duration(self.spec.session_seconds);
        let call = self.call(doing, wait).of_age(age);
        call.send(|| request.clone().send()).await.map(drop)
    }

    pub async fn tag(&self, age: Age, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("tag {}", self.spec.id());
        let tags = self.owned_tags(&doing, step)?;
        let request = self.client.tag_role().role_name(&self.spec.name);
        let request = request.set_tags(Some(tags));
        let call = self.call(doing, &step.wait).of_age(age);
        call.send(|| request.clone().send()).await.map(drop)
    }

    /// Puts the declared policies whose names `wanted` accepts.
    pub async fn put_declared(
        &self,
        wanted: impl Fn(&str) -> bool,
        age: Age,
        step: &Step<'_>,
    ) -> Result<(), Error> {
        let declared = self.spec.policies(step.context());
        let puts = declared.iter().filter(|(name, _)| wanted(name));
        let puts = puts.map(|(name, document)| async move {
            let document = document.to_string();
            self.put_inline(name, &document, age, &step.wait).await
        });
        try_join_all(puts).await.map(drop)
    }

    pub async fn put_inline(
        &self,
        name: &str,
        document: &str,
        age: Age,
        wait: &Wait<'_>,
    ) -> Result<(), Error> {
        let doing = format!("put the policy {name} of {}", self.spec.id());
        let request = self.client.put_role_policy().role_name(&self.spec.name);
        let request = request.policy_name(name).policy_document(document);
        let call = self.call(doing, wait).of_age(age);
        call.send(|| request.clone().send()).await.map(drop)
    }

    pub async fn delete_inline(&self, name: &str, wait: &Wait<'_>) -> Result<(), Error> {
        let doing = format!("delete the policy {name} of {}", self.spec.id());
        let request = self.client.delete_role_policy();
        let request = request.role_name(&self.spec.name).policy_name(name);
        let call = self.call(doing, wait);
        call.ignore_not_found(|| request.clone().send()).await
    }

    pub async fn detach(&self, arn: &str, wait: &Wait<'_>) -> Result<(), Error> {
        let doing = format!("detach {arn} from {}", self.spec.id());
        let request = self.client.detach_role_policy();
        let request = request.role_name(&self.spec.name).policy_arn(arn);
        let call = self.call(doing, wait);
        call.ignore_not_found(|| request.clone().send()).await
    }

    pub async fn attach(&self, arn: &str, wait: &Wait<'_>) -> Result<(), Error> {
        let doing = format!("attach {arn} to {}", self.spec.id());
        let request = self.client.attach_role_policy();
        let request = request.role_name(&self.spec.name).policy_arn(arn);
        let call = self.call(doing, wait);
        call.send(|| request.clone().send()).await.map(drop)
    }

    pub async fn leave_instance_profile(
        &self,
        profile: &str,
        wait: &Wait<'_>,
    ) -> Result<(), Error> {
        let role = self.spec.id();
        let doing = format!("remove {role} from the instance profile {profile}");
        let request = self.client.remove_role_from_instance_profile();
        let request = request.role_name(&self.spec.name);
        let request = request.instance_profile_name(profile);
        let call = self.call(doing, wait);
        call.ignore_not_found(|| request.clone().send()).await
    }

    pub async fn delete_role(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let request = self.client.delete_role().role_name(&self.spec.name);
        let call = self.call(format!("delete {}", self.spec.id()), wait);
        call.ignore_not_found(|| request.clone().send()).await
    }
}
