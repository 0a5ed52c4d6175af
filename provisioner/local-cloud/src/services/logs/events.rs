//! PutLogEvents and GetLogEvents: the events of one stream.

use serde_json::{Value, json};

use crate::api::constraint::Broken;
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::services::logs::errors::{bad_token, invalid, no_stream};
use crate::services::logs::limit::limit;
use crate::services::logs::names::{group_id, stream_name};
use crate::services::logs::period::period;
use crate::storage::log_files::{Durable, Event};

/// The size limit of one PutLogEvents in bytes, 26 for each event included.
const PUT_LIMIT: usize = 1_048_576;
const EVENT_LIMIT: usize = 262_144 - 26;
const DAY: Millis = 24 * 3600 * 1000;

/// The events of a request, sorted out by their age.
#[derive(Default)]
struct Sorted {
    accepted: Vec<Event>,
    /// Bytes of all events, 26 for each included.
    bytes: usize,
    /// The events before this index are too old.
    too_old_end: Option<usize>,
    /// The events from this index on are too new.
    too_new_start: Option<usize>,
}

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
    let mut sorted = Sorted::default();
    for (at, event) in given.iter().enumerate() {
        sorted.add(at, read(at, event, call.now)?)?;
    }
    let Sorted {
        accepted,
        bytes,
        too_old_end,
        too_new_start,
    } = sorted;
    if bytes > PUT_LIMIT {
        return Err(parameter(format!(
            "Upload too large: {bytes} bytes exceeds limit of {PUT_LIMIT}"
        )));
    }
    let appended = cloud.logs.with(&id, move |group| {
        group.append(&stream, &accepted, Durable::Yes)
    });
    if !appended.await? {
        return Err(no_stream());
    }
    let mut answer = json!({ "nextSequenceToken": "49590302338537951651213364219384" });
    if let Some(end) = too_old_end {
        answer["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"] = json!(end);
    }
    if let Some(start) = too_new_start {
        answer["rejectedLogEventsInfo"]["tooNewLogEventStartIndex"] = json!(start);
    }
    Ok(answer)
}

/// One event of a request.
fn read(at: usize, event: &Value, now: Millis) -> ApiResult<Event> {
    let timestamp = event.get("timestamp").and_then(Value::as_i64);
    let message = event.get("message").and_then(Value::as_str);
    let message = message.filter(|message| !message.is_empty());
    let (Some(timestamp), Some(message)) = (timestamp, message) else {
        let must = "have a timestamp and a message";
        let member = format!("logEvents.{}", at + 1);
        return Err(invalid(&[Broken::new("…", &member, must)]));
    };
    if message.len() > EVENT_LIMIT {
        return Err(parameter(format!(
            "Log event too large: {} bytes exceeds limit of 262144",
            message.len() + 26
        )));
    }
    Ok(Event {
        timestamp,
        ingested: now,
        message: message.to_owned(),
    })
}

impl Sorted {
    /// Adds an event, unless it is too old or too new: AWS drops those and says so.
    fn add(&mut self, at: usize, event: Event) -> ApiResult<()> {
        self.bytes += event.message.len() + 26;
        let last = self.accepted.last();
        if last.is_some_and(|last| last.timestamp > event.timestamp) {
            return Err(parameter(
                "Log events in a single PutLogEvents request must be in chronological order.",
            ));
        }
        if event.timestamp < event.ingested - 14 * DAY {
            self.too_old_end = Some(at + 1);
        } else if event.timestamp > event.ingested + DAY / 12 {
            self.too_new_start = self.too_new_start.or(Some(at));
        } else {
            self.accepted.push(event);
        }
        Ok(())
    }
}

fn parameter(text: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidParameterException", text.into())
}

/// The tokens of pages are `f/N` for the events from N on, and `b/N` for those before N.
pub(crate) async fn get(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let stream = stream_name(input)?.to_owned();
    let limit = limit(input, 10_000)?;
    let id = group_id(cloud, call, input)?;
    let state = cloud.store.read();
    let (start, end) = period(&state, call, input)?;
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
