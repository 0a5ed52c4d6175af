//! The calls around aliases and versions, for the release and for `rollback`.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_alias::GetAliasOutput;
use aws_sdk_lambda::types::FunctionConfiguration;

use crate::cloud::error::{CloudError, CloudErrorKind};
use crate::cloud::retry::{absent_is_none, gone_is_fine, when_free};
use crate::error::Error;
use crate::resources::proof::{Record, Version};
use crate::wait::Wait;

/// What API Gateway and every other caller should point at.
pub const LIVE: &str = "live";

const LIMIT: Duration = Duration::from_secs(5 * 60);

/// The alias `live` of one function.
#[derive(Clone, Debug)]
pub struct LiveAlias {
    pub client: Client,
    pub function: String,
}

impl LiveAlias {
    pub async fn get(&self) -> Result<Option<GetAliasOutput>, CloudError> {
        let doing = format!("get {self}");
        let request = self.client.get_alias().function_name(&self.function);
        let answer = request.name(LIVE).send().await;
        absent_is_none(answer.map_err(CloudError::of(doing)))
    }

    /// `$LATEST` among them.
    pub async fn versions(&self) -> Result<Vec<FunctionConfiguration>, CloudError> {
        let doing = format!("list the versions of {}", self.function);
        let request = self.client.list_versions_by_function();
        let pages = request.function_name(&self.function).into_paginator();
        let versions = pages.items().send().collect::<Result<Vec<_>, _>>().await;
        let versions = absent_is_none(versions.map_err(CloudError::of(doing)))?;
        Ok(versions.unwrap_or_default())
    }

    /// The published ones, in order.
    pub async fn numbers(&self) -> Result<Vec<Version>, CloudError> {
        let versions = self.versions().await?;
        let numbers = versions
            .iter()
            .filter_map(|found| found.version()?.parse().ok());
        let mut numbers: Vec<Version> = numbers.collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Moves the alias, or makes it; `revision` guards against somebody else's move.
    pub async fn point(
        &self,
        version: Version,
        record: &Record,
        revision: Option<&str>,
        wait: &Wait<'_>,
    ) -> Result<(), Error> {
        let doing = format!("point {self} at version {version}");
        when_free(wait, &doing, LIMIT, async || {
            let update = self
                .client
                .update_alias()
                .function_name(&self.function)
                .name(LIVE);
            let update = update
                .function_version(version.to_string())
                .description(record.to_string())
                .set_revision_id(revision.map(str::to_owned));
            match update
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
            {
                Err(error) if error.kind == CloudErrorKind::NotFound => {}
                Err(error) if error.kind == CloudErrorKind::Stale => {
                    return self.if_moved(version, record, error).await;
                }
                result => return result,
            }
            let create = self
                .client
                .create_alias()
                .function_name(&self.function)
                .name(LIVE);
            let create = create
                .function_version(version.to_string())
                .description(record.to_string());
            match create
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
            {
                Err(error) if error.kind == CloudErrorKind::AlreadyExists => {
                    self.if_moved(version, record, error).await
                }
                result => result,
            }
        })
        .await
    }

    /// Our own lost answer, or somebody else's move.
    async fn if_moved(
        &self,
        version: Version,
        record: &Record,
        error: CloudError,
    ) -> Result<(), CloudError> {
        let found = self.get().await?.is_some_and(|alias| {
            alias.function_version() == Some(&version.to_string())
                && alias.description() == Some(&record.to_string())
        });
        if found { Ok(()) } else { Err(error) }
    }

    pub async fn delete(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let doing = format!("delete {self}");
        when_free(wait, &doing, LIMIT, async || {
            let request = self.client.delete_alias().function_name(&self.function);
            let answer = request.name(LIVE).send().await;
            gone_is_fine(answer.map(drop).map_err(CloudError::of(&doing)))
        })
        .await
    }

    pub async fn delete_version(&self, version: Version) -> Result<(), CloudError> {
        let doing = format!("delete version {version} of {}", self.function);
        let request = self.client.delete_function().function_name(&self.function);
        let answer = request.qualifier(version.to_string()).send().await;
        gone_is_fine(answer.map(drop).map_err(CloudError::of(doing)))
    }
}

impl std::fmt::Display for LiveAlias {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "release {}:{LIVE}", self.function)
    }
}
