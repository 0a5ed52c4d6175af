//! May Lambda take a function's role on?

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

/// Why a role can't be taken on, or that it can.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Grant {
    Given,
    /// No such role, not yet, or its trust policy doesn't let Lambda.
    Refused,
    /// Another role has its name: what was encrypted for the old one can't be read.
    AnotherRole,
}

/// The role of a function to be made or changed. One text for every reason, as at AWS: only
/// trying again tells a role that isn't known yet from one that never will do.
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

/// The role when the function is to run.
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
