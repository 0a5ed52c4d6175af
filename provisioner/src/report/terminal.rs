//! Progress on stderr: a live view on a terminal, append-only lines with a heartbeat elsewhere.

use std::time::{Duration, SystemTime};

use crate::engine::observed::ResourceId;
use crate::engine::status::Status;
use crate::report::bars::Blocks;
use crate::report::canceled;
use crate::report::heartbeat::Heartbeat;
use crate::report::live::{Lines, LiveView};
use crate::report::plan;
use crate::report::record::Record;
use crate::report::render;
use crate::report::row::{self, Row};
use crate::report::style::Style;
use crate::report::summary::summary;
use crate::report::wrap::wrapped;
use crate::report::{Event, Reporter};

/// Of what is no terminal, such as the log of a CI job.
const COLUMNS: usize = 80;

pub struct Terminal {
    style: Style,
    verbose: bool,
    running: Running,
}

/// How changes that are still running are shown.
enum Running {
    Live(LiveView),
    Lines(Heartbeat),
}

impl Terminal {
    /// `live` shows running changes in rows at the bottom that are redrawn; only a terminal can.
    pub fn new(style: Style, live: bool, verbose: bool) -> Terminal {
        let running = if live {
            Running::Live(LiveView::on_stderr(verbose))
        } else {
            Running::Lines(Heartbeat::default())
        };
        Terminal {
            style,
            verbose,
            running,
        }
    }

    /// For those who write lines without a reporter.
    pub fn lines(&self) -> Lines {
        match &self.running {
            Running::Live(view) => view.lines(),
            Running::Lines(_) => Lines::default(),
        }
    }

    /// A text that stays, above the rows of the live view.
    fn line(&self, text: &str) {
        self.lines().write(&format!("{}\n", text.trim_end()));
    }

    /// As `line`, for sentences: they are broken at the width of a terminal.
    fn sentence(&self, text: &str) {
        self.line(&wrapped(text, self.style.columns));
    }

    fn started(&self, id: &ResourceId, verb: &'static str) {
        if self.verbose {
            self.line(&format!("{verb} {id} …"));
        }
        if let Running::Live(view) = &self.running {
            view.started(id, verb);
        }
    }

    fn waiting(&self, id: &ResourceId, status: &Status, waited: Duration) {
        match &self.running {
            Running::Live(view) => view.waiting(id, status, waited),
            Running::Lines(heartbeat) if heartbeat.is_due(id, &row::words(status), waited) => {
                let row = Row {
                    id,
                    verb: None,
                    time: waited,
                    status: Some(status),
                };
                self.line(&row.line(self.verbose));
            }
            Running::Lines(_) => {}
        }
    }

    fn waited(&self, id: &ResourceId) {
        if let Running::Live(view) = &self.running {
            view.waited(id);
        }
    }

    fn ended(&self, id: &ResourceId) {
        match &self.running {
            Running::Live(view) => view.ended(id),
            Running::Lines(heartbeat) => heartbeat.forget(id),
        }
    }

    fn summarize(&self, record: &Record, at: SystemTime) {
        let columns = self.style.columns.unwrap_or(COLUMNS);
        let blocks = Blocks::of_environment(|name| std::env::var(name).ok());
        if let Some(summary) = summary(record, at, columns, blocks) {
            self.line(&summary);
        }
    }
}

impl Reporter for Terminal {
    fn report(&self, event: &Event<'_>) {
        let style = self.style;
        match event {
            Event::Target { context, endpoints } => {
                self.sentence(&render::target(context, endpoints));
            }
            Event::Building { line } => self.line(&style.dim(line)),
            Event::Planned { plan, view } => self.line(&plan::text(plan, view, style)),
            Event::Started { id, verb } => self.started(id, verb),
            Event::Waiting { id, status, waited } => self.waiting(id, status, *waited),
            Event::Waited { id, .. } => self.waited(id),
            Event::Settled { id } => self.ended(id),
            Event::Note { id, text } => self.sentence(&format!("  {id}: {text}")),
            Event::Finished { id, verb, took } => {
                self.ended(id);
                let took = render::duration(*took);
                self.line(&format!("{} {verb} {id} ({took})", style.green("done")));
            }
            Event::Failed { id, verb, error } => {
                self.ended(id);
                self.sentence(&format!("{} {verb} {id}: {error}", style.red("failed")));
            }
            Event::Canceled { canceled } => self.line(&canceled::canceled(canceled)),
            Event::Ended { record, at } => self.summarize(record, *at),
            Event::Warning { text } => {
                self.sentence(&format!("{} {text}", style.yellow("warning:")));
            }
            // Lists and logs too, whose lines are theirs.
            Event::Info { text } => self.line(text),
        }
    }
}
