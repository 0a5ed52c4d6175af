//! What a wait waits for: as AWS shows it, and in plain words.

use super::pace::Pace;

/// Why something is not ready yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What AWS shows or answers: `CREATING`. Part of the error at the deadline.
    pub shown: String,
    /// What is behind it. `None` if `shown` is plain enough.
    pub delay: Option<Delay>,
    /// When it is worth looking again.
    pub pace: Pace,
}

impl Status {
    pub fn paced(self, pace: Pace) -> Status {
        Status { pace, ..self }
    }
}

impl From<String> for Status {
    fn from(shown: String) -> Status {
        Status {
            shown,
            delay: None,
            pace: Pace::UNKNOWN,
        }
    }
}

/// Something that takes AWS some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// When it ends. Completes "waiting until": `Lambda can use the role`.
    pub until: &'static str,
    /// How long it usually takes, if that is known.
    pub pace: Pace,
    /// The service that takes the time, if there is only one that it can be.
    pub service: Option<&'static str>,
}

impl Delay {
    pub const fn new(until: &'static str, pace: Pace) -> Delay {
        Delay {
            until,
            pace,
            service: None,
        }
    }

    pub const fn of(self, service: &'static str) -> Delay {
        Delay {
            service: Some(service),
            ..self
        }
    }

    pub fn shown_as(self, shown: impl Into<String>) -> Status {
        Status {
            delay: Some(self),
            ..Status::from(shown.into()).paced(self.pace)
        }
    }
}
