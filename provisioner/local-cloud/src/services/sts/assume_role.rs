//! AssumeRole: credentials of a role.

use serde_json::{Value, json};

use crate::account::ACCOUNT;
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::authorize::{RequiredPermission, permits};
use crate::identity::call::Call;
use crate::identity::policy::Context;
use crate::identity::trust::trusts;
use crate::services::sts::check::{
    has_session_tags, required, seconds, session_name, session_policy, shown,
};
use crate::state::State;
use crate::state::keys::Session;
use crate::state::role::Role;

pub(crate) fn assume_role(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let arn = required(input, "RoleArn")?;
    let name = session_name(input, "RoleSessionName", "roleSessionName")?;
    let seconds = seconds(input, 3600, 43_200)?;
    let has_tags = has_session_tags(input)?;
    let state = cloud.store.read();
    let refused = || {
        let text = format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
            call.caller.arn()
        );
        ApiError::new(403, "AccessDenied", text)
    };
    // For a role that does not exist or cannot be assumed yet the answer is the same as for one
    // that does not trust the caller.
    let role = state.iam.role_by_arn(arn);
    let role = role.filter(|role| role.assumable_at <= call.now);
    let role = role.ok_or_else(refused)?;
    if seconds > role.max_session_seconds {
        return Err(ApiError::new(
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let external_id = input.text("ExternalId")?;
    if !may(&state, call, role, "sts:AssumeRole", &name, external_id) {
        return Err(refused());
    }
    // Tags are a permission of their own.
    if has_tags && !may(&state, call, role, "sts:TagSession", &name, external_id) {
        let who = call.caller.arn();
        let text =
            format!("User: {who} is not authorized to perform: sts:TagSession on resource: {arn}");
        return Err(ApiError::new(403, "AccessDenied", text));
    }
    let session = Session::Role {
        role: role.name.clone(),
        role_id: role.id.clone(),
        name: name.clone(),
        policy: session_policy(input)?,
        issued: call.now,
        expires: call.now + seconds * 1000,
    };
    let credentials = state.keys.seal(&session);
    Ok(json!({
        "Credentials": shown(&credentials),
        "AssumedRoleUser": {
            "AssumedRoleId": format!("{}:{name}", role.id),
            "Arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{}/{name}", role.name),
        },
    }))
}

/// Whether the role trusts the caller, or trusts the account and the caller's policies allow it.
fn may(
    state: &State,
    call: &Call,
    role: &Role,
    action: &str,
    session_name: &str,
    external_id: Option<&str>,
) -> bool {
    let (caller, principal) = (call.caller.arn(), call.caller.principal_arn(state));
    let mut context = Context::default();
    if let Some(id) = external_id {
        context.text("sts:ExternalId", id);
    }
    context.text("aws:PrincipalArn", principal.clone());
    context.text("aws:PrincipalAccount", ACCOUNT);
    context.text("sts:RoleSessionName", session_name);
    let trust = role.trust.seen(call.now);
    if trusts(trust, &[&principal, &caller], action, &context) {
        return true;
    }
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    if !trusts(trust, &[&root, ACCOUNT], action, &context) {
        return false;
    }
    let permission = RequiredPermission::new(action, role.arn()).with(context);
    permits(state, &call.caller, &permission, call.now, &call.region).is_ok()
}
