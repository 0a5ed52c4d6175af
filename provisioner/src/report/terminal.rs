//! Progress on stderr: a live view on a terminal, append-only lines with a heartbeat elsewhere.

use std::io::Write as _;
use std::time::Duration;

use crate::engine::observed::ResourceId;
use crate::report::canceled;
use crate::report::escape;
use crate::report::heartbeat::Heartbeat;
use crate::report::live::LiveView;
use crate::report::plan;
use crate::report::render;
use crate::report::style::Style;
use crate::report::{Event, Reporter};

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
            Running::Live(LiveView::on_stderr())
        } else {
            Running::Lines(Heartbeat::default())
        };
        Terminal {
            style,
            verbose,
            running,
        }
    }

    /// A line that stays, above the rows of the live view.
    fn line(&self, text: &str) {
        let line = format!("{}\n", escape::escaped(text.trim_end()));
        // A stderr that is closed or full does not stop the run.
        let write = || drop(std::io::stderr().write_all(line.as_bytes()));
        match &self.running {
            Running::Live(view) => view.above(write),
            Running::Lines(_) => write(),
        }
    }

    fn started(&self, id: &ResourceId, verb: &str) {
        if self.verbose {
            self.line(&format!("{verb} {id} …"));
        }
        if let Running::Live(view) = &self.running {
            view.show(id, &format!("  {verb} {id}"));
        }
    }

    fn waiting(&self, id: &ResourceId, status: &str, waited: Duration) {
        // The time first: what does not fit into a row is cut.
        let text = format!("  {id} ({}): {status}", render::duration(waited));
        match &self.running {
            Running::Live(view) => view.show(id, &text),
            Running::Lines(heartbeat) if heartbeat.is_due(id, status, waited) => self.line(&text),
            Running::Lines(_) => {}
        }
    }

    fn ended(&self, id: &ResourceId) {
        match &self.running {
            Running::Live(view) => view.remove(id),
            Running::Lines(heartbeat) => heartbeat.forget(id),
        }
    }
}

impl Reporter for Terminal {
    fn report(&self, event: &Event<'_>) {
        let style = self.style;
        match event {
            Event::Target { context, endpoints } => self.line(&render::target(context, endpoints)),
            Event::Building { line } => self.line(&style.dim(line)),
            Event::Planned { plan, view } => self.line(&plan::text(plan, view, style)),
            Event::Started { id, verb } => self.started(id, verb),
            Event::Waiting { id, status, waited } => self.waiting(id, status, *waited),
            Event::Settled { id } => self.ended(id),
            Event::Note { id, text } => self.line(&format!("  {id}: {text}")),
            Event::Finished { id, verb, took } => {
                self.ended(id);
                let took = render::duration(*took);
                self.line(&format!("{} {verb} {id} ({took})", style.green("done")));
            }
            Event::Failed { id, verb, error } => {
                self.ended(id);
                self.line(&format!("{} {verb} {id}: {error}", style.red("failed")));
            }
            Event::Canceled { canceled } => self.line(&canceled::canceled(canceled)),
            Event::Warning { text } => self.line(&format!("{} {text}", style.yellow("warning:"))),
            Event::Info { text } => self.line(text),
        }
    }
}
