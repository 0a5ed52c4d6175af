//! The requests for aliases and versions, for the release and for `rollback`.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_alias::GetAliasOutput;
use aws_sdk_lambda::types::{AliasRoutingConfiguration, FunctionConfiguration};

use super::proof::{Record, Version};
use crate::aws::call::{Call, optional};
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::engine::inputs::Age;
use crate::engine::wait::Wait;
use crate::error::Error;
use crate::stack::names::LIVE;

const LIMIT: Duration = Duration::from_secs(2 * 60);

/// The alias when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before<'a> {
    Absent,
    /// Not every endpoint reports a revision.
    Found {
        revision: Option<&'a str>,
    },
}

/// The alias `live` of one function.
#[derive(Clone, Debug)]
pub struct LiveAlias {
    pub client: Client,
    pub function: String,
}

impl LiveAlias {
    pub async fn get(&self) -> Result<Option<GetAliasOutput>, CloudError> {
        let request = self.client.get_alias().function_name(&self.function);
        optional(format!("get {self}"), request.name(LIVE).send()).await
    }

    /// All versions, including `$LATEST`.
    pub async fn versions(&self) -> Result<Vec<FunctionConfiguration>, CloudError> {
        let doing = format!("list the versions of {}", self.function);
        let request = self.client.list_versions_by_function();
        let pages = request.function_name(&self.function).into_paginator();
        let versions = pages.items().send().collect::<Result<Vec<_>, _>>();
        Ok(optional(doing, versions).await?.unwrap_or_default())
    }

    /// The numbers of the published versions, in ascending order.
    pub async fn numbers(&self) -> Result<Vec<Version>, CloudError> {
        Ok(numbers(&self.versions().await?))
    }

    /// Moves the alias with all its traffic, or creates it. Fails if another process has moved it since it was read.
    /// `age` is that of the version.
    pub async fn point(
        &self,
        (version, age): (Version, Age),
        record: &Record,
        before: Before<'_>,
        wait: &Wait<'_>,
    ) -> Result<(), Error> {
        let revision = match before {
            Before::Absent => None,
            Before::Found { revision } => revision,
        };
        let update = self.client.update_alias().function_name(&self.function);
        // Without it Lambda keeps a share of the requests on another version.
        let all_to_one = AliasRoutingConfiguration::builder()
            .set_additional_version_weights(Some(HashMap::new()))
            .build();
        let update = update
            .name(LIVE)
            .function_version(version.to_string())
            .routing_config(all_to_one)
            .description(record.to_string())
            .set_revision_id(revision.map(str::to_owned));
        let create = self.client.create_alias().function_name(&self.function);
        let create = create
            .name(LIVE)
            .function_version(version.to_string())
            .description(record.to_string());
        let doing = format!("point {self} at version {version}");
        let call = Call::new(wait, doing, LIMIT).of_age(age);
        call.attempt(async || {
            if before == Before::Absent {
                match call.read(create.clone().send()).await.map(drop) {
                    // The response to the first attempt was lost, or AWS did not show the alias yet.
                    Err(error) if error.kind == CloudErrorKind::AlreadyExists => {}
                    result => return result,
                }
            }
            let missing = match call.read(update.clone().send()).await.map(drop) {
                Err(error) if error.kind == CloudErrorKind::NotFound => error,
                Err(error) if error.kind == CloudErrorKind::Stale => {
                    let alias = self.get().await?;
                    return if_moved(alias.as_ref(), version, record, error);
                }
                result => return result,
            };
            // Either the alias does not exist, or AWS does not find it or the version yet.
            match call.read(create.clone().send()).await.map(drop) {
                Err(error) if error.kind == CloudErrorKind::AlreadyExists => {
                    let alias = self.get().await?;
                    let found = alias.as_ref().map(|alias| alias.revision_id());
                    // Without a revision, what a request does not find yet was created a moment ago.
                    if found.is_none_or(|found| revision.is_none() || found == revision) {
                        return Err(missing);
                    }
                    if_moved(alias.as_ref(), version, record, error)
                }
                result => result,
            }
        })
        .await
    }

    pub async fn delete(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let request = self.client.delete_alias().function_name(&self.function);
        let request = request.name(LIVE);
        let call = Call::new(wait, format!("delete {self}"), LIMIT);
        call.ignore_not_found(|| request.clone().send()).await
    }

    pub async fn delete_version(&self, version: Version) -> Result<(), CloudError> {
        let doing = format!("delete version {version} of {}", self.function);
        let request = self.client.delete_function().function_name(&self.function);
        let request = request.qualifier(version.to_string());
        optional(doing, request.send()).await.map(drop)
    }
}

/// The numbers of those that are published, in ascending order.
pub fn numbers(versions: &[FunctionConfiguration]) -> Vec<Version> {
    let numbers = versions
        .iter()
        .filter_map(|found| found.version()?.parse().ok());
    let mut numbers: Vec<Version> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

/// Succeeds if this request, whose response was lost, has moved the alias.
fn if_moved(
    alias: Option<&GetAliasOutput>,
    version: Version,
    record: &Record,
    error: CloudError,
) -> Result<(), CloudError> {
    let is_moved = alias.is_some_and(|alias| {
        alias.function_version() == Some(&version.to_string())
            && alias.description() == Some(&record.to_string())
    });
    if is_moved { Ok(()) } else { Err(error) }
}

impl std::fmt::Display for LiveAlias {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "release {}:{LIVE}", self.function)
    }
}
