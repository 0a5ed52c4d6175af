//! The errors of policy documents, with hints.

use std::error::Error;
use std::fmt;

use super::fault::Fault;

/// Why a policy document cannot be used. The text describes this layer only; `source` has the cause.
#[derive(Debug)]
pub enum PolicyError {
    /// The text is not JSON.
    NotJson(serde_json::Error),
    /// A template has a placeholder without a value.
    UnknownPlaceholder { name: String, known: Vec<String> },
    /// A template opens `{{` and never closes it.
    UnclosedPlaceholder { text: String },
    /// IAM would refuse it, or it does not mean what it should.
    Invalid(Vec<Fault>),
    /// IAM's percent-encoding is broken at this byte of the text.
    BadEncoding { at: usize },
}

impl PolicyError {
    /// What to do about it, if one line can say so.
    pub fn hint(&self) -> Option<String> {
        match self {
            PolicyError::NotJson(_) | PolicyError::BadEncoding { .. } => None,
            PolicyError::UnknownPlaceholder { known, .. } => {
                Some(format!("use one of {}", known.join(", ")))
            }
            PolicyError::UnclosedPlaceholder { .. } => {
                Some("a placeholder is written {{name}}".to_owned())
            }
            PolicyError::Invalid(faults) => {
                let meant = faults.iter().find_map(|fault| fault.meant.as_ref());
                meant.map(|meant| format!("write `{meant}`"))
            }
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::NotJson(_) => write!(f, "parse the policy document as JSON"),
            PolicyError::UnknownPlaceholder { name, .. } => {
                write!(f, "render the policy: unknown placeholder `{name}`")
            }
            PolicyError::UnclosedPlaceholder { text } => {
                write!(f, "render the policy: unclosed placeholder in `{text}`")
            }
            PolicyError::Invalid(faults) => {
                let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
                f.write_str(&faults.join("\n"))
            }
            PolicyError::BadEncoding { at } => {
                write!(
                    f,
                    "decode the policy document: broken percent-encoding at byte {at}"
                )
            }
        }
    }
}

impl Error for PolicyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            PolicyError::NotJson(source) => Some(source),
            PolicyError::UnknownPlaceholder { .. }
            | PolicyError::UnclosedPlaceholder { .. }
            | PolicyError::Invalid(_)
            | PolicyError::BadEncoding { .. } => None,
        }
    }
}
