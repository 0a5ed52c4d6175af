//! What is left of the stage, by name and by tag, and its removal.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use futures::future::try_join_all;

use super::by_hand;
use super::runner::Runner;
use crate::aws::call::{optional, read};
use crate::aws::error::CloudError;
use crate::engine::pace::Pace;
use crate::engine::status::Status;
use crate::engine::wait::Look;
use crate::error::{Error, Failure};
use crate::resources::owner::STACK_NAME;
use crate::stack::resources::Request;

/// IAM may list a role for some seconds after its deletion; `down` has waited as long before.
const LAG_LIMIT: Duration = Duration::from_secs(15);

/// Between two counts, each of which is 14 calls and more.
const PACE: Pace = Pace::every(Duration::from_secs(3));

/// How far the clock of this machine may be ahead of AWS's.
const SKEW: Duration = Duration::from_secs(10 * 60);

/// Deletes whatever exists in the stage, also what was made by hand.
pub async fn clean_up(runner: &Runner) -> Result<String, Error> {
    // The answers depend on what an earlier step has left behind.
    runner.recorder.keep(false);
    let result = delete_everything(runner).await;
    runner.recorder.keep(true);
    result
}

async fn delete_everything(runner: &Runner) -> Result<String, Error> {
    by_hand::tag_everything(runner).await?;
    let document = runner.down().await?;
    let deleted = document["receipt"]["gone"].as_array().map_or(0, Vec::len);
    Ok(format!("{deleted} deleted"))
}

/// Fails with the list of what is left.
pub async fn nothing_is_left(runner: &Runner) -> Result<String, Error> {
    let what = "count what is left";
    let wait = &runner.session.wait;
    // The answers are about other resources of the account too.
    runner.recorder.keep(false);
    let counted = wait.until(what, LAG_LIMIT, async || {
        let left = remaining(runner).await?;
        Ok(match left.is_empty() {
            true => Look::Ready(()),
            false => Look::NotYet(Status::from(left.join(", ")).paced(PACE)),
        })
    });
    let counted = counted.await;
    runner.recorder.keep(true);
    match counted {
        Ok(()) => Ok("nothing is left, by name and by tag".to_owned()),
        Err(error) if error.failure == Failure::TimedOut => Err(Error::failed(format!(
            "left: {}",
            remaining(runner).await?.join(", ")
        ))),
        Err(error) => Err(error),
    }
}

/// `table Rides-certify-a1b2c3`, …
pub async fn remaining(runner: &Runner) -> Result<Vec<String>, CloudError> {
    let mut left = Box::pin(by_name(runner)).await?;
    for found in Box::pin(by_tag(runner)).await? {
        if !left.contains(&found) {
            left.push(found);
        }
    }
    Ok(left)
}

async fn by_name(runner: &Runner) -> Result<Vec<String>, CloudError> {
    let resources = runner.stack.resources(&runner.cloud, Request::default());
    let observe = resources.iter().map(|resource| async {
        let observed = resource.observe().await?;
        let id = resource.declared().id().to_string();
        Ok::<_, CloudError>(observed.state().map(|_| id))
    });
    Ok(try_join_all(observe).await?.into_iter().flatten().collect())
}

/// Every resource with the tags of this stage, whatever its name. Only what is as new as this run is asked for
/// its tags: an account may have hundreds of roles.
async fn by_tag(runner: &Runner) -> Result<Vec<String>, CloudError> {
    let mut left = tagged_tables(runner).await?;
    left.extend(tagged_roles(runner).await?);
    left.extend(tagged_log_groups(runner).await?);
    left.extend(tagged_functions(runner).await?);
    Ok(left)
}

fn begun(runner: &Runner) -> SystemTime {
    runner.started - SKEW
}

fn is_of(runner: &Runner, tags: &[(String, String)]) -> bool {
    let stage = runner.session.stage.as_str();
    let has = |key: &str, value: &str| tags.iter().any(|(k, v)| k == key && v == value);
    has("provision:stack", STACK_NAME) && has("provision:stage", stage)
}

async fn tagged_tables(runner: &Runner) -> Result<Vec<String>, CloudError> {
    let client = &runner.cloud.dynamodb;
    let pages = client.list_tables().into_paginator().items().send();
    let tables = read("list the tables", pages.collect::<Result<Vec<_>, _>>()).await?;
    let mut left = Vec::new();
    for name in tables {
        let arn = runner.context.arn("dynamodb", &format!("table/{name}"));
        let request = client.list_tags_of_resource().resource_arn(arn);
        let answer = optional(format!("list the tags of table {name}"), request.send()).await?;
        let tags = answer.and_then(|answer| answer.tags).unwrap_or_default();
        let tags: Vec<_> = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
        if is_of(runner, &tags) {
            left.push(format!("table {name}"));
        }
    }
    Ok(left)
}

async fn tagged_roles(runner: &Runner) -> Result<Vec<String>, CloudError> {
    let client = &runner.cloud.iam;
    let pages = client.list_roles().into_paginator().items().send();
    let roles = read("list the roles", pages.collect::<Result<Vec<_>, _>>()).await?;
    let begun = DateTime::from(begun(runner));
    let mut left = Vec::new();
    for role in roles.into_iter().filter(|role| role.create_date >= begun) {
        let name = role.role_name;
        let request = client.list_role_tags().role_name(&name);
        let answer = optional(format!("list the tags of role {name}"), request.send()).await?;
        let tags = answer.map(|answer| answer.tags).unwrap_or_default();
        let tags: Vec<_> = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
        if is_of(runner, &tags) {
            left.push(format!("role {name}"));
        }
    }
    Ok(left)
}

async fn tagged_log_groups(runner: &Runner) -> Result<Vec<String>, CloudError> {
    let client = &runner.cloud.logs;
    let request = client.describe_log_groups();
    let request = request.log_group_name_prefix("/aws/lambda/");
    let pages = request.into_paginator().items().send();
    let groups = read("list the log groups", pages.collect::<Result<Vec<_>, _>>()).await?;
    let begun = DateTime::from(begun(runner))
        .to_millis()
        .unwrap_or_default();
    let mut left = Vec::new();
    for group in groups {
        if group.creation_time.unwrap_or_default() < begun {
            continue;
        }
        let name = group.log_group_name.unwrap_or_default();
        let arn = runner.context.arn("logs", &format!("log-group:{name}"));
        let request = client.list_tags_for_resource().resource_arn(arn);
        let answer = optional(format!("list the tags of log group {name}"), request.send()).await?;
        let tags = answer.and_then(|answer| answer.tags).unwrap_or_default();
        if is_of(runner, &tags.into_iter().collect::<Vec<_>>()) {
            left.push(format!("log group {name}"));
        }
    }
    Ok(left)
}

async fn tagged_functions(runner: &Runner) -> Result<Vec<String>, CloudError> {
    let client = &runner.cloud.lambda;
    let pages = client.list_functions().into_paginator().items().send();
    let functions = read("list the functions", pages.collect::<Result<Vec<_>, _>>()).await?;
    let begun = DateTime::from(begun(runner)).fmt(Format::DateTime);
    // Lambda's form of a time differs in its end only.
    let begun = begun
        .unwrap_or_default()
        .get(..19)
        .unwrap_or_default()
        .to_owned();
    let mut left = Vec::new();
    for function in functions {
        if function.last_modified().unwrap_or_default() < begun.as_str() {
            continue;
        }
        let name = function.function_name.unwrap_or_default();
        let arn = runner.context.arn("lambda", &format!("function:{name}"));
        let request = client.list_tags().resource(arn);
        let answer = optional(format!("list the tags of function {name}"), request.send()).await?;
        let tags = answer.and_then(|answer| answer.tags).unwrap_or_default();
        if is_of(runner, &tags.into_iter().collect::<Vec<_>>()) {
            left.push(format!("function {name}"));
        }
    }
    Ok(left)
}
