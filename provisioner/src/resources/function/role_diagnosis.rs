//! Finds out why Lambda cannot assume the role. AWS has one text for a role that is missing, one that does
//! not trust Lambda, and one that is new.

use serde_json::Value;

use crate::engine::observed::Observed;
use crate::engine::resource::{Resource, Step};
use crate::error::Error;
use crate::policy;
use crate::resources::role::TRUST;

/// The same in every partition.
const LAMBDA: &str = "lambda.amazonaws.com";

/// The error of the deadline, with the cause found by reading the role.
pub async fn explain(deadline: Error, role: &dyn Resource, step: &Step<'_>) -> Error {
    let id = role.declared().id();
    let (cause, hint) = match role.observe().await {
        // The error of the deadline is correct, and a second error would hide it.
        Err(_) => return deadline,
        Ok(Observed::Absent) => (
            format!("the {id} does not exist: it was deleted during this run"),
            "run it again: `…`; it creates the role again".to_owned(),
        ),
        Ok(Observed::Present(state)) if !trusts_lambda(state.facts.value(&TRUST.into())) => (
            format!("the trust policy of the {id} does not let {LAMBDA} assume it"),
            trust_hint(role, step),
        ),
        Ok(Observed::Present(_)) => (
            format!("the {id} and its trust policy are correct, but Lambda cannot assume it yet"),
            deadline.hint.unwrap_or_default(),
        ),
    };
    Error::failed(deadline.text).because(cause).hint(hint)
}

fn trust_hint(role: &dyn Resource, step: &Step<'_>) -> String {
    let declared = role.declared().attributes(&step.inputs);
    let declared = declared.iter().find(|attribute| attribute.name.is(TRUST));
    let declared = declared.and_then(|trust| trust.value.as_ref()?.known());
    if trusts_lambda(declared) {
        return "it was changed during this run; run it again: `…`".to_owned();
    }
    format!(
        "add to policies/trust.json: {{\"Effect\":\"Allow\",\"Principal\":\
         {{\"Service\":\"{LAMBDA}\"}},\"Action\":\"sts:AssumeRole\"}}"
    )
}

/// Whether the trust policy allows Lambda to assume the role. False if it cannot be parsed.
fn trusts_lambda(document: Option<&str>) -> bool {
    let document = document.and_then(|text| serde_json::from_str::<Value>(text).ok());
    document.is_some_and(|document| policy::trusts(&document, LAMBDA))
}
