//! IAM: roles with their policies and tags.

mod attached;
mod check;
mod elements;
mod errors;
#[cfg(test)]
mod fuzz;
mod grammar;
mod inline;
mod late;
mod oidc_providers;
mod policies;
mod principal;
mod required_permissions;
mod roles;
mod service_linked;
mod simulate;
mod summary;
mod tags;
mod unseen;

pub(crate) use errors::{failed, throttled};
pub(crate) use grammar::check_identity_policy;
pub(crate) use tags::checked as check_tags;

use serde_json::{Value, json};

use crate::api::answer::Answer;
use crate::api::error::{ApiError, ApiResult};
use crate::cloud::Cloud;
use crate::identity::authorize::RequiredPermission;
use crate::identity::call::Call;
use crate::protocol::{AwsQuery, Operation, Protocol};
use crate::services::iam::required_permissions::required_permissions;
use crate::services::service::{Handling, Service};
use crate::state::State;

static PROTOCOL: AwsQuery = AwsQuery {
    namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
};

pub(crate) struct Iam;

impl Service for Iam {
    fn name(&self) -> &'static str {
        "iam"
    }

    fn protocol(&self) -> &'static dyn Protocol {
        &PROTOCOL
    }

    fn body_limit(&self) -> usize {
        1024 * 1024
    }

    fn throttled(&self) -> ApiError {
        errors::throttled()
    }

    fn failed(&self) -> ApiError {
        errors::failed()
    }

    fn required_permissions(
        &self,
        state: &State,
        _call: &Call,
        operation: &Operation,
    ) -> Vec<RequiredPermission> {
        required_permissions(state, operation.action(), &operation.input)
    }

    fn handle<'a>(
        &'a self,
        cloud: &'a Cloud,
        call: &'a Call,
        operation: &'a Operation,
    ) -> Handling<'a> {
        Box::pin(async move { Ok(Answer::ok(handle(cloud, call, operation).await?)) })
    }
}

async fn handle(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Value> {
    let (action, input) = (operation.action(), &operation.input);
    unseen::must_be_seen(&cloud.store.read(), call, action, input)?;
    match action {
        "CreateRole" => roles::create(cloud, call, input).await,
        "GetRole" => roles::get(cloud, call, input),
        "ListRoles" => roles::list(cloud, call, input),
        "UpdateRole" => roles::update(cloud, input).await,
        "UpdateRoleDescription" => roles::update_description(cloud, call, input).await,
        "UpdateAssumeRolePolicy" => roles::update_trust(cloud, call, input).await,
        "PutRolePermissionsBoundary" => roles::put_boundary(cloud, input).await,
        "DeleteRolePermissionsBoundary" => roles::delete_boundary(cloud, input).await,
        "DeleteRole" => roles::delete(cloud, input).await,
        "PutRolePolicy" => inline::put(cloud, call, input).await,
        "GetRolePolicy" => inline::get(cloud, call, input),
        "ListRolePolicies" => inline::list(cloud, call, input),
        "DeleteRolePolicy" => inline::delete(cloud, call, input).await,
        "AttachRolePolicy" => attached::attach(cloud, call, input).await,
        "DetachRolePolicy" => attached::detach(cloud, call, input).await,
        "ListAttachedRolePolicies" => attached::list(cloud, call, input),
        "CreatePolicy" => policies::create(cloud, call, input).await,
        "GetPolicy" => policies::get(cloud, input),
        "ListPolicies" => policies::list(cloud, input),
        "DeletePolicy" => policies::delete(cloud, input).await,
        "CreatePolicyVersion" => policies::create_version(cloud, call, input).await,
        "GetPolicyVersion" => policies::get_version(cloud, input),
        "ListPolicyVersions" => policies::list_versions(cloud, input),
        "DeletePolicyVersion" => policies::delete_version(cloud, input).await,
        "SetDefaultPolicyVersion" => policies::set_default(cloud, call, input).await,
        "CreateOpenIDConnectProvider" => oidc_providers::create(cloud, call, input).await,
        "GetOpenIDConnectProvider" => oidc_providers::get(cloud, input),
        "ListOpenIDConnectProviders" => Ok(oidc_providers::list(cloud)),
        "DeleteOpenIDConnectProvider" => oidc_providers::delete(cloud, input).await,
        "CreateServiceLinkedRole" => service_linked::create(cloud, call, input).await,
        "TagRole" => tags::tag(cloud, call, input).await,
        "UntagRole" => tags::untag(cloud, call, input).await,
        "ListRoleTags" => tags::list(cloud, call, input),
        // The local cloud has no instance profiles, but every tool asks before it deletes a role.
        "ListInstanceProfilesForRole" => {
            check::role(&cloud.store.read(), input)?;
            Ok(json!({ "IsTruncated": false, "InstanceProfiles": [] }))
        }
        "GetAccountSummary" => Ok(summary::get(cloud)),
        "SimulatePrincipalPolicy" => simulate::principal(cloud, call, input),
        "SimulateCustomPolicy" => simulate::custom(cloud, call, input),
        other => Err(ApiError::missing(&format!("iam:{other}"))),
    }
}
