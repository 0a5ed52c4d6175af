//! The error for a plan that the caller is not allowed to carry out. Pure.

use serde_json::Value;

use super::decision::Denial;
use crate::error::{Error, Exit};

/// Actions that are denied for one reason on the resources of one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    pub denial: Denial,
    pub actions: Vec<&'static str>,
    pub resource: String,
    /// The statement that allows them.
    pub allows: Value,
}

/// Names every denied action with its resource, and every statement to add.
pub fn refusal(caller: &str, denied: &[Denied]) -> Error {
    let lines = denied.iter().map(|one| {
        let actions = one.actions.join(", ");
        let resource = &one.resource;
        let why = why(one.denial);
        format!("\n  it is not authorized to perform: {actions} on resource: {resource} {why}")
    });
    let text = format!(
        "{caller} does not have the permissions for this plan, so nothing was changed:{}",
        lines.collect::<String>()
    );
    let denials = [
        Denial::Implicit,
        Denial::Boundary,
        Denial::Explicit,
        Denial::Organization,
    ];
    let hints = denials.into_iter().filter_map(|denial| {
        let same = denied.iter().filter(|one| one.denial == denial);
        let same: Vec<&Denied> = same.collect();
        (!same.is_empty()).then(|| hint(denial, &same))
    });
    let hints: Vec<String> = hints.collect();
    let hint = format!(
        "{}; without this check: `… --no-preflight`",
        hints.join("; ")
    );
    Error::new(Exit::Denied, text).hint(hint)
}

fn why(denial: Denial) -> &'static str {
    match denial {
        Denial::Implicit => "because no identity-based policy allows it",
        Denial::Explicit => "with an explicit deny in a policy",
        Denial::Boundary => "because the permissions boundary does not allow it",
        Denial::Organization => {
            "because a service control policy of the organization does not allow it"
        }
    }
}

fn hint(denial: Denial, denied: &[&Denied]) -> String {
    let statements = denied.iter().map(|one| one.allows.to_string());
    let statements = statements.collect::<Vec<_>>().join(", ");
    let actions = denied.iter().flat_map(|one| &one.actions);
    let actions = actions.copied().collect::<Vec<_>>().join(", ");
    match denial {
        Denial::Implicit => format!("the caller's policy needs {statements}"),
        Denial::Boundary => format!("the caller's permissions boundary needs {statements}"),
        Denial::Explicit => {
            format!("a policy of the caller denies it: remove {actions} from its Deny statement")
        }
        Denial::Organization => {
            format!("the organization's service control policy has to allow {actions}")
        }
    }
}
