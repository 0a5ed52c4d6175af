//! Log streams.

use serde_json::{Value, json};

use crate::api::constraint::Broken;
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::services::logs::errors::{bad_token, invalid, no_stream};
use crate::services::logs::limit::limit;
use crate::services::logs::names::{group_id, group_name, stream_arn, stream_name};
use crate::storage::log_files::Stream;

pub(crate) async fn create(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let (id, name, now) = (
        group_id(cloud, call, input)?,
        stream_name(input)?.to_owned(),
        call.now,
    );
    if cloud
        .logs
        .with(&id, move |group| group.create(&name, now))
        .await?
    {
        return Ok(json!({}));
    }
    Err(ApiError::new(
        400,
        "ResourceAlreadyExistsException",
        "The specified log stream already exists",
    ))
}

pub(crate) async fn delete(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let (id, name) = (
        group_id(cloud, call, input)?,
        stream_name(input)?.to_owned(),
    );
    match cloud
        .logs
        .with(&id, move |group| group.delete(&name))
        .await?
    {
        true => Ok(json!({})),
        false => Err(no_stream()),
    }
}

pub(crate) async fn describe(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let group = group_name(input)?.to_owned();
    let limit = limit(input, 50)?;
    let by_time = match input.text("orderBy")? {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") => true,
        Some(other) => {
            let must = "satisfy enum value set: [LogStreamName, LastEventTime]";
            return Err(invalid(&[Broken::new(other, "orderBy", must)]));
        }
    };
    let id = group_id(cloud, call, input)?;
    let prefix = input
        .text("logStreamNamePrefix")?
        .unwrap_or_default()
        .to_owned();
    if by_time && !prefix.is_empty() {
        return Err(ApiError::new(
            400,
            "InvalidParameterException",
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let descending = input.flag("descending")?.unwrap_or(false);
    let start: usize = match input.text("nextToken")? {
        None => 0,
        Some(token) => token.parse().map_err(|_| bad_token())?,
    };
    let region = call.region.clone();
    let found = cloud.logs.with(&id, move |files| {
        let streams = files.read_all(|name| name.starts_with(&prefix))?;
        let mut found: Vec<_> = streams.iter().collect();
        if by_time {
            found.sort_by_key(|(_, stream)| stream.events.iter().map(|e| e.timestamp).max());
        }
        if descending {
            found.reverse();
        }
        let more = found.len() > start.saturating_add(limit);
        let page = found.into_iter().skip(start).take(limit);
        let page =
            page.map(|(name, stream)| shown(&stream_arn(&region, &group, name), name, stream));
        Ok((page.collect::<Vec<Value>>(), more))
    });
    let (page, more) = found.await?;
    let mut answer = json!({ "logStreams": page });
    if more {
        answer["nextToken"] = json!((start + limit).to_string());
    }
    Ok(answer)
}

fn shown(arn: &str, name: &str, stream: &Stream) -> Value {
    let mut shown = json!({
        "logStreamName": name,
        "creationTime": stream.created,
        "arn": arn,
        "storedBytes": 0,
    });
    let timestamps = || stream.events.iter().map(|event| event.timestamp);
    if let (Some(first), Some(last)) = (timestamps().min(), timestamps().max()) {
        shown["firstEventTimestamp"] = json!(first);
        shown["lastEventTimestamp"] = json!(last);
        shown["lastIngestionTime"] = json!(stream.events.last().map(|e| e.ingested));
    }
    shown
}
