//! FilterLogEvents: the events of all streams of a group, ordered by time.

use serde_json::{Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::services::logs::errors::bad_token;
use crate::services::logs::limit::limit;
use crate::services::logs::names::group_id;
use crate::services::logs::period::period;
use crate::storage::log_files::Event;

pub(crate) async fn filter(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let limit = limit(input, 10_000)?;
    let id = group_id(cloud, call, input)?;
    let state = cloud.store.read();
    let (start, end) = period(&state, call, input)?;
    let names = input.texts("logStreamNames")?;
    let prefix = input
        .text("logStreamNamePrefix")?
        .unwrap_or_default()
        .to_owned();
    let pattern = Pattern::read(input.text("filterPattern")?.unwrap_or_default())?;
    let from: usize = match input.text("nextToken")? {
        None => 0,
        Some(token) => token.parse().map_err(|_| bad_token())?,
    };
    let wanted = move |name: &str| {
        name.starts_with(&prefix)
            && names
                .as_ref()
                .is_none_or(|names| names.iter().any(|n| n == name))
    };
    let found = cloud.logs.with(&id, move |group| {
        let streams = group.read_all(wanted)?;
        let mut events: Vec<(&String, usize, &Event)> = Vec::new();
        for (name, stream) in &streams {
            let numbered = stream.events.iter().enumerate();
            let found = numbered
                .filter(|(_, event)| (start..=end).contains(&event.timestamp))
                .filter(|(_, event)| pattern.matches(&event.message));
            events.extend(found.map(|(at, event)| (name, at, event)));
        }
        events.sort_by_key(|(_, _, event)| event.timestamp);
        let more = events.len() > from.saturating_add(limit);
        let page = events.into_iter().skip(from).take(limit);
        let page = page.map(|(name, at, event)| shown(name, at, event));
        Ok((page.collect::<Vec<Value>>(), more))
    });
    let (events, more) = found.await?;
    let mut answer = json!({ "events": events, "searchedLogStreams": [] });
    if more {
        answer["nextToken"] = json!((from + limit).to_string());
    }
    Ok(answer)
}

fn shown(stream: &str, at: usize, event: &Event) -> Value {
    json!({
        "logStreamName": stream,
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingested,
        "eventId": event_id(stream, at, event.timestamp),
    })
}

/// 56 digits that sort like the events.
fn event_id(stream: &str, at: usize, timestamp: Millis) -> String {
    let hash = crate::encode::sha256(stream.as_bytes());
    let stream = u64::from_be_bytes(hash[..8].try_into().unwrap_or_default());
    format!("{timestamp:016}{stream:020}{at:020}")
}

/// An unstructured pattern: the message contains every term, no `-term`, and one of the `?terms`.
#[derive(Debug, Default, PartialEq)]
struct Pattern {
    all: Vec<String>,
    none: Vec<String>,
    any: Vec<String>,
}

impl Pattern {
    fn read(text: &str) -> ApiResult<Pattern> {
        let text = text.trim();
        if text.starts_with(['{', '[', '%']) {
            return Err(ApiError::missing(
                "structured filter patterns in logs:FilterLogEvents",
            ));
        }
        let mut pattern = Pattern::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if first.is_whitespace() {
                rest = rest.trim_start();
                continue;
            }
            let (list, term) = match first {
                '-' => (&mut pattern.none, &rest[1..]),
                '?' => (&mut pattern.any, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (term, after) = match term.strip_prefix('"') {
                Some(quoted) => match quoted.split_once('"') {
                    Some(parts) => parts,
                    None => {
                        return Err(ApiError::new(
                            400,
                            "InvalidParameterException",
                            "Invalid filter pattern: a quote is not closed",
                        ));
                    }
                },
                None => term.split_at(term.find(char::is_whitespace).unwrap_or(term.len())),
            };
            list.push(term.to_owned());
            rest = after;
        }
        Ok(pattern)
    }

    fn matches(&self, message: &str) -> bool {
        self.all.iter().all(|term| message.contains(term))
            && !self.none.iter().any(|term| message.contains(term))
            && (self.any.is_empty() || self.any.iter().any(|term| message.contains(term)))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use proptest::prelude::proptest;

    #[test]
    fn terms_select_messages() {
        for (pattern, message, expected) in [
            ("", "anything", true),
            ("ERROR", "an ERROR here", true),
            ("ERROR", "an error here", false),
            ("ERROR code", "code of ERROR", true),
            ("\"a b\"", "x a b y", true),
            ("\"a b\"", "a x b", false),
            ("ERROR -404", "ERROR 404", false),
            ("?WARN ?ERROR", "WARN", true),
            ("?WARN ?ERROR", "INFO", false),
        ] {
            assert_eq!(
                Pattern::read(pattern).unwrap().matches(message),
                expected,
                "{pattern}"
            );
        }
        assert!(Pattern::read("{ $.code = 1 }").is_err());
        assert!(Pattern::read("\"open").is_err());
    }

    proptest! {
        #[test]
        fn fuzz_no_pattern_panics(pattern in "\\PC{0,50}", message in "\\PC{0,50}") {
            if let Ok(pattern) = Pattern::read(&pattern) {
                let _ = pattern.matches(&message);
            }
        }
    }
}
