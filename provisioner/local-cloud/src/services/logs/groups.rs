//! Log groups: create, describe, delete, retention.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::constraint::Broken;
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::services::logs::errors::{invalid, no_group};
use crate::services::logs::limit::limit;
use crate::services::logs::names::{group_arn, group_name};
use crate::services::logs::{tags, unseen};
use crate::state::log_group::LogGroup;
use crate::storage::log_files::Group;

pub(crate) const DAYS: &[i64] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

pub(crate) async fn create(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = group_name(input)?;
    let new_tags = tags::checked(input.tag_map("tags")?.unwrap_or_default())?;
    if input.has("kmsKeyId") {
        return Err(ApiError::missing("kmsKeyId of logs:CreateLogGroup"));
    }
    let deletion_protection = input.flag("deletionProtectionEnabled")?.unwrap_or(false);
    cloud
        .store
        .change(|state| {
            let groups = &mut state.region_mut(&call.region).log_groups;
            if groups.contains_key(name) {
                return Err(ApiError::new(
                    400,
                    "ResourceAlreadyExistsException",
                    "The specified log group already exists",
                ));
            }
            let group = LogGroup {
                tags: new_tags,
                unseen: unseen::of_new_group(cloud, call.now),
                deletion_protection,
                ..LogGroup::new(call.now)
            };
            groups.insert(name.to_owned(), group);
            Ok(json!({}))
        })
        .await
}

/// Creates the groups again whose delayed last log has arrived: without retention, as a first log
/// creates a group.
pub(crate) async fn recreate_late(cloud: &Cloud, call: &Call) -> ApiResult<()> {
    let due = |at: &Millis| *at <= call.now;
    let state = cloud.store.read();
    if !state.region(&call.region).late_logs.values().any(due) {
        return Ok(());
    }
    cloud
        .store
        .change(|state| {
            let region = state.region_mut(&call.region);
            let (arrived, late) = std::mem::take(&mut region.late_logs)
                .into_iter()
                .partition(|(_, at)| due(at));
            region.late_logs = late;
            let arrived: BTreeMap<String, Millis> = arrived;
            for (name, at) in arrived {
                region
                    .log_groups
                    .entry(name)
                    .or_insert_with(|| LogGroup::new(at));
            }
            Ok(())
        })
        .await
}

pub(crate) async fn describe(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let (prefix, pattern) = (
        input.text("logGroupNamePrefix")?,
        input.text("logGroupNamePattern")?,
    );
    if prefix.is_some() && pattern.is_some() {
        return Err(ApiError::new(
            400,
            "InvalidParameterException",
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let limit = limit(input, 50)?;
    let after = input.text("nextToken")?.unwrap_or_default();
    let state = cloud.store.read();
    let fits = |name: &str| {
        name > after
            && prefix.is_none_or(|prefix| name.starts_with(prefix))
            && pattern.is_none_or(|part| name.to_lowercase().contains(&part.to_lowercase()))
    };
    let groups = state.region(&call.region).log_groups.iter();
    let mut found: Vec<_> = groups
        .filter(|(name, _)| fits(name))
        .filter(|(_, group)| !group.unseen.hides("DescribeLogGroups", call.now))
        .take(limit + 1)
        .collect();
    let more = found.len() > limit;
    found.truncate(limit);
    let mut shown = Vec::new();
    for (name, group) in &found {
        let bytes = cloud.logs.with(&group.id, Group::bytes);
        let arn = group_arn(&call.region, name);
        let mut one = json!({
            "logGroupName": name,
            "creationTime": group.created,
            "metricFilterCount": 0,
            "arn": format!("{arn}:*"),
            "logGroupArn": arn,
            "storedBytes": bytes.await?,
            "logGroupClass": "STANDARD",
            "deletionProtectionEnabled": group.deletion_protection,
        });
        let stale = group.stale_retention.at(call.now);
        let own = *stale.unwrap_or(&group.retention_days);
        let (days, policy) = group.retention(&state.region(&call.region).retention_policies);
        if let Some(days) = if policy.is_some() { days } else { own } {
            one["retentionInDays"] = json!(days);
        }
        if let Some(policy) = policy {
            one["retentionPolicyName"] = json!(policy);
        }
        shown.push(one);
    }
    let mut answer = json!({ "logGroups": shown });
    if let (true, Some((name, _))) = (more, found.last()) {
        answer["nextToken"] = json!(name);
    }
    Ok(answer)
}

pub(crate) async fn put_retention(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let Some(days) = input.number("retentionInDays")? else {
        return Err(invalid(&[Broken::null("retentionInDays")]));
    };
    if !DAYS.contains(&days) {
        let all: Vec<String> = DAYS.iter().map(i64::to_string).collect();
        let must = format!("satisfy enum value set: [{}]", all.join(", "));
        return Err(invalid(&[Broken::new(
            days.to_string(),
            "retentionInDays",
            must,
        )]));
    }
    set_retention(cloud, call, input, Some(days)).await
}

pub(crate) async fn delete_retention(
    cloud: &Cloud,
    call: &Call,
    input: &Input,
) -> ApiResult<Value> {
    set_retention(cloud, call, input, None).await
}

async fn set_retention(
    cloud: &Cloud,
    call: &Call,
    input: &Input,
    days: Option<i64>,
) -> ApiResult<Value> {
    let name = group_name(input)?;
    cloud
        .store
        .change(|state| {
            let groups = &mut state.region_mut(&call.region).log_groups;
            let group = groups.get_mut(name).ok_or_else(no_group)?;
            let shown_at = cloud.faults.after(call.now, Delay::RetentionShown);
            let old = std::mem::replace(&mut group.retention_days, days);
            group.stale_retention.keep(old, call.now, shown_at);
            Ok(json!({}))
        })
        .await
}

pub(crate) async fn put_protection(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = group_name(input)?;
    let Some(enabled) = input.flag("deletionProtectionEnabled")? else {
        return Err(invalid(&[Broken::null("deletionProtectionEnabled")]));
    };
    cloud
        .store
        .change(|state| {
            let groups = &mut state.region_mut(&call.region).log_groups;
            let group = groups.get_mut(name).ok_or_else(no_group)?;
            group.deletion_protection = enabled;
            Ok(json!({}))
        })
        .await
}

pub(crate) async fn delete(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = group_name(input)?;
    let gone = cloud.store.change(|state| {
        let groups = &mut state.region_mut(&call.region).log_groups;
        if groups.get(name).ok_or_else(no_group)?.deletion_protection {
            // The model has the code for this; the text is not recorded.
            let text = "The log group cannot be deleted because deletion protection is enabled.";
            return Err(ApiError::new(400, "ValidationException", text));
        }
        groups.remove(name).ok_or_else(no_group)
    });
    let gone = gone.await?;
    cloud.logs.remove(&gone.id).await;
    Ok(json!({}))
}
