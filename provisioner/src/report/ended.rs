//! The end of a run, as its reports need it.

use std::time::SystemTime;

use crate::error::{Error, Exit};
use crate::report::record::Record;

/// A run that has ended, well or not.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    pub command: &'a str,
    /// As it was given; `None` if the command line cannot be parsed.
    pub stage: Option<&'a str>,
    pub exit: Exit,
    /// With complete hints.
    pub errors: &'a [&'a Error],
    pub record: &'a Record,
    pub now: SystemTime,
}

impl Ended<'_> {
    /// How it ended, in a word or two.
    pub fn outcome(&self) -> &'static str {
        match self.exit {
            Exit::Done | Exit::Changes => "done",
            Exit::Failed | Exit::Usage => "failed",
            Exit::Refused => "refused",
            Exit::Denied => "access denied",
            Exit::Interrupted => "canceled",
        }
    }
}
