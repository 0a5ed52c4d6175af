//! A role that the function runs as for a moment, so that its own role is another one when it is assigned
//! again.

use super::observe::Role;
use super::spec::RoleSpec;
use crate::aws::error::CloudError;
use crate::engine::observed::{Facts, Ownership};
use crate::engine::pace::Pace;
use crate::engine::resource::Step;
use crate::engine::status::Delay;
use crate::engine::wait::{Look, Wait};
use crate::error::Error;

/// No stage contains a dot, so no stage's role has this name. The longest has 57 of 64 characters.
const SUFFIX: &str = ".temporary";

const VISIBLE: Delay = Delay::new("IAM shows the temporary role", Pace::UNKNOWN).of("IAM");

/// Lambda can assume it, and it has no permissions. It exists only while `up` renews the function's grant,
/// or after such an `up` was killed: then the next `up` or `down` deletes it.
pub struct TemporaryRole(Role);

impl TemporaryRole {
    pub fn of(role: &Role) -> TemporaryRole {
        TemporaryRole(Role {
            spec: RoleSpec {
                name: format!("{}{SUFFIX}", role.spec.name),
                policies: Vec::new(),
                ..role.spec.clone()
            },
            owner: role.owner.clone(),
            client: role.client.clone(),
        })
    }

    pub fn name(&self) -> &str {
        &self.0.spec.name
    }

    /// Creates the role, unless a killed run has left it. Returns its ARN once it is visible: a deletion
    /// before that would miss it.
    pub async fn create(&self, step: &Step<'_>) -> Result<String, Error> {
        let created = self.0.create_role(step).await?;
        let what = format!("wait for {}", self.0.spec.id());
        step.wait
            .until(&what, super::change::LIMIT, async || {
                Ok(match self.0.get().await? {
                    None => Look::NotYet(VISIBLE.shown_as("not visible yet")),
                    Some(_) => Look::Ready(created.arn().to_owned()),
                })
            })
            .await
    }

    /// Deletes the role, if it exists and is managed by `provision`.
    pub async fn delete(&self, wait: &Wait<'_>) -> Result<(), Error> {
        if self.exists().await? {
            self.0.delete_role(wait).await?;
        }
        Ok(())
    }

    async fn exists(&self) -> Result<bool, CloudError> {
        let Some(role) = self.0.get().await? else {
            return Ok(false);
        };
        let tags = role.tags().iter().map(|tag| (tag.key(), tag.value()));
        Ok(self.0.owner.judge(tags, &mut Facts::default()) == Ownership::Managed)
    }
}
