//! A new log group that some calls do not find yet.

use crate::api::error::ApiResult;
use crate::api::input::Input;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::services::logs::errors::no_group;
use crate::services::logs::names::group_name;
use crate::state::State;
use crate::state::unseen::Unseen;

const ACTIONS: [&str; 5] = [
    "DeleteRetentionPolicy",
    "DescribeLogGroups",
    "ListTagsForResource",
    "PutRetentionPolicy",
    "TagResource",
];

pub(crate) fn of_new_group(cloud: &Cloud, now: Millis) -> Unseen {
    Unseen::until(
        now,
        cloud.faults.each_after(now, Delay::GroupFound, &ACTIONS),
    )
}

/// Fails as for a log group that does not exist, if the action does not find it yet.
pub(crate) fn must_be_seen(
    state: &State,
    call: &Call,
    action: &str,
    input: &Input,
) -> ApiResult<()> {
    let groups = &state.region(&call.region).log_groups;
    let group = group_name(input).ok().and_then(|name| groups.get(name));
    match group {
        Some(group) if group.unseen.hides(action, call.now) => Err(no_group()),
        Some(_) | None => Ok(()),
    }
}
