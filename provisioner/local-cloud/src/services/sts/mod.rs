//! STS: the caller's identity, and temporary credentials.

mod assume_role;
mod check;
mod federation;
mod web_identity;

use serde_json::{Value, json};

use crate::account::ACCOUNT;
use crate::api::answer::Answer;
use crate::api::error::{ApiError, ApiResult};
use crate::cloud::Cloud;
use crate::identity::authorize::RequiredPermission;
use crate::identity::call::Call;
use crate::protocol::{AwsQuery, Operation, Protocol};
use crate::services::iam;
use crate::services::service::{Handling, Service};
use crate::state::State;

static PROTOCOL: AwsQuery = AwsQuery {
    namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
};

/// Its token takes the place of a signature.
const WEB_IDENTITY: &str = "AssumeRoleWithWebIdentity";

pub(crate) struct Sts;

impl Service for Sts {
    fn name(&self) -> &'static str {
        "sts"
    }

    fn protocol(&self) -> &'static dyn Protocol {
        &PROTOCOL
    }

    fn body_limit(&self) -> usize {
        1024 * 1024
    }

    fn takes_unsigned(&self, action: &str) -> bool {
        action == WEB_IDENTITY
    }

    fn throttled(&self) -> ApiError {
        iam::throttled()
    }

    fn failed(&self) -> ApiError {
        iam::failed()
    }

    /// GetCallerIdentity requires no permission, and AssumeRole checks the role's trust policy too.
    fn required_permissions(
        &self,
        _state: &State,
        _call: &Call,
        operation: &Operation,
    ) -> Vec<RequiredPermission> {
        match operation.action() {
            "GetFederationToken" => {
                let name = operation.input.text("Name").ok().flatten();
                let name = name.unwrap_or_default();
                let resource = format!("arn:aws:sts::{ACCOUNT}:federated-user/{name}");
                vec![RequiredPermission::new("sts:GetFederationToken", resource)]
            }
            _ => Vec::new(),
        }
    }

    fn handle<'a>(
        &'a self,
        cloud: &'a Cloud,
        call: &'a Call,
        operation: &'a Operation,
    ) -> Handling<'a> {
        Box::pin(async move { Ok(Answer::ok(handle(cloud, call, operation)?)) })
    }
}

fn handle(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Value> {
    let input = &operation.input;
    match operation.action() {
        "GetCallerIdentity" => Ok(json!({
            "Arn": call.caller.arn(),
            "UserId": call.caller.user_id(),
            "Account": ACCOUNT,
        })),
        "AssumeRole" => assume_role::assume_role(cloud, call, input),
        WEB_IDENTITY => web_identity::assume_role(cloud, call.now, input),
        "GetFederationToken" => federation::get_federation_token(cloud, call, input),
        other => Err(ApiError::missing(&format!("sts:{other}"))),
    }
}
