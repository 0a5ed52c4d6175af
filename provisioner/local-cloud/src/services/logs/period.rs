//! The time whose events a request asks for.

use crate::api::error::ApiResult;
use crate::api::input::Input;
use crate::clock::Millis;
use crate::identity::call::Call;
use crate::services::logs::errors::no_group;
use crate::services::logs::names::group_name;
use crate::state::State;

/// From `startTime`, but not before what retention has kept, to `endTime`.
pub(crate) fn period(state: &State, call: &Call, input: &Input) -> ApiResult<(Millis, Millis)> {
    let region = state.region(&call.region);
    let group = region.log_groups.get(group_name(input)?);
    let kept_since = group
        .ok_or_else(no_group)?
        .kept_since(&region.retention_policies, call.now);
    let start = input.number("startTime")?.unwrap_or(Millis::MIN);
    let end = input.number("endTime")?.unwrap_or(Millis::MAX);
    Ok((start.max(kept_since), end))
}
