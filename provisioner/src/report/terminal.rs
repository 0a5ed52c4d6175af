//! Progress on stderr: a live view on a terminal, append-only lines with a heartbeat elsewhere.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use crate::engine::observed::ResourceId;
use crate::report::render;
use crate::report::style::Style;
use crate::report::{Event, Reporter};

/// Without a terminal, a wait is told when its status changes and then this often.
const HEARTBEAT: Duration = Duration::from_secs(10);

pub struct Terminal {
    style: Style,
    live: bool,
    verbose: bool,
    waits: RefCell<BTreeMap<ResourceId, WaitShown>>,
}

struct WaitShown {
    status: String,
    waited: Duration,
    told: Duration,
}

impl Terminal {
    /// `live` redraws a line at the bottom; only a terminal can.
    pub fn new(style: Style, live: bool, verbose: bool) -> Terminal {
        Terminal {
            style,
            live,
            verbose,
            waits: RefCell::default(),
        }
    }

    #[expect(
        clippy::disallowed_macros,
        reason = "the one place where progress is printed"
    )]
    fn line(&self, text: &str) {
        self.clear();
        eprintln!("{}", text.trim_end());
        self.draw();
    }

    fn clear(&self) {
        if self.live {
            // A closed stderr is no reason to stop.
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }

    fn draw(&self) {
        let waits = self.waits.borrow();
        if !self.live || waits.is_empty() {
            return;
        }
        let told = waits.iter().map(|(id, shown)| {
            format!(
                "{id}: {} ({})",
                shown.status,
                render::duration(shown.waited)
            )
        });
        let text: String = told.collect::<Vec<_>>().join(" · ");
        // A line that wraps can't be redrawn.
        let text: String = text.chars().take(100).collect();
        let mut stderr = std::io::stderr();
        let _ = write!(stderr, "{}", self.style.dim(&format!("… {text}")));
        let _ = stderr.flush();
    }

    fn waiting(&self, id: &ResourceId, status: &str, waited: Duration) {
        if self.live {
            let told = Duration::ZERO;
            let shown = WaitShown {
                status: status.to_owned(),
                waited,
                told,
            };
            self.waits.borrow_mut().insert(id.clone(), shown);
            self.clear();
            self.draw();
            return;
        }
        let told = {
            let mut waits = self.waits.borrow_mut();
            let shown = waits.entry(id.clone()).or_insert_with(|| WaitShown {
                status: String::new(),
                waited,
                told: waited,
            });
            let due = shown.status != status || waited >= shown.told + HEARTBEAT;
            if due {
                *shown = WaitShown {
                    status: status.to_owned(),
                    waited,
                    told: waited,
                };
            }
            due
        };
        if told {
            self.line(&format!("  {id}: {status} ({})", render::duration(waited)));
        }
    }

    fn over(&self, id: &ResourceId) {
        self.waits.borrow_mut().remove(id);
    }
}

impl Reporter for Terminal {
    fn report(&self, event: &Event<'_>) {
        let style = self.style;
        match event {
            Event::Target { context, endpoints } => self.line(&render::target(context, endpoints)),
            Event::Building { line } => self.line(&style.dim(line)),
            Event::Planned { plan } => self.line(&render::plan(plan, style)),
            Event::Started { id, verb } if self.verbose => self.line(&format!("{verb} {id} …")),
            Event::Started { .. } => {}
            Event::Waiting { id, status, waited } => self.waiting(id, status, *waited),
            Event::Note { id, text } => self.line(&format!("  {id}: {text}")),
            Event::Finished { id, verb, took } => {
                self.over(id);
                let took = render::duration(*took);
                self.line(&format!("{} {verb} {id} ({took})", style.green("done")));
            }
            Event::Failed { id, verb, error } => {
                self.over(id);
                self.line(&format!("{} {verb} {id}: {error}", style.red("failed")));
            }
            Event::Warning { text } => self.line(&format!("{} {text}", style.yellow("warning:"))),
            Event::Info { text } => self.line(text),
        }
    }
}
