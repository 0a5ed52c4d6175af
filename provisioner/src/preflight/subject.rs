//! What a check needs to know beside the plan.

use crate::aws::clients::Cloud;
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::engine::inputs::Inputs;
use crate::report::{Event, Reporter};
use crate::stack::declaration::Stack;

pub struct Preflight<'a> {
    pub inputs: Inputs<'a>,
    pub stack: &'a Stack,
    pub cloud: &'a Cloud,
    pub reporter: &'a dyn Reporter,
}

impl Preflight<'_> {
    /// Says that something was not checked because the caller may not ask. Other errors are those of endpoints
    /// that do not have the operation.
    pub(super) fn warn(&self, what: &str, error: CloudError) {
        if error.kind == CloudErrorKind::Denied {
            let text = format!("cannot check beforehand {what}: {}", error.into_cause());
            self.reporter.report(&Event::Warning { text: &text });
        }
    }
}
