//! What happens, told to whoever watches. Events in, text out; nothing else prints.

pub mod document;
pub mod output;
pub mod render;
pub mod status;
pub mod style;
pub mod teardown;
pub mod terminal;

use std::time::Duration;

use crate::engine::observed::{Context, ResourceId};
use crate::engine::plan::Plan;
use crate::error::Error;

#[derive(Debug)]
pub enum Event<'a> {
    /// Where the command works: before anything is changed.
    Target {
        context: &'a Context,
        endpoints: &'a [String],
    },
    /// A line of the build's own output.
    Building {
        line: &'a str,
    },
    Planned {
        plan: &'a Plan,
    },
    Started {
        id: &'a ResourceId,
        verb: &'static str,
    },
    Waiting {
        id: &'a ResourceId,
        status: &'a str,
        waited: Duration,
    },
    Note {
        id: &'a ResourceId,
        text: &'a str,
    },
    Finished {
        id: &'a ResourceId,
        verb: &'static str,
        took: Duration,
    },
    Failed {
        id: &'a ResourceId,
        verb: &'static str,
        error: &'a Error,
    },
    /// Something about the whole run that a user should know.
    Warning {
        text: &'a str,
    },
    Info {
        text: &'a str,
    },
}

pub trait Reporter {
    fn report(&self, event: &Event<'_>);
}
