//! The function's role: who may take it, what it may do, and nothing more.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{Role as CloudRole, Tag};
use futures::future::{try_join_all, try_join3};
use serde_json::Value;

use crate::cloud::error::{CloudError, CloudErrorKind};
use crate::cloud::retry::{absent_is_none, gone_is_fine, when_free};
use crate::error::Error;
use crate::owner::Owner;
use crate::policy::{self, Names};
use crate::resource::{
    Attribute, Condition, Context, Difference, Facts, Observed, Ownership, Resource, ResourceId,
    Seen, Step, touches,
};

pub const KIND: &str = "role";

/// How long IAM may take to agree with itself. Two minutes fit all reports.
const LIMIT: Duration = Duration::from_secs(2 * 60);

const POLICY: &str = "policy ";
const ATTACHED: &str = "attached ";
const SESSION_SECONDS: i32 = 3600;

#[derive(Clone, Debug)]
pub struct RoleSpec {
    pub name: String,
    /// Who may take it, as it stands in `policies/`.
    pub trust: &'static str,
    /// Its inline policies: the name, and the document as it stands in `policies/`.
    pub policies: Vec<(&'static str, &'static str)>,
    /// The names its policies speak of.
    pub table: String,
    pub log_group: String,
    pub function: String,
}

impl RoleSpec {
    /// The inline policies by name, rendered.
    pub fn policies(&self, context: &Context) -> Vec<(&'static str, Value)> {
        let names = self.names(context);
        let policies = self.policies.iter();
        policies
            .map(|(name, template)| (*name, policy::fill(template, &names)))
            .collect()
    }

    fn trust(&self, context: &Context) -> Value {
        policy::fill(self.trust, &self.names(context))
    }

    fn names<'a>(&'a self, context: &'a Context) -> Names<'a> {
        let RoleSpec {
            name,
            trust: _,
            policies: _,
            table,
            log_group,
            function,
        } = self;
        let Context {
            partition,
            account,
            region,
            stage: _,
            caller: _,
        } = context;
        Names {
            partition,
            account,
            region,
            table,
            log_group,
            role: name,
            function,
        }
    }
}

/// Which role bears the name: told by whoever saw or made it last. A role that was deleted and
/// made again has its old ARN and a new id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleIdentity {
    pub arn: String,
    pub id: String,
}

pub type SharedRoleIdentity = Rc<RefCell<Option<RoleIdentity>>>;

pub struct Role {
    pub spec: RoleSpec,
    pub owner: Owner,
    pub client: Client,
    pub identity: SharedRoleIdentity,
    /// The inline policies as `observe` saw them: what a failed release gets back.
    pub seen_policies: RefCell<BTreeMap<String, String>>,
    /// Which of them this run wrote or deleted.
    pub written_policies: RefCell<Vec<String>>,
    /// The managed policies that this run detached.
    pub detached: RefCell<Vec<String>>,
}

impl Role {
    pub fn new(spec: RoleSpec, owner: Owner, client: Client, identity: SharedRoleIdentity) -> Role {
        let (seen_policies, written_policies, detached) = Default::default();
        Role {
            spec,
            owner,
            client,
            identity,
            seen_policies,
            written_policies,
            detached,
        }
    }
}

#[async_trait(?Send)]
impl Resource for Role {
    fn id(&self) -> ResourceId {
        ResourceId::new(KIND, &self.spec.name)
    }

    fn needs(&self) -> Vec<ResourceId> {
        Vec::new()
    }

    fn desired(&self, context: &Context) -> Vec<Attribute> {
        let trust = policy::canonical(&self.spec.trust(context)).to_string();
        let session = format!("{SESSION_SECONDS} s");
        let mut attributes = vec![
            Attribute::new("trust", trust),
            Attribute::new("longest session", session),
        ];
        for (name, document) in self.spec.policies(context) {
            let text = policy::canonical(&document).to_string();
            attributes.push(Attribute::new(format!("{POLICY}{name}"), text));
        }
        attributes.extend(self.owner.attributes());
        attributes
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        let (role, inline, attached) =
            try_join3(self.get(), self.inline_names(), self.attached()).await?;
        let Some(role) = role else {
            self.identity.replace(None);
            return Ok(Observed::Absent);
        };
        let documents = try_join_all(inline.iter().map(|name| self.inline_document(name))).await?;
        let documents = inline.into_iter().zip(documents);
        let documents: BTreeMap<String, String> = documents
            .filter_map(|(name, document)| Some((name, document?)))
            .collect();

        let mut facts = Facts::default();
        let trust = decoded(role.assume_role_policy_document().unwrap_or_default());
        facts.is("trust", comparable(&trust));
        let session = role
            .max_session_duration
            .map(|seconds| format!("{seconds} s"));
        facts.reported("longest session", session);
        for (name, document) in &documents {
            facts.is(format!("{POLICY}{name}"), comparable(document));
        }
        for arn in attached {
            facts.is(format!("{ATTACHED}{arn}"), "attached");
        }
        let tags = role.tags().iter().map(|tag| (tag.key(), tag.value()));
        self.owner.facts(tags, &mut facts);
        let ownership = self.owner.judge(&facts);

        self.identity.replace(Some(identity(&role)));
        self.seen_policies.replace(documents);
        Ok(Observed::Present(Seen {
            ownership,
            condition: Condition::Ready,
            facts,
            details: Vec::new(),
        }))
    }

    async fn create(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("create {}", self.id());
        let role = when_free(&step.wait, &doing, LIMIT, async || {
            match self.create_role(step.context, &doing).await {
                // Our own lost answer, or somebody else's role.
                Err(error) if error.kind == CloudErrorKind::AlreadyExists => {
                    self.if_ours(error).await
                }
                result => result,
            }
        })
        .await?;
        self.identity.replace(Some(identity(&role)));
        let policies = self.spec.policies.iter();
        let names: Vec<String> = policies.map(|(name, _)| (*name).to_owned()).collect();
        self.put_declared(&names, step).await
    }

    async fn update(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        if touches(differences, |name| name == "trust") {
            self.put_trust(step).await?;
        }
        if touches(differences, |name| name == "longest session") {
            self.put_session(step).await?;
        }
        if touches(differences, |name| name.starts_with("tag ")) {
            self.tag(step).await?;
        }
        let policies = |wanted: bool| -> Vec<String> {
            let changed = differences
                .iter()
                .filter(|difference| difference.to.is_some() == wanted);
            let names = changed.filter_map(|difference| difference.attribute.strip_prefix(POLICY));
            names.map(str::to_owned).collect()
        };
        self.put_declared(&policies(true), step).await?;
        for name in policies(false) {
            self.delete_inline(&name, step).await?;
        }
        for difference in differences {
            if let Some(arn) = difference.attribute.strip_prefix(ATTACHED) {
                self.detach(arn, step).await?;
                self.detached.borrow_mut().push(arn.to_owned());
            }
        }
        Ok(())
    }

    /// Policies, attachments and instance profiles first: IAM refuses a role that has any.
    async fn delete(&self, step: &Step<'_>) -> Result<(), Error> {
        let (inline, attached, profiles) = try_join3(
            self.inline_names(),
            self.attached(),
            self.instance_profiles(),
        )
        .await?;
        for name in inline {
            self.delete_inline(&name, step).await?;
        }
        for arn in attached {
            self.detach(&arn, step).await?;
        }
        for profile in profiles {
            self.leave_instance_profile(&profile, step).await?;
        }
        let doing = format!("delete {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self.client.delete_role().role_name(&self.spec.name);
            gone_is_fine(
                request
                    .send()
                    .await
                    .map(drop)
                    .map_err(CloudError::of(&doing)),
            )
        })
        .await
    }

    async fn restore(&self, step: &Step<'_>) -> Result<Option<String>, Error> {
        let written = self.written_policies.take();
        let seen = self.seen_policies.borrow().clone();
        let mut restored = Vec::new();
        for name in written {
            // What was not there before came with this run's role: nothing to go back to.
            if let Some(document) = seen.get(&name) {
                self.put_inline(&name, document, step).await?;
                restored.push(name);
            }
        }
        for arn in self.detached.take() {
            self.attach(&arn, step).await?;
            restored.push(arn);
        }
        if restored.is_empty() {
            return Ok(None);
        }
        Ok(Some(format!(
            "put back the policy {} as it was",
            restored.join(", ")
        )))
    }

    fn arn(&self, context: &Context) -> String {
        let identity = self.identity.borrow();
        let known = identity.as_ref().map(|identity| identity.arn.clone());
        known.unwrap_or_else(|| {
            let Context {
                partition, account, ..
            } = context;
            format!("arn:{partition}:iam::{account}:role/{}", self.spec.name)
        })
    }
}

impl Role {
    async fn get(&self) -> Result<Option<CloudRole>, CloudError> {
        let doing = format!("get {}", self.id());
        let request = self.client.get_role().role_name(&self.spec.name);
        let answer = absent_is_none(request.send().await.map_err(CloudError::of(doing)))?;
        Ok(answer.and_then(|answer| answer.role))
    }

    async fn inline_names(&self) -> Result<Vec<String>, CloudError> {
        let doing = format!("list the policies of {}", self.id());
        let request = self.client.list_role_policies().role_name(&self.spec.name);
        let names = request
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await;
        Ok(absent_is_none(names.map_err(CloudError::of(doing)))?.unwrap_or_default())
    }

    /// Decoded exactly once: a document may itself hold `%3A`.
    async fn inline_document(&self, name: &str) -> Result<Option<String>, CloudError> {
        let doing = format!("get the policy {name} of {}", self.id());
        let request = self
            .client
            .get_role_policy()
            .role_name(&self.spec.name)
            .policy_name(name);
        let answer = absent_is_none(request.send().await.map_err(CloudError::of(doing)))?;
        Ok(answer.map(|answer| decoded(&answer.policy_document)))
    }

    async fn attached(&self) -> Result<Vec<String>, CloudError> {
        let doing = format!("list what is attached to {}", self.id());
        let request = self
            .client
            .list_attached_role_policies()
            .role_name(&self.spec.name);
        let policies = request
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await;
        let policies = absent_is_none(policies.map_err(CloudError::of(doing)))?;
        Ok(policies
            .into_iter()
            .flatten()
            .filter_map(|policy| policy.policy_arn)
            .collect())
    }

    async fn instance_profiles(&self) -> Result<Vec<String>, CloudError> {
        let doing = format!("list the instance profiles of {}", self.id());
        let request = self
            .client
            .list_instance_profiles_for_role()
            .role_name(&self.spec.name);
        let profiles = request
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await;
        let profiles = absent_is_none(profiles.map_err(CloudError::of(doing)))?;
        Ok(profiles
            .into_iter()
            .flatten()
            .map(|profile| profile.instance_profile_name)
            .collect())
    }

    async fn create_role(&self, context: &Context, doing: &str) -> Result<CloudRole, CloudError> {
        let request = self
            .client
            .create_role()
            .role_name(&self.spec.name)
            .assume_role_policy_document(self.spec.trust(context).to_string())
            .max_session_duration(SESSION_SECONDS)
            .set_tags(Some(self.owned_tags(doing)?));
        let answer = request.send().await.map_err(CloudError::of(doing))?;
        answer
            .role
            .ok_or_else(|| CloudError::incomplete(doing, "Role"))
    }

    fn owned_tags(&self, doing: &str) -> Result<Vec<Tag>, CloudError> {
        let tags = self.owner.tags().into_iter();
        tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect::<Result<_, _>>()
            .map_err(|error| CloudError::incomplete(doing, &error.to_string()))
    }

    async fn if_ours(&self, error: CloudError) -> Result<CloudRole, CloudError> {
        let role = self.get().await?;
        let Some(role) = role else {
            return Err(CloudError {
                kind: CloudErrorKind::Busy,
                ..error
            });
        };
        let mut facts = Facts::default();
        self.owner.facts(
            role.tags().iter().map(|tag| (tag.key(), tag.value())),
            &mut facts,
        );
        match self.owner.judge(&facts) {
            Ownership::Ours => Ok(role),
            Ownership::Foreign(_) | Ownership::Unknown(_) => Err(error),
        }
    }

    async fn put_trust(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("put the trust policy of {}", self.id());
        let document = self.spec.trust(step.context).to_string();
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .update_assume_role_policy()
                .role_name(&self.spec.name)
                .policy_document(&document);
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }

    async fn put_session(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("set the longest session of {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .update_role()
                .role_name(&self.spec.name)
                .max_session_duration(SESSION_SECONDS);
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }

    async fn tag(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("tag {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let tags = self.owned_tags(&doing)?;
            let request = self
                .client
                .tag_role()
                .role_name(&self.spec.name)
                .set_tags(Some(tags));
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }

    async fn put_declared(&self, names: &[String], step: &Step<'_>) -> Result<(), Error> {
        let declared = self.spec.policies(step.context);
        let wanted = declared
            .iter()
            .filter(|(name, _)| names.iter().any(|wanted| wanted == name));
        let puts = wanted.map(|(name, document)| async move {
            self.put_inline(name, &document.to_string(), step).await?;
            self.written_policies.borrow_mut().push((*name).to_owned());
            Ok(())
        });
        try_join_all(puts).await.map(drop)
    }

    async fn put_inline(&self, name: &str, document: &str, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("put the policy {name} of {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .put_role_policy()
                .role_name(&self.spec.name)
                .policy_name(name)
                .policy_document(document);
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }

    async fn delete_inline(&self, name: &str, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("delete the policy {name} of {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .delete_role_policy()
                .role_name(&self.spec.name)
                .policy_name(name);
            gone_is_fine(
                request
                    .send()
                    .await
                    .map(drop)
                    .map_err(CloudError::of(&doing)),
            )
        })
        .await?;
        self.written_policies.borrow_mut().push(name.to_owned());
        Ok(())
    }

    async fn detach(&self, arn: &str, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("detach {arn} from {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .detach_role_policy()
                .role_name(&self.spec.name)
                .policy_arn(arn);
            gone_is_fine(
                request
                    .send()
                    .await
                    .map(drop)
                    .map_err(CloudError::of(&doing)),
            )
        })
        .await
    }

    async fn attach(&self, arn: &str, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("attach {arn} to {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self.client.attach_role_policy();
            let request = request.role_name(&self.spec.name).policy_arn(arn);
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }

    async fn leave_instance_profile(&self, profile: &str, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("remove {} from the instance profile {profile}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .remove_role_from_instance_profile()
                .role_name(&self.spec.name)
                .instance_profile_name(profile);
            gone_is_fine(
                request
                    .send()
                    .await
                    .map(drop)
                    .map_err(CloudError::of(&doing)),
            )
        })
        .await
    }
}

/// Whether managed policies are attached.
pub fn has_attachments(seen: &Seen) -> bool {
    seen.facts
        .iter()
        .any(|(name, _)| name.starts_with(ATTACHED))
}

/// The inline policies, each as one line of JSON.
pub fn inline_documents(seen: &Seen) -> impl Iterator<Item = &str> {
    let names = seen.facts.iter().map(|(name, _)| name);
    names
        .filter(|name| name.starts_with(POLICY))
        .filter_map(|name| seen.facts.value(name))
}

fn identity(role: &CloudRole) -> RoleIdentity {
    RoleIdentity {
        arn: role.arn().to_owned(),
        id: role.role_id().to_owned(),
    }
}

/// A document that is not encoded as IAM does is taken as it stands.
fn decoded(document: &str) -> String {
    policy::decode(document).unwrap_or_else(|_| document.to_owned())
}

/// A document that is no JSON compares as it stands: it differs from every declared one.
fn comparable(document: &str) -> String {
    policy::canonical_text(document).unwrap_or_else(|_| document.to_owned())
}
