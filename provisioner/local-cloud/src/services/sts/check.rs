//! The members of a request for credentials, checked, and the credentials of its answer.

use serde_json::{Value, json};

use crate::api::constraint::{Broken, refuse};
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::iso_seconds;
use crate::services::iam::{check_identity_policy, check_tags};
use crate::state::keys::Credentials;

/// In characters, white space included.
const SESSION_POLICY_LIMIT: usize = 2048;

pub(crate) fn shown(credentials: &Credentials) -> Value {
    json!({
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "Expiration": iso_seconds(credentials.expires_at.unwrap_or_default()),
    })
}

pub(crate) fn session_policy(input: &Input) -> ApiResult<Option<String>> {
    let Some(policy) = input.text("Policy")? else {
        return Ok(None);
    };
    if policy.len() > SESSION_POLICY_LIMIT {
        let longer = Broken::longer(policy, "policy", SESSION_POLICY_LIMIT);
        return Err(refuse("ValidationError", &[longer]));
    }
    check_identity_policy(policy)?;
    Ok(Some(policy.to_owned()))
}

pub(crate) fn required<'a>(input: &'a Input, name: &str) -> ApiResult<&'a str> {
    input.required(name, |name| {
        let member = name[..1].to_ascii_lowercase() + &name[1..];
        refuse("ValidationError", &[Broken::null(&member)])
    })
}

pub(crate) fn session_name(input: &Input, name: &str, member: &str) -> ApiResult<String> {
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

pub(crate) fn seconds(input: &Input, default: i64, limit: i64) -> ApiResult<i64> {
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

/// Checks the tags of a session. Returns whether there are any; the local cloud does not keep them.
pub(crate) fn has_session_tags(input: &Input) -> ApiResult<bool> {
    let tags = check_tags(input.tag_list("Tags")?.unwrap_or_default())?;
    let transitive = input.texts("TransitiveTagKeys")?.unwrap_or_default();
    let is_tag = |key: &String| tags.iter().any(|(tag, _)| tag.eq_ignore_ascii_case(key));
    if !transitive.iter().all(is_tag) {
        return Err(ApiError::new(
            400,
            "ValidationError",
            "The specified transitive tag key must be included in the requested tags.",
        ));
    }
    Ok(!tags.is_empty())
}
