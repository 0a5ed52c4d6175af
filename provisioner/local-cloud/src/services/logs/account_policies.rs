//! Account policies of the type RETENTION_POLICY, which override the retention of log groups.

use serde_json::{Value, json};

use crate::account::ACCOUNT;
use crate::api::constraint::Broken;
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::services::logs::errors::invalid;
use crate::services::logs::groups::DAYS;
use crate::state::log_group::RetentionPolicy;

const TYPE: &str = "RETENTION_POLICY";

/// The shortest retention that an account policy can set.
const MINIMUM_DAYS: i64 = 30;

/// Effective at once; at AWS after 24 hours.
pub(crate) async fn put(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    must_be_retention(input)?;
    for member in ["selectionCriteria", "dryRun"] {
        if input.has(member) {
            return Err(ApiError::missing(&format!(
                "{member} of logs:PutAccountPolicy"
            )));
        }
    }
    let name = name(input)?;
    let document = input.required("policyDocument", |name| invalid(&[Broken::null(name)]))?;
    let policy = RetentionPolicy {
        name: name.to_owned(),
        updated: call.now,
        ..parsed(document)?
    };
    let shown = shown(&policy);
    cloud
        .store
        .change(|state| {
            let policies = &mut state.region_mut(&call.region).retention_policies;
            match policies.iter_mut().find(|known| known.name == policy.name) {
                Some(known) => *known = policy,
                None => policies.push(policy),
            }
            Ok(())
        })
        .await?;
    Ok(json!({ "accountPolicy": shown }))
}

pub(crate) fn describe(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    must_be_retention(input)?;
    let name = input.text("policyName")?;
    let state = cloud.store.read();
    let policies = state.region(&call.region).retention_policies.iter();
    let policies = policies.filter(|policy| name.is_none_or(|name| name == policy.name));
    let shown: Vec<Value> = policies.map(shown).collect();
    Ok(json!({ "accountPolicies": shown }))
}

pub(crate) async fn delete(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    must_be_retention(input)?;
    let name = name(input)?;
    cloud
        .store
        .change(|state| {
            let policies = &mut state.region_mut(&call.region).retention_policies;
            let count = policies.len();
            policies.retain(|policy| policy.name != name);
            if policies.len() == count {
                let text = "The specified account policy does not exist.";
                return Err(ApiError::new(400, "ResourceNotFoundException", text));
            }
            Ok(json!({}))
        })
        .await
}

fn name(input: &Input) -> ApiResult<&str> {
    input.required("policyName", |name| invalid(&[Broken::null(name)]))
}

fn must_be_retention(input: &Input) -> ApiResult<()> {
    match input.required("policyType", |name| invalid(&[Broken::null(name)]))? {
        TYPE => Ok(()),
        other => Err(ApiError::missing(&format!("account policies of {other}"))),
    }
}

fn parsed(document: &str) -> ApiResult<RetentionPolicy> {
    let refused = |text: &str| Err(ApiError::new(400, "InvalidParameterException", text));
    let Ok(json) = serde_json::from_str::<Value>(document) else {
        return refused("The policy document is not valid JSON.");
    };
    let days = match &json["retentionInDays"] {
        Value::String(never) if never == "NEVER_EXPIRE" => None,
        days => match days.as_i64() {
            Some(days) if days >= MINIMUM_DAYS && DAYS.contains(&days) => Some(days),
            _ => return refused("retentionInDays is not valid."),
        },
    };
    let new_only = match json["enforcementMode"].as_str() {
        Some("NEW_ONLY") => true,
        Some("RETROACTIVE") => false,
        _ => return refused("enforcementMode is not valid."),
    };
    Ok(RetentionPolicy {
        name: String::new(),
        document: document.to_owned(),
        days,
        new_only,
        updated: 0,
    })
}

fn shown(policy: &RetentionPolicy) -> Value {
    json!({
        "policyName": policy.name,
        "policyDocument": policy.document,
        "lastUpdatedTime": policy.updated,
        "policyType": TYPE,
        "scope": "ALL",
        "accountId": ACCOUNT,
    })
}
