//! STS: who am I, and temporary credentials. The awsQuery protocol.

use serde_json::{Value, json};

use crate::call::Call;
use crate::clock::iso_seconds;
use crate::cloud::Cloud;
use crate::constraint::{Broken, refuse};
use crate::error::{ApiError, ApiResult};
use crate::identity::authorize::{Need, permits};
use crate::identity::caller::{ACCOUNT, Caller};
use crate::identity::policy::{Context, trusts};
use crate::identity::session::{Credentials, Session};
use crate::input::Input;

pub(crate) fn handle(cloud: &Cloud, call: &Call, action: &str, input: &Input) -> ApiResult<Value> {
    match action {
        "GetCallerIdentity" => Ok(json!({
            "Arn": call.caller.arn(),
            "UserId": call.caller.user_id(),
            "Account": ACCOUNT,
        })),
        "AssumeRole" => assume_role(cloud, call, input),
        "GetFederationToken" => get_federation_token(cloud, call, input),
        other => Err(ApiError::missing(&format!("sts:{other}"))),
    }
}

/// GetCallerIdentity needs no permission, and AssumeRole asks the role's trust as well.
pub(crate) fn needs(action: &str, input: &Input) -> Vec<Need> {
    match action {
        "GetFederationToken" => {
            let name = input.text("Name").ok().flatten().unwrap_or_default();
            let resource = format!("arn:aws:sts::{ACCOUNT}:federated-user/{name}");
            vec![Need::new("sts:GetFederationToken", resource)]
        }
        _ => Vec::new(),
    }
}

fn assume_role(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let arn = required(input, "RoleArn")?;
    let name = session_name(input, "RoleSessionName", "roleSessionName")?;
    let seconds = seconds(input, 3600, 43_200)?;
    let state = cloud.store.read();
    let who = call.caller.arn();
    let refused = || {
        let text =
            format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        ApiError::new(403, "AccessDenied", text)
    };
    // A role that isn't there, or is too young, answers like one that doesn't trust the caller.
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
    let principal = call.caller.principal_arn(&state);
    let mut context = Context::default();
    if let Some(id) = input.text("ExternalId")? {
        context.text("sts:ExternalId", id);
    }
    context.text("aws:PrincipalArn", principal.clone());
    context.text("aws:PrincipalAccount", ACCOUNT);
    context.text("sts:RoleSessionName", &name);
    let trust = role.trust.seen(call.now);
    let named = trusts(trust, &[&principal, &who], "sts:AssumeRole", &context);
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let account = trusts(trust, &[&root, ACCOUNT], "sts:AssumeRole", &context);
    // Trust in the account leaves it to the account whom it lets; trust in the caller is enough.
    let need = Need::new("sts:AssumeRole", arn).with(context);
    let held = || permits(&state, &call.caller, &need, call.now, &call.region).is_ok();
    if !(named || account && held()) {
        return Err(refused());
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

fn get_federation_token(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    if !matches!(call.caller, Caller::Owner { .. }) {
        let text = "Cannot call GetFederationToken with session credentials";
        return Err(ApiError::new(403, "AccessDenied", text));
    }
    let name = session_name(input, "Name", "name")?;
    let seconds = seconds(input, 43_200, 129_600)?;
    let session = Session::Federated {
        name: name.clone(),
        policy: session_policy(input)?,
        issued: call.now,
        expires: call.now + seconds * 1000,
    };
    let credentials = cloud.store.read().keys.seal(&session);
    Ok(json!({
        "Credentials": shown(&credentials),
        "FederatedUser": {
            "FederatedUserId": format!("{ACCOUNT}:{name}"),
            "Arn": format!("arn:aws:sts::{ACCOUNT}:federated-user/{name}"),
        },
    }))
}

fn shown(credentials: &Credentials) -> Value {
    json!({
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "Expiration": iso_seconds(credentials.expires_at.unwrap_or_default()),
    })
}

fn session_policy(input: &Input) -> ApiResult<Option<String>> {
    let Some(policy) = input.text("Policy")? else {
        return Ok(None);
    };
    crate::iam::check_identity_policy(policy)?;
    Ok(Some(policy.to_owned()))
}

fn required<'a>(input: &'a Input, name: &str) -> ApiResult<&'a str> {
    input.required(name, |name| {
        let member = name[..1].to_ascii_lowercase() + &name[1..];
        refuse("ValidationError", &[Broken::null(&member)])
    })
}

fn session_name(input: &Input, name: &str, member: &str) -> ApiResult<String> {
    let text = required(input, name)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let mut broken = Vec::new();
    if !text.chars().all(fits) {
        broken.push(Broken::pattern(text, member, "[\\w+=,.@-]*"));
    }
    if text.len() < 2 {
        broken.push(Broken::shorter(text, member, 2));
    }
    if text.len() > 64 {
        broken.push(Broken::longer(text, member, 64));
    }
    if broken.is_empty() {
        Ok(text.to_owned())
    } else {
        Err(refuse("ValidationError", &broken))
    }
}

fn seconds(input: &Input, default: i64, limit: i64) -> ApiResult<i64> {
    let seconds = input.number("DurationSeconds")?.unwrap_or(default);
    if (900..=limit).contains(&seconds) {
        return Ok(seconds);
    }
    let must = if seconds < 900 {
        "have value greater than or equal to 900".to_owned()
    } else {
        format!("have value less than or equal to {limit}")
    };
    Err(refuse(
        "ValidationError",
        &[Broken::new(seconds.to_string(), "durationSeconds", must)],
    ))
}
