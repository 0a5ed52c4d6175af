//! Why Lambda still won't take the role. AWS has one text for a role that is missing, one that
//! doesn't trust Lambda, and one that is merely young.

use serde_json::Value;

use crate::error::Error;
use crate::policy;
use crate::resource::{Observed, Resource, Step};

/// As in every partition.
const LAMBDA: &str = "lambda.amazonaws.com";

/// The deadline's error, with the cause that a look at the role finds.
pub async fn explained(deadline: Error, role: &dyn Resource, step: &Step<'_>) -> Error {
    let id = role.id();
    let (cause, hint) = match role.observe().await {
        // What the deadline tells is true, and a second error would hide it.
        Err(_) => return deadline,
        Ok(Observed::Absent) => (
            format!("the {id} is not there: somebody deleted it meanwhile"),
            "run it again: `…`; it makes the role anew".to_owned(),
        ),
        Ok(Observed::Present(seen)) if !trusts_lambda(seen.facts.value("trust")) => {
            let declared = role.desired(step.context);
            let declared = declared.iter().find(|attribute| attribute.name == "trust");
            let hint = if trusts_lambda(declared.and_then(|trust| trust.value.as_deref())) {
                "somebody changed it meanwhile; run it again: `…`".to_owned()
            } else {
                format!(
                    "add to policies/trust.json: {{\"Effect\":\"Allow\",\"Principal\":\
                     {{\"Service\":\"{LAMBDA}\"}},\"Action\":\"sts:AssumeRole\"}}"
                )
            };
            (
                format!("the trust policy of the {id} does not let {LAMBDA} assume it"),
                hint,
            )
        }
        Ok(Observed::Present(_)) => (
            format!("the {id} and its trust policy are right, but not in force everywhere yet"),
            deadline.hint.unwrap_or_default(),
        ),
    };
    Error::failed(deadline.text).because(cause).hint(hint)
}

/// A document that can't be read trusts nobody.
fn trusts_lambda(document: Option<&str>) -> bool {
    let document = document.and_then(|text| serde_json::from_str::<Value>(text).ok());
    document.is_some_and(|document| policy::trusts(&document, LAMBDA))
}
