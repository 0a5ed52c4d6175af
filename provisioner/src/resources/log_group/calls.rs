//! The requests for the log group.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::LogGroup as CloudLogGroup;

use super::spec::{LogGroupSpec, NEVER_EXPIRES, OFF, ON, PROTECTION, RETENTION, days};
use crate::aws::call::{Call, optional};
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::engine::inputs::{Age, CREATED};
use crate::engine::observed::{Condition, Facts, Observed, ObservedState, Outputs, Ownership};
use crate::engine::resource::{Declared as _, Step};
use crate::engine::wait::Wait;
use crate::error::Error;
use crate::resources::owner::Owner;

/// `OperationAbortedException` is over within seconds, and so is a new group that is not found.
const LIMIT: Duration = Duration::from_secs(60);

/// The declaration with the means to send its requests.
pub struct LogGroup {
    pub spec: LogGroupSpec,
    pub owner: Owner,
    pub client: Client,
}

/// Whether the log group was created or existed already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    New,
    Existing,
}

impl LogGroup {
    pub async fn read(&self) -> Result<Observed, CloudError> {
        let Some(group) = self.find().await? else {
            return Ok(Observed::Absent);
        };
        let mut facts = Facts::default();
        let details = self.facts(&group, &mut facts);
        let mut condition = Condition::Ready;
        let ownership = match self.tags(&arn_without_suffix(&group)?).await? {
            Some(tags) => {
                let tags = tags.iter();
                let tags = tags.map(|(key, value)| (key.as_str(), value.as_str()));
                self.owner.judge(tags, &mut facts)
            }
            // The group is so new that this request does not find it, or it was deleted since.
            None => {
                condition = Condition::Settling("its tags are not visible yet".to_owned());
                Ownership::Unknown("its tags do not exist".to_owned())
            }
        };
        let created = group
            .creation_time
            .map(|millis| (millis / 1000).to_string());
        let created = created.map(|seconds| (CREATED.to_owned(), seconds));
        let protection = is_protected(&group).then(|| (PROTECTION.to_owned(), ON.to_owned()));
        Ok(Observed::Present(ObservedState {
            ownership,
            condition,
            facts,
            details,
            outputs: Outputs::from_iter(created.into_iter().chain(protection)),
        }))
    }

    /// Adds the facts. Returns the details: what the declaration does not determine.
    fn facts(&self, group: &CloudLogGroup, facts: &mut Facts) -> Vec<(&'static str, String)> {
        let mut details = Vec::new();
        // AWS omits the field if events never expire.
        let retention = group.retention_in_days();
        let retention = retention.map_or(NEVER_EXPIRES.to_owned(), days);
        if let Some(policy) = group.retention_policy_name() {
            // PutRetentionPolicy succeeds and has no effect until the policy no longer applies.
            let set_by = format!("{retention}, set by the account's policy {policy}");
            details.push((RETENTION, set_by));
            facts.reported(RETENTION, None::<String>);
        } else {
            facts.is(RETENTION, retention);
        }
        match (self.spec.deletion_protection, is_protected(group)) {
            (true, protected) => facts.is(PROTECTION, if protected { ON } else { OFF }),
            (false, true) => details.push((PROTECTION, format!("{ON} (not declared)"))),
            (false, false) => {}
        }
        details
    }

    /// The log group with exactly this name; `DescribeLogGroups` matches by prefix.
    async fn find(&self) -> Result<Option<CloudLogGroup>, CloudError> {
        let doing = format!("describe {}", self.spec.id());
        let request = self.client.describe_log_groups();
        let request = request.log_group_name_prefix(&self.spec.name);
        let mut pages = request.into_paginator().send();
        let exact = |group: &CloudLogGroup| group.log_group_name() == Some(&self.spec.name);
        while let Some(page) = pages.next().await {
            let page = page.map_err(CloudError::of(&doing))?;
            let groups = page.log_groups.unwrap_or_default();
            if let Some(group) = groups.into_iter().find(exact) {
                return Ok(Some(group));
            }
        }
        Ok(None)
    }

    /// `None` if the group does not exist.
    async fn tags(&self, arn: &str) -> Result<Option<HashMap<String, String>>, CloudError> {
        let doing = format!("list the tags of {}", self.spec.id());
        let request = self.client.list_tags_for_resource().resource_arn(arn);
        let answer = optional(doing, request.send()).await?;
        Ok(answer.map(|answer| answer.tags.unwrap_or_default()))
    }

    pub async fn create_group(&self, step: &Step<'_>) -> Result<Created, Error> {
        let mut request = self.client.create_log_group();
        request = request.log_group_name(&self.spec.name);
        if self.spec.deletion_protection {
            request = request.deletion_protection_enabled(true);
        }
        for (key, value) in self.owner.tags(&self.spec.id(), &step.inputs) {
            request = request.tags(key, value);
        }
        let call = Call::new(&step.wait, format!("create {}", self.spec.id()), LIMIT);
        call.attempt(async || match call.read(request.clone().send()).await {
            Ok(_) => Ok(Created::New),
            Err(error) if error.kind == CloudErrorKind::AlreadyExists => Ok(Created::Existing),
            Err(error) => Err(error),
        })
        .await
    }

    pub async fn tag(&self, age: Age, step: &Step<'_>) -> Result<(), Error> {
        let mut request = self.client.tag_resource();
        request = request.resource_arn(self.spec.arn(&step.inputs));
        for (key, value) in self.owner.tags(&self.spec.id(), &step.inputs) {
            request = request.tags(key, value);
        }
        let call = Call::new(&step.wait, format!("tag {}", self.spec.id()), LIMIT).of_age(age);
        call.send(|| request.clone().send()).await.map(drop)
    }

    pub async fn put_retention(&self, age: Age, wait: &Wait<'_>) -> Result<(), Error> {
        let request = self.client.put_retention_policy();
        let request = request.log_group_name(&self.spec.name);
        let request = request.retention_in_days(self.spec.retention_days.value);
        let doing = format!("set the retention of {}", self.spec.id());
        let call = Call::new(wait, doing, LIMIT).of_age(age);
        call.send(|| request.clone().send()).await.map(drop)
    }

    pub async fn set_protection(
        &self,
        enabled: bool,
        age: Age,
        wait: &Wait<'_>,
    ) -> Result<(), Error> {
        let request = self.client.put_log_group_deletion_protection();
        let request = request.log_group_identifier(&self.spec.name);
        let request = request.deletion_protection_enabled(enabled);
        let on_off = if enabled { ON } else { OFF };
        let doing = format!(
            "turn {on_off} the deletion protection of {}",
            self.spec.id()
        );
        let call = Call::new(wait, doing, LIMIT).of_age(age);
        call.send(|| request.clone().send()).await.map(drop)
    }

    pub async fn delete_group(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let request = self.client.delete_log_group();
        let request = request.log_group_name(&self.spec.name);
        let call = Call::new(wait, format!("delete {}", self.spec.id()), LIMIT);
        call.ignore_not_found(|| request.clone().send()).await
    }
}

fn is_protected(group: &CloudLogGroup) -> bool {
    group.deletion_protection_enabled().unwrap_or(false)
}

/// The ARN without the suffix `:*`, which the requests for tags reject.
fn arn_without_suffix(group: &CloudLogGroup) -> Result<String, CloudError> {
    let arn = group.log_group_arn().or(group.arn());
    let arn = arn.ok_or_else(|| CloudError::incomplete("describe the log group", "arn"))?;
    Ok(arn.trim_end_matches(":*").to_owned())
}
