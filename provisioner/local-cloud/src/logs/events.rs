//! Events of one stream: put by callers and by functions, read in pages.

use serde_json::{Value, json};

use crate::call::Call;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::constraint::Broken;
use crate::error::{ApiError, ApiResult};
use crate::identity::authorize::{Need, permits};
use crate::identity::caller::Caller;
use crate::input::Input;
use crate::logs::files::{Durable, Event, Group};
use crate::logs::model::LogGroup;
use crate::logs::streams::{bad_token, group_id, stream_name};
use crate::logs::{group_name, invalid, no_group, no_stream, stream_arn};
use crate::runtime::Outcome;
use crate::state::State;
use crate::weather::Delay;

/// Bytes of one PutLogEvents, 26 for each event included.
const PUT_LIMIT: usize = 1_048_576;
const EVENT_LIMIT: usize = 262_144 - 26;
const DAY: Millis = 24 * 3600 * 1000;

pub(crate) async fn put(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let (id, stream) = (
        group_id(cloud, call, input)?,
        stream_name(input)?.to_owned(),
    );
    let given = input.list("logEvents")?.unwrap_or_default();
    if given.is_empty() || given.len() > 10_000 {
        let must = "have length between 1 and 10000";
        return Err(invalid(&[Broken::new("[…]", "logEvents", must)]));
    }
    let mut events = Vec::new();
    let (mut old, mut new, mut bytes) = (None, None, 0);
    for (at, event) in given.iter().enumerate() {
        let timestamp = event.get("timestamp").and_then(Value::as_i64);
        let message = event
            .get("message")
            .and_then(Value::as_str)
            .filter(|m| !m.is_empty());
        let (Some(timestamp), Some(message)) = (timestamp, message) else {
            let must = "have a timestamp and a message";
            return Err(invalid(&[Broken::new(
                "…",
                &format!("logEvents.{}", at + 1),
                must,
            )]));
        };
        if message.len() > EVENT_LIMIT {
            let text = format!(
                "Log event too large: {} bytes exceeds limit of 262144",
                message.len() + 26
            );
            return Err(ApiError::new(400, "InvalidParameterException", text));
        }
        bytes += message.len() + 26;
        if events
            .last()
            .is_some_and(|last: &Event| last.timestamp > timestamp)
        {
            let text =
                "Log events in a single PutLogEvents request must be in chronological order.";
            return Err(ApiError::new(400, "InvalidParameterException", text));
        }
        // Too far from now: dropped, and told.
        if timestamp < call.now - 14 * DAY {
            old = Some(at + 1);
        } else if timestamp > call.now + DAY / 12 {
            new = new.or(Some(at));
        } else {
            events.push(Event {
                timestamp,
                ingested: call.now,
                message: message.to_owned(),
            });
        }
    }
    if bytes > PUT_LIMIT {
        let text = format!("Upload too large: {bytes} bytes exceeds limit of {PUT_LIMIT}");
        return Err(ApiError::new(400, "InvalidParameterException", text));
    }
    let appended = cloud.logs.with(&id, move |group| {
        group.append(&stream, &events, Durable::Yes)
    });
    if !appended.await? {
        return Err(no_stream());
    }
    let mut answer = json!({ "nextSequenceToken": "49590302338537971651213364219384" });
    if let Some(old) = old {
        answer["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"] = json!(old);
    }
    if let Some(new) = new {
        answer["rejectedLogEventsInfo"]["tooNewLogEventStartIndex"] = json!(new);
    }
    Ok(answer)
}

/// Writes what an invocation logged, as the function's own role: what the role may not do is not
/// done, and the invocation doesn't fail for it.
pub(crate) async fn deliver(cloud: &Cloud, region: &str, caller: &Caller, outcome: &Outcome) {
    let now = cloud.now();
    let (group, stream) = (&outcome.log_group, outcome.log_stream.clone());
    let arn = stream_arn(region, group, &stream);
    let may = |action: &str, resource: &str| {
        let need = Need::new(format!("logs:{action}"), resource);
        permits(&cloud.store.read(), caller, &need, now, region).is_ok()
    };
    if !may("CreateLogStream", &arn) || !may("PutLogEvents", &arn) {
        return;
    }
    let may_create = may("CreateLogGroup", &stream_arn(region, group, ""));
    let late = cloud.weather.after(now, Delay::LogsLate);
    if may_create && late > now {
        let expect = |state: &mut State| {
            let late_logs = &mut state.region_mut(region).late_logs;
            late_logs.insert(group.clone(), late);
            Ok(())
        };
        // Not saved: then nothing comes back.
        let _ = cloud.store.change(expect).await;
    }
    let there = cloud
        .store
        .read()
        .region(region)
        .log_groups
        .get(group)
        .map(|g| g.id.clone());
    let id = match there {
        Some(id) => id,
        // The group comes back with the first log of a role that may make it.
        None if may_create => {
            let made = cloud.store.change(|state| {
                let groups = &mut state.region_mut(region).log_groups;
                Ok(groups
                    .entry(group.clone())
                    .or_insert_with(|| LogGroup::new(now))
                    .id
                    .clone())
            });
            match made.await {
                Ok(id) => id,
                Err(_) => return,
            }
        }
        None => return,
    };
    let events: Vec<Event> = outcome
        .log
        .lines()
        .map(|line| Event {
            timestamp: now,
            ingested: now,
            message: format!("{line}\n"),
        })
        .collect();
    let append = move |group: &Group| {
        group.create(&stream, now)?;
        group.append(&stream, &events, Durable::No)
    };
    // A full disk loses the log, as a lost connection to it would at AWS.
    let _ = cloud.logs.with(&id, append).await;
}

/// Pages are walked by `f/N` and `b/N`: the events from N on, or before it.
pub(crate) async fn get(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let stream = stream_name(input)?.to_owned();
    let id = group_id(cloud, call, input)?;
    let state = cloud.store.read();
    let group = state
        .region(&call.region)
        .log_groups
        .get(group_name(input)?)
        .ok_or_else(no_group)?;
    let start = input
        .number("startTime")?
        .unwrap_or(Millis::MIN)
        .max(group.kept_since(call.now));
    let end = input.number("endTime")?.unwrap_or(Millis::MAX);
    let limit = usize::try_from(input.number("limit")?.unwrap_or(10_000).clamp(1, 10_000))
        .unwrap_or(10_000);
    let from_head = input.flag("startFromHead")?.unwrap_or(false);
    let token = match input.text("nextToken")? {
        None => None,
        Some(token) => match token
            .split_once('/')
            .map(|(way, at)| (way, at.parse::<usize>()))
        {
            Some(("f", Ok(at))) => Some((true, at)),
            Some(("b", Ok(at))) => Some((false, at)),
            _ => return Err(bad_token()),
        },
    };
    let found = cloud.logs.with(&id, move |group| {
        let Some(stream) = group.read(&stream)? else {
            return Err(no_stream());
        };
        let mut events: Vec<&Event> = stream
            .events
            .iter()
            .filter(|event| (start..end).contains(&event.timestamp))
            .collect();
        events.sort_by_key(|event| event.timestamp);
        let count = events.len();
        let (first, last) = match token {
            Some((true, at)) => (at.min(count), at.saturating_add(limit).min(count)),
            Some((false, at)) => (at.min(count).saturating_sub(limit), at.min(count)),
            None if from_head => (0, limit.min(count)),
            None => (count.saturating_sub(limit), count),
        };
        let shown: Vec<Value> = events[first..last]
            .iter()
            .map(|event| shown(event))
            .collect();
        Ok((shown, first, last))
    });
    let (events, first, last) = found.await?;
    Ok(json!({
        "events": events,
        "nextForwardToken": format!("f/{last}"),
        "nextBackwardToken": format!("b/{first}"),
    }))
}

fn shown(event: &Event) -> Value {
    json!({
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingested,
    })
}
