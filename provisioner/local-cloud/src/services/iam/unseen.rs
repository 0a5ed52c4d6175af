//! A new role that some calls do not find yet.

use crate::api::error::ApiResult;
use crate::api::input::Input;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::services::iam::check;
use crate::state::State;
use crate::state::unseen::Unseen;

const READS: [&str; 5] = [
    "GetRole",
    "GetRolePolicy",
    "ListAttachedRolePolicies",
    "ListRolePolicies",
    "ListRoleTags",
];
const CHANGES: [&str; 6] = [
    "AttachRolePolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "TagRole",
    "UpdateAssumeRolePolicy",
    "UpdateRole",
];

pub(crate) fn of_new_role(cloud: &Cloud, now: Millis) -> Unseen {
    let reads = cloud.faults.each_after(now, Delay::RoleFound, &READS);
    let changes = cloud
        .faults
        .each_after(now, Delay::RoleChangeable, &CHANGES);
    Unseen::until(now, reads.chain(changes))
}

/// Fails as for a role that does not exist, if the action does not find it yet.
pub(crate) fn must_be_seen(
    state: &State,
    call: &Call,
    action: &str,
    input: &Input,
) -> ApiResult<()> {
    let name = input.text("RoleName").ok().flatten().unwrap_or_default();
    match state.iam.role(name) {
        Some(role) if role.unseen.hides(action, call.now) => Err(check::no_role(name)),
        Some(_) | None => Ok(()),
    }
}
