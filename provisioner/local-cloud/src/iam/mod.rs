//! IAM: roles with their policies and tags. The awsQuery protocol.

mod attached;
mod check;
mod elements;
mod grammar;
#[cfg(test)]
mod hostile;
mod inline;
pub(crate) mod managed;
pub(crate) mod model;
mod needs;
mod principal;
mod roles;
mod simulate;
mod tags;

pub(crate) use grammar::check_identity_policy;
pub(crate) use needs::needs;

use serde_json::{Value, json};

use crate::call::Call;
use crate::cloud::Cloud;
use crate::error::{ApiError, ApiResult};
use crate::input::Input;

pub(crate) async fn handle(
    cloud: &Cloud,
    call: &Call,
    action: &str,
    input: &Input,
) -> ApiResult<Value> {
    match action {
        "CreateRole" => roles::create(cloud, call, input).await,
        "GetRole" => roles::get(cloud, call, input),
        "ListRoles" => roles::list(cloud, input),
        "UpdateRole" => roles::update(cloud, input).await,
        "UpdateRoleDescription" => roles::update_description(cloud, input).await,
        "UpdateAssumeRolePolicy" => roles::update_trust(cloud, call, input).await,
        "PutRolePermissionsBoundary" => roles::put_boundary(cloud, input).await,
        "DeleteRolePermissionsBoundary" => roles::delete_boundary(cloud, input).await,
        "DeleteRole" => roles::delete(cloud, input).await,
        "PutRolePolicy" => inline::put(cloud, call, input).await,
        "GetRolePolicy" => inline::get(cloud, input),
        "ListRolePolicies" => inline::list(cloud, input),
        "DeleteRolePolicy" => inline::delete(cloud, call, input).await,
        "AttachRolePolicy" => attached::attach(cloud, call, input).await,
        "DetachRolePolicy" => attached::detach(cloud, call, input).await,
        "ListAttachedRolePolicies" => attached::list(cloud, input),
        "GetPolicy" => attached::get_policy(input),
        "GetPolicyVersion" => attached::get_policy_version(input),
        "TagRole" => tags::tag(cloud, input).await,
        "UntagRole" => tags::untag(cloud, input).await,
        "ListRoleTags" => tags::list(cloud, input),
        // There are none here, yet every tool asks before it deletes a role.
        "ListInstanceProfilesForRole" => {
            check::role(&cloud.store.read(), input)?;
            Ok(json!({ "IsTruncated": false, "InstanceProfiles": [] }))
        }
        "SimulatePrincipalPolicy" => simulate::principal(cloud, call, input),
        "SimulateCustomPolicy" => simulate::custom(cloud, call, input),
        other => Err(ApiError::missing(&format!("iam:{other}"))),
    }
}
