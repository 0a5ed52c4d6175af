//! The requests for the log group.

use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::LogGroup as CloudLogGroup;

use super::spec::{LogGroupSpec, NEVER_EXPIRES, RETENTION, days};
use crate::aws::call::{Call, read};
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::engine::observed::{Condition, Facts, Observed, ObservedState, Outputs};
use crate::engine::resource::{Declared as _, Step};
use crate::engine::wait::Wait;
use crate::error::Error;
use crate::resources::owner::Owner;

/// `OperationAbortedException` is over within seconds.
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
        // AWS omits the field if events never expire.
        let retention = group.retention_in_days();
        facts.is(RETENTION, retention.map_or(NEVER_EXPIRES.to_owned(), days));
        let tags = self.tags(&arn_without_suffix(&group)?).await?;
        let tags = tags
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        let ownership = self.owner.judge(tags, &mut facts);
        Ok(Observed::Present(ObservedState {
            ownership,
            condition: Condition::Ready,
            facts,
            details: Vec::new(),
            outputs: Outputs::default(),
        }))
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

    async fn tags(&self, arn: &str) -> Result<Vec<(String, String)>, CloudError> {
        let doing = format!("list the tags of {}", self.spec.id());
        let request = self.client.list_tags_for_resource().resource_arn(arn);
        let answer = read(doing, request.send()).await?;
        Ok(answer.tags.unwrap_or_default().into_iter().collect())
    }

    pub async fn create_group(&self, wait: &Wait<'_>) -> Result<Created, Error> {
        let mut request = self.client.create_log_group();
        request = request.log_group_name(&self.spec.name);
        for (key, value) in self.owner.tags() {
            request = request.tags(key, value);
        }
        let call = Call::new(wait, format!("create {}", self.spec.id()), LIMIT);
        call.attempt(async || match call.read(request.clone().send()).await {
            Ok(_) => Ok(Created::New),
            Err(error) if error.kind == CloudErrorKind::AlreadyExists => Ok(Created::Existing),
            Err(error) => Err(error),
        })
        .await
    }

    pub async fn tag(&self, step: &Step<'_>) -> Result<(), Error> {
        let mut request = self.client.tag_resource();
        request = request.resource_arn(self.spec.arn(&step.inputs));
        for (key, value) in self.owner.tags() {
            request = request.tags(key, value);
        }
        let call = Call::new(&step.wait, format!("tag {}", self.spec.id()), LIMIT);
        call.send(|| request.clone().send()).await.map(drop)
    }

    pub async fn put_retention(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let request = self.client.put_retention_policy();
        let request = request.log_group_name(&self.spec.name);
        let request = request.retention_in_days(self.spec.retention_days.value);
        let doing = format!("set the retention of {}", self.spec.id());
        let call = Call::new(wait, doing, LIMIT);
        call.send(|| request.clone().send()).await.map(drop)
    }

    pub async fn delete_group(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let request = self.client.delete_log_group();
        let request = request.log_group_name(&self.spec.name);
        let call = Call::new(wait, format!("delete {}", self.spec.id()), LIMIT);
        call.ignore_not_found(|| request.clone().send()).await
    }
}

/// The ARN without the suffix `:*`, which the requests for tags reject.
fn arn_without_suffix(group: &CloudLogGroup) -> Result<String, CloudError> {
    let arn = group.log_group_arn().or(group.arn());
    let arn = arn.ok_or_else(|| CloudError::incomplete("describe the log group", "arn"))?;
    Ok(arn.trim_end_matches(":*").to_owned())
}
