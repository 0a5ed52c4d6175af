//! The reporter of the commands that `certify` runs: keeps their documents, and shows what they wait for.

use std::cell::RefCell;
use std::rc::Rc;

use crate::report::{Event, Reporter};

pub struct Collector {
    /// What a command wrote to stdout, and what it reported beside it.
    data: RefCell<String>,
    infos: RefCell<Vec<String>>,
    /// Shows progress; none for a run that nobody waits for.
    outer: Option<Rc<dyn Reporter>>,
}

impl Collector {
    pub fn new(outer: Option<Rc<dyn Reporter>>) -> Collector {
        Collector {
            data: RefCell::default(),
            infos: RefCell::default(),
            outer,
        }
    }

    pub fn take_data(&self) -> String {
        self.data.take()
    }

    /// The errors that a command printed instead of returning them.
    pub fn take_infos(&self) -> Vec<String> {
        self.infos.take()
    }
}

impl Reporter for Collector {
    fn report(&self, event: &Event<'_>) {
        if let Event::Info { text } = event {
            self.infos.borrow_mut().push((*text).to_owned());
        }
        let Some(outer) = &self.outer else {
            return;
        };
        match event {
            Event::Waiting { .. }
            | Event::Waited { .. }
            | Event::Settled { .. }
            | Event::Building { .. } => {
                outer.report(event);
            }
            Event::Finished { id, .. } | Event::Failed { id, .. } => {
                outer.report(&Event::Settled { id });
            }
            Event::Target { .. }
            | Event::Planned { .. }
            | Event::Started { .. }
            | Event::Note { .. }
            | Event::Canceled { .. }
            | Event::Ended { .. }
            | Event::Warning { .. }
            | Event::Info { .. } => {}
        }
    }

    fn data(&self, text: &str) {
        self.data.borrow_mut().push_str(text);
    }
}
