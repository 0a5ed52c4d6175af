//! Inline policies of a role.

use serde_json::{Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::encode::percent;
use crate::identity::call::Call;
use crate::services::iam::{check, grammar, late};

pub(crate) async fn put(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = check::policy_name(input)?.to_owned();
    let document = check::document(input, "PolicyDocument")?.to_owned();
    cloud
        .store
        .change(|state| {
            let role = check::role_mut(state, input)?;
            grammar::check_identity_policy(&document)?;
            let mut policies = role.inline.written().clone();
            policies.insert(name, document);
            if policies
                .values()
                .map(|document| check::size(document))
                .sum::<usize>()
                > check::INLINE_LIMIT
            {
                let (limit, role) = (check::INLINE_LIMIT, &role.name);
                let text = format!("Maximum policy size of {limit} bytes exceeded for role {role}");
                return Err(ApiError::new(409, "LimitExceeded", text));
            }
            late::write(&mut role.inline, policies, cloud, call);
            Ok(Value::Null)
        })
        .await
}

pub(crate) fn get(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = check::policy_name(input)?;
    let state = cloud.store.read();
    let role = check::role(&state, input)?;
    match role.inline.shown(call.now).get(name) {
        Some(document) => Ok(json!({
            "RoleName": role.name,
            "PolicyName": name,
            "PolicyDocument": percent(document),
        })),
        None => Err(no_policy(name)),
    }
}

pub(crate) fn list(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let state = cloud.store.read();
    let policies = check::role(&state, input)?.inline.shown(call.now);
    check::page(
        input,
        "PolicyNames",
        policies.keys().map(|name| json!(name)).collect(),
    )
}

pub(crate) async fn delete(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = check::policy_name(input)?;
    cloud
        .store
        .change(|state| {
            let role = check::role_mut(state, input)?;
            let mut policies = role.inline.written().clone();
            if policies.remove(name).is_none() {
                return Err(no_policy(name));
            }
            late::write(&mut role.inline, policies, cloud, call);
            Ok(Value::Null)
        })
        .await
}

fn no_policy(name: &str) -> ApiError {
    ApiError::new(
        404,
        "NoSuchEntity",
        format!("The role policy with name {name} cannot be found."),
    )
}
