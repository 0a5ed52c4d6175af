//! The page as a whole.

use jiff::Timestamp;

use super::html::{text, time};
use super::model::Timings;
use super::{chart, path, table, totals};
use crate::engine::observed::Context;
use crate::error::Exit;
use crate::report::ended::Ended;
use crate::report::record::Record;
use crate::report::render;
use crate::report::style::Style;

pub fn page(ended: &Ended<'_>) -> String {
    let timings = Timings::of(ended.record, ended.now);
    let stage = ended.stage.unwrap_or_default();
    let title = format!(
        "provision {}, stage {stage}: {}",
        ended.command,
        time(timings.wall)
    );
    format!(
        include_str!("page.html"),
        title = text(&title),
        style = include_str!("page.css"),
        heading = heading(ended),
        facts = facts(ended),
        totals = totals::totals(&timings),
        errors = errors(ended),
        path = path::path(&timings),
        timeline = chart::chart(&timings),
        requests = table::table(&timings),
        version = env!("CARGO_PKG_VERSION"),
    )
}

fn heading(ended: &Ended<'_>) -> String {
    let class = match ended.exit {
        Exit::Done | Exit::Changes => "good",
        Exit::Failed | Exit::Usage | Exit::Refused | Exit::Denied | Exit::Interrupted => "bad",
    };
    let (command, result) = (text(ended.command), ended.outcome());
    format!("provision {command}: <span class=\"{class}\">{result}</span>")
}

/// Where and when it ran, and how it ended.
fn facts(ended: &Ended<'_>) -> String {
    let record = ended.record;
    let mut facts = Vec::new();
    if let Some(Context {
        account, region, ..
    }) = &record.context
    {
        facts.push(format!("account {}", text(account)));
        facts.push(format!("region {}", text(region)));
    }
    facts.extend(ended.stage.map(|stage| format!("stage {}", text(stage))));
    facts.extend(began(record));
    let result = record.result.as_ref();
    facts.extend(result.map(|result| text(&result.replace('`', ""))));
    facts.push(format!("exit code {}", ended.exit.code()));
    facts.join(" · ")
}

/// To the second.
fn began(record: &Record) -> Option<String> {
    let began = Timestamp::try_from(record.moments.started?).ok()?;
    let began = began.strftime("%Y-%m-%dT%H:%M:%SZ");
    Some(format!("<time>{began}</time>"))
}

/// As on the terminal.
fn errors(ended: &Ended<'_>) -> String {
    if ended.errors.is_empty() {
        return String::new();
    }
    let errors = ended.errors.iter();
    let errors: String = errors
        .map(|error| render::error(error, Style::PLAIN))
        .collect();
    let lines: Vec<String> = errors.lines().map(text).collect();
    let lines = lines.join("\n");
    format!("<section>\n<h2>Errors</h2>\n<pre>{lines}</pre>\n</section>\n")
}
