//! Reads the role, its inline policies and the policies attached to it.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Role as CloudRole;
use futures::future::{try_join_all, try_join3};

use super::spec::{ARN, ATTACHED, ID, POLICY, RoleSpec, SESSION, TRUST, seconds};
use crate::aws::call::optional;
use crate::aws::error::CloudError;
use crate::engine::attribute::Name;
use crate::engine::inputs::CREATED;
use crate::engine::observed::{Condition, Facts, Observed, ObservedState, Outputs};
use crate::policy;
use crate::resources::owner::Owner;

/// The declaration with the means to send its requests.
pub struct Role {
    pub spec: RoleSpec,
    pub owner: Owner,
    pub client: Client,
}

impl Role {
    pub async fn read(&self) -> Result<Observed, CloudError> {
        let (role, inline, attached) =
            try_join3(self.get(), self.inline_names(), self.attached()).await?;
        let Some(role) = role else {
            return Ok(Observed::Absent);
        };
        // A new role is found by one kind of read before another.
        let unseen = inline.is_none() || attached.is_none();
        let (inline, attached) = (inline.unwrap_or_default(), attached.unwrap_or_default());
        let documents = inline.iter().map(|name| self.inline_document(name));
        let documents = try_join_all(documents).await?;
        let documents = inline.into_iter().zip(documents);
        let documents: BTreeMap<String, String> = documents
            .filter_map(|(name, document)| Some((name, document?)))
            .collect();

        let mut facts = Facts::default();
        let trust = decoded(role.assume_role_policy_document().unwrap_or_default());
        facts.is(TRUST, comparable(&trust));
        facts.reported(SESSION, role.max_session_duration.map(seconds));
        for (name, document) in &documents {
            facts.is(Name::entry(POLICY, name.clone()), comparable(document));
        }
        for arn in attached {
            facts.is(Name::entry(ATTACHED, arn), "attached");
        }
        let tags = role.tags().iter().map(|tag| (tag.key(), tag.value()));
        let ownership = self.owner.judge(tags, &mut facts);
        let mut outputs = outputs(&role);
        for (name, document) in documents {
            outputs.insert(document_output(&name), document);
        }
        Ok(Observed::Present(ObservedState {
            ownership,
            condition: condition(&role, unseen),
            facts,
            details: Vec::new(),
            outputs,
        }))
    }

    pub async fn get(&self) -> Result<Option<CloudRole>, CloudError> {
        let doing = format!("get {}", self.spec.id());
        let request = self.client.get_role().role_name(&self.spec.name);
        let answer = optional(doing, request.send()).await?;
        Ok(answer.and_then(|answer| answer.role))
    }

    /// `None` if the role does not exist.
    pub async fn inline_names(&self) -> Result<Option<Vec<String>>, CloudError> {
        let doing = format!("list the policies of {}", self.spec.id());
        let request = self.client.list_role_policies().role_name(&self.spec.name);
        let names = request.into_paginator().items().send();
        optional(doing, names.collect::<Result<_, _>>()).await
    }

    /// An inline policy, decoded exactly once: a document may itself contain `%3A`.
    async fn inline_document(&self, name: &str) -> Result<Option<String>, CloudError> {
        let doing = format!("get the policy {name} of {}", self.spec.id());
        let request = self.client.get_role_policy();
        let request = request.role_name(&self.spec.name).policy_name(name);
        let answer = optional(doing, request.send()).await?;
        Ok(answer.map(|answer| decoded(&answer.policy_document)))
    }

    /// `None` if the role does not exist.
    pub async fn attached(&self) -> Result<Option<Vec<String>>, CloudError> {
        let doing = format!("list the policies attached to {}", self.spec.id());
        let request = self.client.list_attached_role_policies();
        let request = request.role_name(&self.spec.name);
        let policies = request.into_paginator().items().send();
        let policies = optional(doing, policies.collect::<Result<Vec<_>, _>>()).await?;
        let arns = policies.map(|policies| {
            let arns = policies.into_iter().filter_map(|policy| policy.policy_arn);
            arns.collect()
        });
        Ok(arns)
    }

    pub async fn instance_profiles(&self) -> Result<Vec<String>, CloudError> {
        let doing = format!("list the instance profiles of {}", self.spec.id());
        let request = self.client.list_instance_profiles_for_role();
        let request = request.role_name(&self.spec.name);
        let profiles = request.into_paginator().items().send();
        let profiles = optional(doing, profiles.collect::<Result<Vec<_>, _>>()).await?;
        let profiles = profiles.unwrap_or_default().into_iter();
        Ok(profiles
            .map(|profile| profile.instance_profile_name)
            .collect())
    }
}

/// The outputs that identify the role to the function. Without its ARN, the one by convention counts.
pub fn outputs(role: &CloudRole) -> Outputs {
    let created = role.create_date().secs().to_string();
    let mut outputs = Outputs::from([
        (ID.to_owned(), role.role_id().to_owned()),
        (CREATED.to_owned(), created),
    ]);
    if has_arn(role) {
        outputs.insert(ARN.to_owned(), role.arn().to_owned());
    }
    outputs
}

/// False for a new role whose ID AWS shows in place of its ARN.
fn has_arn(role: &CloudRole) -> bool {
    role.arn().starts_with("arn:")
}

fn condition(role: &CloudRole, unseen: bool) -> Condition {
    if unseen {
        Condition::Settling("its policies are not visible yet".to_owned())
    } else if !has_arn(role) {
        Condition::Settling("its ARN is not visible yet".to_owned())
    } else {
        Condition::Ready
    }
}

/// The output with an inline policy as it was written, so that it can be restored.
pub fn document_output(name: &str) -> String {
    format!("document of {name}")
}

/// The decoded document. A document that is not encoded as IAM does is returned unchanged.
fn decoded(document: &str) -> String {
    policy::decode(document).unwrap_or_else(|_| document.to_owned())
}

/// The normalized form of a document. One that is not JSON is returned unchanged: it differs from every
/// declared one.
fn comparable(document: &str) -> String {
    policy::readable_text(document).unwrap_or_else(|_| document.to_owned())
}
