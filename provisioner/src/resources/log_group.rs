//! The function's log group, made before the function so that it expires and `down` removes it.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::LogGroup as CloudLogGroup;

use crate::cloud::error::{CloudError, CloudErrorKind};
use crate::cloud::retry::{gone_is_fine, when_free};
use crate::error::Error;
use crate::owner::Owner;
use crate::resource::{
    Attribute, Condition, Context, Difference, Facts, Observed, Resource, ResourceId, Seen, Step,
    touches,
};
use crate::setting::Setting;

pub const KIND: &str = "log group";

/// `OperationAbortedException` passes within seconds.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub struct LogGroupSpec {
    pub name: String,
    pub retention_days: Setting<i32>,
}

pub struct LogGroup {
    pub spec: LogGroupSpec,
    pub owner: Owner,
    pub client: Client,
}

#[async_trait(?Send)]
impl Resource for LogGroup {
    fn id(&self) -> ResourceId {
        ResourceId::new(KIND, &self.spec.name)
    }

    fn needs(&self) -> Vec<ResourceId> {
        Vec::new()
    }

    fn desired(&self, _context: &Context) -> Vec<Attribute> {
        let LogGroupSpec {
            name: _,
            retention_days,
        } = &self.spec;
        let retention =
            Attribute::new("retention", days(retention_days.value)).source(retention_days.source());
        let mut attributes = vec![retention];
        attributes.extend(self.owner.attributes());
        attributes
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        let Some(group) = self.find().await? else {
            return Ok(Observed::Absent);
        };
        let mut facts = Facts::default();
        // AWS leaves the field out where nothing ever expires.
        let retention = group
            .retention_in_days()
            .map_or("never expires".to_owned(), days);
        facts.is("retention", retention);
        let tags = self.tags(&arn_without_suffix(&group)?).await?;
        let tags = tags
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        self.owner.facts(tags, &mut facts);
        let ownership = self.owner.judge(&facts);
        Ok(Observed::Present(Seen {
            ownership,
            condition: Condition::Ready,
            facts,
            details: Vec::new(),
        }))
    }

    async fn create(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("create {}", self.id());
        let created = when_free(&step.wait, &doing, LIMIT, async || {
            let mut request = self
                .client
                .create_log_group()
                .log_group_name(&self.spec.name);
            for (key, value) in self.owner.tags() {
                request = request.tags(key, value);
            }
            match request.send().await.map_err(CloudError::of(&doing)) {
                Ok(_) => Ok(true),
                Err(error) if error.kind == CloudErrorKind::AlreadyExists => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await?;
        if !created {
            // Our own lost answer, or the function logged before us: the tags tell.
            self.tag(step).await?;
        }
        self.put_retention(step).await
    }

    async fn update(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        if touches(differences, |name| name == "retention") {
            self.put_retention(step).await?;
        }
        if touches(differences, |name| name.starts_with("tag ")) {
            self.tag(step).await?;
        }
        Ok(())
    }

    async fn delete(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("delete {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .delete_log_group()
                .log_group_name(&self.spec.name);
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

    fn arn(&self, context: &Context) -> String {
        let Context {
            partition,
            account,
            region,
            ..
        } = context;
        format!(
            "arn:{partition}:logs:{region}:{account}:log-group:{}",
            self.spec.name
        )
    }
}

impl LogGroup {
    /// `DescribeLogGroups` matches by prefix.
    async fn find(&self) -> Result<Option<CloudLogGroup>, CloudError> {
        let doing = format!("describe {}", self.id());
        let request = self
            .client
            .describe_log_groups()
            .log_group_name_prefix(&self.spec.name);
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let groups = page
                .map_err(CloudError::of(&doing))?
                .log_groups
                .unwrap_or_default();
            let exact = |group: &CloudLogGroup| group.log_group_name() == Some(&self.spec.name);
            if let Some(group) = groups.into_iter().find(exact) {
                return Ok(Some(group));
            }
        }
        Ok(None)
    }

    async fn tags(&self, arn: &str) -> Result<Vec<(String, String)>, CloudError> {
        let request = self.client.list_tags_for_resource().resource_arn(arn);
        let answer = request
            .send()
            .await
            .map_err(CloudError::of(format!("list the tags of {}", self.id())))?;
        Ok(answer.tags.unwrap_or_default().into_iter().collect())
    }

    async fn tag(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("tag {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let mut request = self
                .client
                .tag_resource()
                .resource_arn(self.arn(step.context));
            for (key, value) in self.owner.tags() {
                request = request.tags(key, value);
            }
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }

    async fn put_retention(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("set the retention of {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .put_retention_policy()
                .log_group_name(&self.spec.name)
                .retention_in_days(self.spec.retention_days.value);
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }
}

fn days(days: i32) -> String {
    format!("{days} days")
}

/// `arn` ends in `:*`, which the tag calls refuse.
fn arn_without_suffix(group: &CloudLogGroup) -> Result<String, CloudError> {
    let arn = group.log_group_arn().or(group.arn());
    let arn = arn.ok_or_else(|| CloudError::incomplete("describe the log group", "arn"))?;
    Ok(arn.trim_end_matches(":*").to_owned())
}
