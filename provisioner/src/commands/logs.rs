//! Shows the function's log; with `--follow`, streams new events.

use std::collections::HashSet;
use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use serde_json::json;

use crate::aws::clients::Cloud;
use crate::aws::error::CloudError;
use crate::cli::{self, Output};
use crate::error::{Error, Exit};
use crate::report::output;
use crate::session::Session;
use crate::stack::declaration::Stack;

/// The time between two requests. CloudWatch Logs accepts five a second.
const PAUSE: Duration = Duration::from_secs(2);

/// Events may become visible this late. Events that were printed already are not printed again.
const OVERLAP_MS: i64 = 60_000;

pub async fn run(flags: cli::Logs, cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    session.guard(cloud).await?;
    let group = Stack::for_stage(&session.stage, cloud.build_target.arch)
        .log_group
        .name;
    let now = session
        .clock
        .now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut since = i64::try_from(now.saturating_sub(flags.since).as_millis()).unwrap_or(i64::MAX);
    let mut printed = HashSet::new();
    loop {
        let request = cloud.logs.filter_log_events().log_group_name(&group);
        let mut pages = request.start_time(since).into_paginator().send();
        while let Some(page) = pages.next().await {
            let doing = format!("read the log group {group}");
            let page = page.map_err(CloudError::of(doing));
            for event in page.map_err(Error::of_missing_stack)?.events() {
                let id = event.event_id().unwrap_or_default().to_owned();
                if printed.insert(id) {
                    since = since.max(event.timestamp().unwrap_or_default() - OVERLAP_MS);
                    print(event, session);
                }
            }
            if session.stop.is_set() || output::is_closed() {
                break;
            }
        }
        if !flags.follow || session.stop.is_set() || output::is_closed() {
            break;
        }
        session.wait.pause(PAUSE).await;
    }
    Ok(Exit::Done)
}

fn print(event: &FilteredLogEvent, session: &Session) {
    let message = event.message().unwrap_or_default().trim_end();
    match session.output {
        Output::Text => session.text(&format!("{}\n", output::foreign(message))),
        Output::Json => session.json_line(&json!({
            "timestamp": event.timestamp(),
            "stream": event.log_stream_name(),
            "message": message,
        })),
    }
}
