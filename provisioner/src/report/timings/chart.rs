//! The timeline: a bar for each phase and change, and below it a mark for each attempt of its requests.

use std::time::Duration;

use super::html::{text, time};
use super::model::{CallResult, Row, Span, TimedCall, TimedWait, Timings, Work, imposed};
use super::scale::Scale;
use super::words::{short_name, status};
use crate::report::record::Progress;

const LEGEND: &str = "<ul class=\"legend\">\n\
    <li class=\"critical\"><span class=\"bar\"></span>on the critical path</li>\n\
    <li><span class=\"bar\"></span>beside it</li>\n\
    <li class=\"critical\"><span class=\"wait\"></span>waiting for AWS</li>\n\
    <li><span class=\"call\"></span>API call</li>\n\
    <li><span class=\"call error\"></span>answered with an error</li>\n\
    <li><span class=\"call failed\"></span>no answer, or a failure of the service</li>\n\
    </ul>\n";

pub fn chart(timings: &Timings) -> String {
    let scale = Scale::new(timings.wall);
    let rows: String = timings.rows.iter().map(|row| work(row, scale)).collect();
    let axis = axis(scale);
    let grid = scale.grid();
    format!(
        "<section>\n<h2>Timeline</h2>\n{LEGEND}<div style=\"--grid-step:{grid:.4}%\">\n{axis}\
         <ol class=\"timeline\">\n{rows}</ol>\n</div>\n</section>\n"
    )
}

/// The bars say the same in words.
fn axis(scale: Scale) -> String {
    let ticks = scale.ticks().into_iter().enumerate();
    let ticks: String = ticks
        .map(|(index, (at, label))| {
            let class = match (index % 2, at > 97.0) {
                (1, true) => " class=\"minor last\"",
                (1, false) => " class=\"minor\"",
                (_, true) => " class=\"last\"",
                (_, false) => "",
            };
            format!("<span{class} style=\"left:{at:.2}%\">{label}</span>")
        })
        .collect();
    format!(
        "<div class=\"row axis\" aria-hidden=\"true\"><div class=\"name\"></div><div class=\"took\"></div>\
         <div class=\"track\">{ticks}</div></div>\n"
    )
}

/// A phase or a change, with its requests.
fn work(row: &Row, scale: Scale) -> String {
    let class = match (row.progress, row.is_critical) {
        (Progress::Failed, _) => " class=\"failed\"",
        (_, true) => " class=\"critical\"",
        (_, false) => "",
    };
    let notes = match &notes(row)[..] {
        [] => String::new(),
        notes => format!("<p class=\"note\">{}</p>", notes.join(" · ")),
    };
    let waits = row.waits.iter().map(|wait| wait_bar(wait, scale));
    let waits: String = waits.collect();
    let lines: String = operations(row)
        .iter()
        .map(|line| line.html(scale))
        .collect();
    format!(
        "<li{class}>\n<div class=\"row work\"><div class=\"name\"><h3>{name}</h3>{notes}\
         </div><div class=\"took\">{took}</div><div class=\"track\" role=\"img\" aria-label=\"{label}\">\
         <span class=\"bar\" style=\"{bar}\"></span>{waits}</div></div>\n{lines}</li>\n",
        name = name(row),
        took = time(row.span.took()),
        label = from_to(row.span),
        bar = scale.bar(row.span),
    )
}

/// In HTML, as everything here that is returned as a text.
fn name(row: &Row) -> String {
    match &row.work {
        Work::Change { id, .. } => format!("{} <b>{}</b>", text(id.kind), text(&id.name)),
        _ => format!("<b>{}</b>", text(short_name(row))),
    }
}

fn notes(row: &Row) -> Vec<String> {
    let mut notes = Vec::new();
    if let Work::Change { verb, .. } = row.work {
        notes.push(verb.to_owned());
        if row.is_critical {
            notes.push("<span class=\"tag\">critical path</span>".to_owned());
        }
    }
    match row.progress {
        Progress::Done => {}
        Progress::Failed => notes.push("<b class=\"bad\">failed</b>".to_owned()),
        Progress::Running => notes.push("<b class=\"bad\">not finished</b>".to_owned()),
    }
    let mut untils: Vec<&'static str> = row.waits.iter().filter_map(|wait| wait.until).collect();
    untils.dedup();
    for until in untils {
        let of = |wait: &&TimedWait| wait.until == Some(until);
        let waits: Vec<TimedWait> = row.waits.iter().filter(of).copied().collect();
        let service = waits.first().and_then(|wait| wait.service);
        let service = service.map_or(String::new(), |service| format!(" ({})", text(service)));
        let took = time(imposed(&waits));
        notes.push(format!("{took} waiting until {}{service}", text(until)));
    }
    notes
}

fn wait_bar(wait: &TimedWait, scale: Scale) -> String {
    let until = wait.until.map_or("waiting".to_owned(), |until| {
        format!("waiting until {until}")
    });
    format!(
        "<span class=\"wait\" style=\"{}\" title=\"{}, {}\"></span>",
        scale.bar(wait.span),
        text(&until),
        time(wait.span.took())
    )
}

fn from_to(span: Span) -> String {
    format!("from {} to {}", time(span.start), time(span.end))
}

/// The calls of one operation within a row.
struct Operation<'a> {
    service: &'a str,
    name: &'a str,
    calls: Vec<&'a TimedCall>,
}

/// In the order in which they were first called.
fn operations(row: &Row) -> Vec<Operation<'_>> {
    let mut operations: Vec<Operation<'_>> = Vec::new();
    for timed in &row.calls {
        let (service, name) = (&*timed.call.service, &*timed.call.operation);
        let is_same = |other: &&mut Operation<'_>| (other.service, other.name) == (service, name);
        match operations.iter_mut().find(is_same) {
            Some(operation) => operation.calls.push(timed),
            None => operations.push(Operation {
                service,
                name,
                calls: vec![timed],
            }),
        }
    }
    operations
}

impl Operation<'_> {
    fn html(&self, scale: Scale) -> String {
        let lanes = lanes(&self.calls);
        let below = lanes.iter().max().copied().unwrap_or_default();
        let below = match below {
            0 => String::new(),
            below => format!(" style=\"--below:{below}\""),
        };
        let marks = self.calls.iter().zip(&lanes);
        let marks: String = marks
            .map(|(timed, lane)| mark(timed, *lane, scale))
            .collect();
        let took: Duration = self.calls.iter().map(|timed| timed.span.took()).sum();
        format!(
            "<div class=\"row request\"><div class=\"name\">{} <small>{}{}</small></div><div class=\"took\">{}</div>\
             <div class=\"track\" role=\"img\" aria-label=\"{}\"{below}>{marks}\
             </div></div>\n",
            text(self.name),
            text(self.service),
            self.counts(),
            time(took),
            from_to(self.span())
        )
    }

    /// ` ×8, 7 errors`
    fn counts(&self) -> String {
        let count = |result| {
            let calls = self.calls.iter();
            calls.filter(|timed| timed.result() == result).count()
        };
        let all = match self.calls.len() {
            1 => String::new(),
            all => format!(" ×{all}"),
        };
        let errors = match count(CallResult::Error) {
            0 => String::new(),
            1 => " · <span class=\"doubt\">1 error</span>".to_owned(),
            errors => format!(" · <span class=\"doubt\">{errors} errors</span>"),
        };
        let failed = match count(CallResult::Failed) {
            0 => String::new(),
            failed => format!(" · <span class=\"bad\">{failed} failed</span>"),
        };
        all + &errors + &failed
    }

    fn span(&self) -> Span {
        let spans = self.calls.iter().map(|timed| timed.span);
        let start = spans.clone().map(|span| span.start).min();
        let end = spans.map(|span| span.end).max();
        Span {
            start: start.unwrap_or_default(),
            end: end.unwrap_or_default(),
        }
    }
}

/// Calls that overlap are below each other: the lane of each.
fn lanes(calls: &[&TimedCall]) -> Vec<usize> {
    let mut ends: Vec<Duration> = Vec::new();
    let lane = |timed: &&TimedCall| {
        let Span { start, end } = timed.span;
        let free = ends.iter().position(|end| *end <= start);
        let lane = free.unwrap_or(ends.len());
        ends.resize(ends.len().max(lane + 1), Duration::ZERO);
        ends[lane] = end;
        lane
    };
    calls.iter().map(lane).collect()
}

fn mark(timed: &TimedCall, lane: usize, scale: Scale) -> String {
    let class = match timed.result() {
        CallResult::Ok => "call",
        CallResult::Error => "call error",
        CallResult::Failed => "call failed",
    };
    let lane = match lane {
        0 => String::new(),
        lane => format!(";--lane:{lane}"),
    };
    format!(
        "<span class=\"{class}\" style=\"{}{lane}\" title=\"at {}, attempt {}: {}, {}\"></span>",
        scale.bar(timed.span),
        time(timed.span.start),
        timed.call.attempt,
        text(&status(timed)),
        time(timed.span.took())
    )
}
