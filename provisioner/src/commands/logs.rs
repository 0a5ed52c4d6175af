//! Shows the function's log, grouped by request; with `--follow`, streams new events.

use std::cell::Cell;
use std::collections::HashSet;
use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use jiff::tz::TimeZone;

use crate::aws::clients::Cloud;
use crate::aws::error::CloudError;
use crate::cli::{self, Output};
use crate::error::{Error, Exit};
use crate::report::{Event, output, requests};
use crate::requests::{Entry, LogEvent, LoggedRequest, Requests};
use crate::session::Session;

/// The time between two requests. CloudWatch Logs accepts five a second.
const PAUSE: Duration = Duration::from_secs(2);

/// Events may become visible this late. Events that were printed already are not printed again.
const OVERLAP_MS: i64 = 60_000;

/// With `--follow`, a request that has not ended after this time is shown: Lambda's longest timeout.
const LONGEST_REQUEST_MS: i64 = 1_800_000;

pub async fn run(flags: cli::Logs, cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    session.guard(cloud).await?;
    let group = session.named_stack(&cloud.build_target)?.log_group.name;
    let now = session
        .clock
        .now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut since = i64::try_from(now.saturating_sub(flags.since).as_millis()).unwrap_or(i64::MAX);
    let mut read = HashSet::new();
    let mut requests = Requests::default();
    let printer = Printer {
        flags: &flags,
        session,
        zone: TimeZone::system(),
        printed: Cell::new(false),
    };
    loop {
        let request = cloud.logs.filter_log_events().log_group_name(&group);
        let mut pages = request.start_time(since).into_paginator().send();
        while let Some(page) = pages.next().await {
            let doing = format!("read the log group {group}");
            let page = page.map_err(CloudError::of(doing));
            for event in page.map_err(Error::of_missing_stack)?.events() {
                let id = event.event_id().unwrap_or_default().to_owned();
                if read.insert(id) {
                    let event = event_of(event);
                    since = since.max(event.timestamp - OVERLAP_MS);
                    printer.print(requests.add(event));
                }
            }
            if output::is_closed() {
                break;
            }
        }
        if !flags.follow || output::is_closed() {
            break;
        }
        printer.print(requests.unfinished(since - LONGEST_REQUEST_MS));
        session.wait.pause(PAUSE).await;
    }
    printer.print(requests.unfinished(i64::MAX));
    if !flags.follow && !printer.printed.get() {
        let text = "nothing is logged that fits; `--since` looks further back";
        session.reporter.report(&Event::Info { text });
    }
    Ok(Exit::Done)
}

fn event_of(event: &FilteredLogEvent) -> LogEvent {
    LogEvent {
        timestamp: event.timestamp().unwrap_or_default(),
        stream: event.log_stream_name().unwrap_or_default().to_owned(),
        message: event.message().unwrap_or_default().trim_end().to_owned(),
    }
}

struct Printer<'a> {
    flags: &'a cli::Logs,
    session: &'a Session,
    zone: TimeZone,
    printed: Cell<bool>,
}

impl Printer<'_> {
    fn print(&self, entries: Vec<Entry>) {
        for entry in entries.iter().filter(|entry| self.is_wanted(entry)) {
            self.printed.set(true);
            match (self.session.output, entry) {
                (Output::Text, entry) => {
                    let style = self.session.data_style;
                    self.session.text(&requests::text(entry, &self.zone, style));
                }
                (Output::Json, Entry::Request(request)) => {
                    request
                        .events()
                        .for_each(|event| self.session.json_line(event));
                }
                (Output::Json, Entry::Other(event)) => self.session.json_line(event),
            }
        }
    }

    fn is_wanted(&self, entry: &Entry) -> bool {
        let all = self.flags.ride.is_none() && !self.flags.errors;
        match entry {
            Entry::Other(event) => all || (self.flags.errors && event.is_error()),
            Entry::Request(request) => all || self.matches(request),
        }
    }

    fn matches(&self, request: &LoggedRequest) -> bool {
        let ride = self.flags.ride.as_ref();
        ride.is_none_or(|ride| request.stored(ride)) && (!self.flags.errors || request.is_failed())
    }
}
