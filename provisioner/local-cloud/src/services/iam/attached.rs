//! Managed policies: those of AWS, and the attachments of a role.

use serde_json::{Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::identity::managed;
use crate::services::iam::{check, late};
use crate::state::State;

pub(crate) async fn attach(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?.to_owned();
    cloud
        .store
        .change(|state| {
            check::role(state, input)?;
            must_exist(state, &arn)?;
            let role = check::role_mut(state, input)?;
            let mut attached = role.attached.written().clone();
            if attached.contains(&arn) {
                return Ok(Value::Null);
            }
            if attached.len() >= check::ATTACHED_LIMIT {
                let limit = check::ATTACHED_LIMIT;
                let text = format!("Cannot exceed quota for PoliciesPerRole: {limit}");
                return Err(ApiError::new(409, "LimitExceeded", text));
            }
            attached.push(arn);
            late::write(&mut role.attached, attached, cloud, call);
            Ok(Value::Null)
        })
        .await
}

pub(crate) async fn detach(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?;
    cloud
        .store
        .change(|state| {
            let role = check::role_mut(state, input)?;
            let mut attached = role.attached.written().clone();
            let Some(at) = attached.iter().position(|attached| attached == arn) else {
                let text = format!("Policy {arn} was not found.");
                return Err(ApiError::new(404, "NoSuchEntity", text));
            };
            attached.remove(at);
            late::write(&mut role.attached, attached, cloud, call);
            Ok(Value::Null)
        })
        .await
}

pub(crate) fn list(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let prefix = input.text("PathPrefix")?.unwrap_or("/");
    let state = cloud.store.read();
    let attached = check::role(&state, input)?.attached.shown(call.now);
    let shown = attached
        .iter()
        .filter(|arn| managed::path(arn).starts_with(prefix));
    let shown = shown.map(|arn| json!({ "PolicyName": managed::name(arn), "PolicyArn": arn }));
    check::page(input, "AttachedPolicies", shown.collect())
}

/// Refuses a policy that does not exist.
pub(crate) fn must_exist(state: &State, arn: &str) -> ApiResult<()> {
    if managed::document(arn).is_some() || state.iam.policies.contains_key(arn) {
        return Ok(());
    }
    if !arn.starts_with("arn:") {
        return Err(ApiError::new(
            400,
            "ValidationError",
            "Invalid ARN:  Could not be parsed!",
        ));
    }
    let known = managed::names().join(", ");
    let text = format!(
        "Policy {arn} does not exist or is not attachable. (Of AWS's policies the local cloud knows: {known}.)"
    );
    Err(ApiError::new(404, "NoSuchEntity", text))
}
