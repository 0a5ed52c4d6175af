//! All output: progress as events, plans and errors as text, documents as JSON. Nothing else prints.

mod bars;
pub mod calls;
mod canceled;
mod columns;
pub mod config;
pub mod document;
pub mod ended;
pub mod escape;
pub mod github;
pub mod graph;
mod heartbeat;
pub mod live;
pub mod map;
pub mod output;
mod parts;
pub mod plan;
pub mod record;
pub mod recorder;
pub mod render;
pub mod requests;
pub mod rides;
mod row;
mod screen;
pub mod status;
pub mod style;
mod summary;
pub mod sweep;
pub mod teardown;
pub mod terminal;
pub mod timings;
pub mod versions;
pub mod waited;
pub mod wrap;

use std::time::{Duration, SystemTime};

use crate::engine::canceled::Canceled;
use crate::engine::observed::{Context, ResourceId};
use crate::engine::plan::Plan;
use crate::engine::status::Status;
use crate::error::Error;
use plan::View;
use record::Record;

/// Something that happened during a run. Borrowed: a reporter keeps what it needs.
#[derive(Debug)]
pub enum Event<'a> {
    /// The account, region and stage of the command, before anything is changed.
    Target {
        context: &'a Context,
        endpoints: &'a [String],
    },
    /// A line of cargo's output.
    Building {
        line: &'a str,
    },
    Planned {
        plan: &'a Plan,
        view: View<'a>,
    },
    /// A change begins; `Finished` or `Failed` ends it.
    Started {
        id: &'a ResourceId,
        verb: &'static str,
    },
    /// A resource is in transition. Reported at every check, about twice a second.
    Waiting {
        id: &'a ResourceId,
        status: &'a Status,
        waited: Duration,
    },
    /// A wait has ended, whether or not what it waited for has come.
    Waited {
        id: &'a ResourceId,
        status: &'a Status,
        took: Duration,
    },
    /// A wait has ended that belongs to no change.
    Settled {
        id: &'a ResourceId,
    },
    /// Something that was done along the way.
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
    /// A signal has ended the run while it applied a plan.
    Canceled {
        canceled: &'a Canceled<'a>,
    },
    /// All changes are done and verified, or some failed.
    Ended {
        record: &'a Record,
        at: SystemTime,
    },
    /// About the whole run.
    Warning {
        text: &'a str,
    },
    Info {
        text: &'a str,
    },
}

pub trait Reporter {
    fn report(&self, event: &Event<'_>);

    /// Data for stdout: what a command was asked for.
    fn data(&self, text: &str) {
        output::text(text);
    }
}
