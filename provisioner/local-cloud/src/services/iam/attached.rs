//! Managed policies: those of AWS, and the attachments of a role.

use serde_json::{Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::encode::percent;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::identity::managed;
use crate::services::iam::check;

pub(crate) async fn attach(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?.to_owned();
    cloud
        .store
        .change(|state| {
            let role = check::role_mut(state, input)?;
            must_exist(&arn)?;
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
            let seen_at = cloud.faults.after(call.now, Delay::PolicyInForce);
            let shown_at = cloud.faults.after(call.now, Delay::PolicyShown);
            role.attached
                .write_late(attached, call.now, seen_at, shown_at);
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
            let seen_at = cloud.faults.after(call.now, Delay::PolicyInForce);
            let shown_at = cloud.faults.after(call.now, Delay::PolicyShown);
            role.attached
                .write_late(attached, call.now, seen_at, shown_at);
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

/// Refuses a policy that does not exist. The local cloud has no customer-managed policies.
pub(crate) fn must_exist(arn: &str) -> ApiResult<()> {
    if managed::document(arn).is_some() {
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
        "Policy {arn} does not exist or is not attachable. (The local cloud knows: {known}.)"
    );
    Err(ApiError::new(404, "NoSuchEntity", text))
}

pub(crate) fn get_policy(input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?;
    must_exist(arn)?;
    Ok(json!({ "Policy": {
        "PolicyName": managed::name(arn),
        "Arn": arn,
        "Path": managed::path(arn),
        "DefaultVersionId": "v1",
        "IsAttachable": true,
    }}))
}

pub(crate) fn get_policy_version(input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?;
    let version = check::required(input, "VersionId")?;
    must_exist(arn)?;
    if version != "v1" {
        let text = format!("Policy {arn} version {version} does not exist or is not attachable.");
        return Err(ApiError::new(404, "NoSuchEntity", text));
    }
    let document = managed::document(arn).unwrap_or_default();
    Ok(json!({ "PolicyVersion": {
        "Document": percent(document),
        "VersionId": "v1",
        "IsDefaultVersion": true,
    }}))
}
