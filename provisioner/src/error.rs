//! The errors that users see: what was being done, why it failed, and a hint.

use std::error::Error as StdError;
use std::fmt;

use crate::artifact::ArtifactError;
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::disk_full;

/// The hint where a stack does not exist. Whether another region has one only further requests could say.
pub const NO_STACK: &str =
    "deploy the stack first: `provision up`; or choose its region (--region)";

/// The exit codes of `provision`. They are public: scripts branch on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    /// `plan --exit-code` found changes.
    Changes = 3,
    /// Not managed by provision, data would be lost, wrong account, production stage, no confirmation.
    Refused = 4,
    /// Denied, or no credentials.
    Denied = 5,
    Interrupted = 130,
}

impl Exit {
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// The kind of a failure, as far as the program reacts to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A failure that no caller reacts to.
    Final,
    /// The test ride of a new version failed: what it shares with the live version is restored.
    TestRideFailed,
    /// A wait reached its limit: the caller may know the cause.
    TimedOut,
    /// The service throttles: a wait tries again.
    Throttled,
}

/// The exit code of several errors: that of the first. But what the caller may not do stays denied in the next
/// run too, so it counts before a failure; and what failed after a signal may have failed because of it.
pub fn exit_of(errors: &[Error]) -> Exit {
    if errors.iter().any(|error| error.exit == Exit::Interrupted) {
        return Exit::Interrupted;
    }
    let first = errors.first().map_or(Exit::Failed, |error| error.exit);
    let is_denied = errors.iter().any(|error| error.exit == Exit::Denied);
    match first {
        Exit::Failed if is_denied => Exit::Denied,
        first => first,
    }
}

/// An error: its text says what was being done to which resource, its source why it failed. `main` prints
/// the chain.
#[derive(Debug)]
pub struct Error {
    pub exit: Exit,
    pub text: String,
    /// What to do about it; `CommandLine` completes the commands in it.
    pub hint: Option<String>,
    pub failure: Failure,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub fn new(exit: Exit, text: impl Into<String>) -> Error {
        Error {
            exit,
            text: text.into(),
            hint: None,
            failure: Failure::Final,
            source: None,
        }
    }

    pub fn failed(text: impl Into<String>) -> Error {
        Error::new(Exit::Failed, text)
    }

    pub fn refused(text: impl Into<String>) -> Error {
        Error::new(Exit::Refused, text)
    }

    pub fn usage(text: impl Into<String>) -> Error {
        Error::new(Exit::Usage, text)
    }

    pub fn interrupted() -> Error {
        Error::new(Exit::Interrupted, "interrupted").hint("to continue, run it again: `…`")
    }

    pub fn of(self, failure: Failure) -> Error {
        Error { failure, ..self }
    }

    pub fn hint(self, hint: impl Into<String>) -> Error {
        Error {
            hint: Some(hint.into()),
            ..self
        }
    }

    pub fn because(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        Error {
            source: Some(source.into()),
            ..self
        }
    }

    /// The texts from the outermost to the root cause, each once.
    pub fn chain(&self) -> Vec<String> {
        let mut texts = vec![disk_full::explained(self.text.clone())];
        let mut source = StdError::source(self);
        while let Some(error) = source {
            let text = disk_full::explained(error.to_string());
            if texts.last() != Some(&text) {
                texts.push(text);
            }
            source = error.source();
        }
        texts
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<CloudError> for Error {
    fn from(error: CloudError) -> Error {
        let exit = match error.kind {
            CloudErrorKind::Denied | CloudErrorKind::NoCredentials => Exit::Denied,
            CloudErrorKind::NotFound
            | CloudErrorKind::AlreadyExists
            | CloudErrorKind::Busy
            | CloudErrorKind::BeingDeleted
            | CloudErrorKind::Protected
            | CloudErrorKind::Cooldown
            | CloudErrorKind::RoleNotAssumable
            | CloudErrorKind::Stale
            | CloudErrorKind::Throttled
            | CloudErrorKind::Unavailable
            | CloudErrorKind::NotOfAws
            | CloudErrorKind::Incomplete
            | CloudErrorKind::Rejected => Exit::Failed,
        };
        let hint = error.hint();
        let failure = match error.kind {
            CloudErrorKind::Throttled => Failure::Throttled,
            _ => Failure::Final,
        };
        let text = error.doing.clone();
        Error {
            hint,
            failure,
            ..Error::new(exit, text)
        }
        .because(error.into_cause())
    }
}

impl Error {
    /// For requests to a stack that may not exist: if it does not, the hint says so.
    pub fn of_missing_stack(error: CloudError) -> Error {
        let missing = error.kind == CloudErrorKind::NotFound;
        let error = Error::from(error);
        if missing { error.hint(NO_STACK) } else { error }
    }
}

impl From<ArtifactError> for Error {
    fn from(error: ArtifactError) -> Error {
        let hint = error.hint();
        // The chain has each text once, so the text of `error` can be used here too.
        Error {
            hint,
            ..Error::failed(error.to_string())
        }
        .because(error)
    }
}
