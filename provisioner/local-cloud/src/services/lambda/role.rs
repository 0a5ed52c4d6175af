//! Whether Lambda can assume a function's role.

use crate::account::ACCOUNT;
use crate::api::error::ApiResult;
use crate::clock::Millis;
use crate::identity::policy::Context;
use crate::identity::trust::trusts_service;
use crate::services::lambda::errors::invalid;
use crate::services::lambda::function_name::arn;
use crate::state::State;
use crate::state::role::Role;

const SERVICE: &str = "lambda.amazonaws.com";

/// Whether a role can be assumed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Grant {
    Given,
    /// The role does not exist, cannot be assumed yet, or does not trust Lambda.
    Refused,
    /// Another role now has its name, which cannot decrypt what was encrypted for the old one.
    AnotherRole,
}

/// The role of a function that is being created or changed. The error has one text for every reason,
/// as at AWS: only a retry shows whether the role was too new.
pub(crate) fn assumable<'a>(
    state: &'a State,
    role: &str,
    region: &str,
    function: &str,
    now: Millis,
) -> ApiResult<&'a Role> {
    let found = state
        .iam
        .role_by_arn(role)
        .filter(|role| trusts(role, region, function, now));
    found.ok_or_else(|| invalid("The role defined for the function cannot be assumed by Lambda."))
}

/// Whether the role can be assumed for an invocation.
pub(crate) fn may_run(
    state: &State,
    role: &str,
    role_id: &str,
    region: &str,
    function: &str,
    now: Millis,
) -> Grant {
    match state.iam.role_by_arn(role) {
        Some(role) if !trusts(role, region, function, now) => Grant::Refused,
        Some(role) if role.id != role_id => Grant::AnotherRole,
        Some(_) => Grant::Given,
        None => Grant::Refused,
    }
}

fn trusts(role: &Role, region: &str, function: &str, now: Millis) -> bool {
    let mut context = Context::default();
    context.text("aws:SourceAccount", ACCOUNT);
    context.text("aws:SourceArn", arn(region, function));
    role.assumable_at <= now && trusts_service(role.trust.seen(now), SERVICE, &context)
}
