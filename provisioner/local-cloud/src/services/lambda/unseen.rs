//! A new function, version or alias that some calls do not find yet.

use crate::api::error::ApiResult;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::protocol::Operation;
use crate::services::lambda::errors::no_function;
use crate::services::lambda::function_name::{self, Name};
use crate::state::State;
use crate::state::unseen::Unseen;

const OF_FUNCTION: [&str; 6] = [
    "CreateAlias",
    "GetFunction",
    "GetFunctionConfiguration",
    "ListVersionsByFunction",
    "PublishVersion",
    "UpdateAlias",
];
const OF_VERSION: [&str; 6] = [
    "CreateAlias",
    "GetFunction",
    "GetFunctionConfiguration",
    "Invoke",
    "ListVersionsByFunction",
    "UpdateAlias",
];
const OF_ALIAS: [&str; 1] = ["GetAlias"];

pub(crate) fn of_new_function(cloud: &Cloud, now: Millis) -> Unseen {
    Unseen::until(
        now,
        cloud
            .faults
            .each_after(now, Delay::FunctionFound, &OF_FUNCTION),
    )
}

pub(crate) fn of_new_version(cloud: &Cloud, now: Millis) -> Unseen {
    Unseen::until(
        now,
        cloud
            .faults
            .each_after(now, Delay::VersionFound, &OF_VERSION),
    )
}

pub(crate) fn of_new_alias(cloud: &Cloud, now: Millis) -> Unseen {
    Unseen::until(
        now,
        cloud.faults.each_after(now, Delay::AliasFound, &OF_ALIAS),
    )
}

/// Fails as for a function or a version that does not exist, if the action does not find it yet.
pub(crate) fn must_be_seen(state: &State, call: &Call, operation: &Operation) -> ApiResult<()> {
    // The operation itself refuses a name that is malformed.
    let Ok(name) = function_name::of(call, operation) else {
        return Ok(());
    };
    let Some(function) = state.region(&call.region).functions.get(&name.name) else {
        return Ok(());
    };
    let action = operation.action();
    if function.unseen.hides(action, call.now) {
        return Err(no_function(call, &name));
    }
    // CreateAlias and UpdateAlias name the version in their members.
    let member = operation.input.text("FunctionVersion").ok().flatten();
    let qualifier = name.qualifier.as_deref().or(member);
    let number = qualifier.and_then(|qualifier| qualifier.parse().ok());
    match number.and_then(|number: u64| function.published.get(&number)) {
        Some(version) if version.unseen.hides(action, call.now) => {
            let qualifier = qualifier.map(str::to_owned);
            Err(no_function(
                call,
                &Name {
                    qualifier,
                    ..name.clone()
                },
            ))
        }
        Some(_) | None => Ok(()),
    }
}
