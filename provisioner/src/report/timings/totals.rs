//! The numbers at the top of the page.

use super::html::{text, time};
use super::model::{CallResult, TimedWait, Timings, Work, imposed};
use crate::report::record::Progress;

pub fn totals(timings: &Timings) -> String {
    let totals = [
        wall(timings),
        waiting(timings),
        calls(timings),
        changes(timings),
    ];
    let totals = totals.map(|(name, value, note)| {
        let note = match &*note {
            "" => String::new(),
            note => format!(" <small>{note}</small>"),
        };
        format!("<div><dt>{name}</dt><dd>{value}{note}</dd></div>\n")
    });
    format!("<dl class=\"totals\">\n{}</dl>\n", totals.concat())
}

/// A name, a value, and a note in HTML.
type Total = (&'static str, String, String);

fn wall(timings: &Timings) -> Total {
    let on_path = timings.rows.iter().filter(|row| row.is_critical);
    let changes = on_path.filter(|row| matches!(row.work, Work::Change { .. }));
    let note = match changes.count() {
        0 => String::new(),
        1 => "1 change on the critical path".to_owned(),
        count => format!("{count} changes on the critical path"),
    };
    ("Wall time", time(timings.wall), note)
}

fn waiting(timings: &Timings) -> Total {
    let waits = timings.waits();
    let all = imposed(&waits);
    let part = all.as_secs_f64() / timings.wall.as_secs_f64().max(f64::MIN_POSITIVE);
    let mut services: Vec<&str> = waits.iter().filter_map(|wait| wait.service).collect();
    services.sort_unstable();
    services.dedup();
    let services = services.into_iter().map(|service| {
        let of = |wait: &&TimedWait| wait.service == Some(service);
        let waits: Vec<TimedWait> = waits.iter().filter(of).copied().collect();
        format!("{} {}", text(service), time(imposed(&waits)))
    });
    let note = if all.is_zero() {
        "nothing had to be waited for".to_owned()
    } else {
        let parts = [format!("{:.0} % of the wall time", part * 100.0)];
        parts
            .into_iter()
            .chain(services)
            .collect::<Vec<_>>()
            .join(" · ")
    };
    ("Imposed by AWS", time(all), note)
}

fn calls(timings: &Timings) -> Total {
    let count = |result| {
        let calls = timings.calls();
        calls.filter(|(_, call)| call.result() == result).count()
    };
    let repeated = timings.calls().filter(|(_, call)| call.call.attempt > 1);
    let mut notes = Vec::new();
    match count(CallResult::Error) {
        0 => {}
        errors => notes.push(format!(
            "<span class=\"doubt\">{errors} answered with an error</span>"
        )),
    }
    match count(CallResult::Failed) {
        0 => {}
        failed => notes.push(format!("<span class=\"bad\">{failed} failed</span>")),
    }
    match repeated.count() {
        0 => {}
        repeated => notes.push(format!("{repeated} repeated")),
    }
    (
        "API calls",
        timings.calls().count().to_string(),
        notes.join(" · "),
    )
}

fn changes(timings: &Timings) -> Total {
    let rows = timings.rows.iter();
    let changes = rows.filter(|row| matches!(row.work, Work::Change { .. }));
    let count = |progress| {
        let rows = changes.clone();
        rows.filter(|row| row.progress == progress).count()
    };
    let mut notes = Vec::new();
    match count(Progress::Failed) {
        0 => {}
        failed => notes.push(format!("<span class=\"bad\">{failed} failed</span>")),
    }
    match count(Progress::Running) {
        0 => {}
        running => notes.push(format!("<span class=\"bad\">{running} not finished</span>")),
    }
    let all = changes.clone().count();
    if notes.is_empty() && all > 0 {
        notes.push("all done".to_owned());
    }
    ("Changes", all.to_string(), notes.join(" · "))
}
