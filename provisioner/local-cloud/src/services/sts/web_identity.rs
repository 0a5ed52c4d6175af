//! AssumeRoleWithWebIdentity: credentials of a role for a token of an identity provider. Its request is not signed.

use serde_json::{Value, json};

use crate::account::ACCOUNT;
use crate::api::constraint::{Broken, refuse};
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::identity::policy::Context;
use crate::identity::trust::trusts_provider;
use crate::identity::web_token::{Signature, WebToken};
use crate::services::sts::check::{required, seconds, session_name, session_policy, shown};
use crate::state::State;
use crate::state::keys::Session;
use crate::state::oidc_provider::OidcProvider;

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// In characters.
const TOKEN_LENGTHS: std::ops::RangeInclusive<usize> = 4..=20_000;

pub(crate) fn assume_role(cloud: &Cloud, now: Millis, input: &Input) -> ApiResult<Value> {
    let arn = required(input, "RoleArn")?;
    let name = session_name(input, "RoleSessionName", "roleSessionName")?;
    let token = token(input)?;
    let seconds = seconds(input, 3600, 43_200)?;
    let state = cloud.store.read();
    let provider = provider(&state, &token)?;
    let (audience, subject) = checked(cloud, provider, &token, now)?;
    let refused = || {
        let text = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
        ApiError::new(403, "AccessDenied", text)
    };
    // For a role that does not exist the answer is the same as for one that does not trust the token.
    let role = state.iam.role_by_arn(arn);
    let role = role.filter(|role| role.assumable_at <= now);
    let role = role.ok_or_else(refused)?;
    let mut context = Context::default();
    context.text(&format!("{}:aud", provider.url), audience);
    context.text(&format!("{}:sub", provider.url), subject);
    context.text("aws:FederatedProvider", provider.arn());
    context.text("sts:RoleSessionName", name.clone());
    if !trusts_provider(role.trust.seen(now), &provider.arn(), ACTION, &context) {
        return Err(refused());
    }
    if seconds > role.max_session_seconds {
        let text =
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(ApiError::new(400, "ValidationError", text));
    }
    let session = Session::Role {
        role: role.name.clone(),
        role_id: role.id.clone(),
        name: name.clone(),
        policy: session_policy(input)?,
        issued: now,
        expires: now + seconds * 1000,
    };
    Ok(json!({
        "Credentials": shown(&state.keys.seal(&session)),
        "SubjectFromWebIdentityToken": subject,
        "AssumedRoleUser": {
            "AssumedRoleId": format!("{}:{name}", role.id),
            "Arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{}/{name}", role.name),
        },
        "Provider": provider.arn(),
        "Audience": audience,
    }))
}

fn token(input: &Input) -> ApiResult<WebToken> {
    let text = required(input, "WebIdentityToken")?;
    if text.len() > *TOKEN_LENGTHS.end() {
        let broken = Broken::longer("…", "webIdentityToken", *TOKEN_LENGTHS.end());
        return Err(refuse("ValidationError", &[broken]));
    }
    if text.len() < *TOKEN_LENGTHS.start() {
        let broken = Broken::shorter(text, "webIdentityToken", *TOKEN_LENGTHS.start());
        return Err(refuse("ValidationError", &[broken]));
    }
    WebToken::read(text).ok_or_else(|| {
        invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
    })
}

fn provider<'a>(state: &'a State, token: &WebToken) -> ApiResult<&'a OidcProvider> {
    let issuer = token.claim("iss").unwrap_or_default();
    let url = issuer.strip_prefix("https://").unwrap_or(issuer);
    let provider = state.iam.oidc_providers.get(url.trim_end_matches('/'));
    provider.ok_or_else(|| {
        let text = format!("No OpenIDConnect provider found in your account for {issuer}");
        invalid(&text)
    })
}

/// The audience and the subject of the token, if it is for this provider, has not expired and is signed.
fn checked<'a>(
    cloud: &Cloud,
    provider: &OidcProvider,
    token: &'a WebToken,
    now: Millis,
) -> ApiResult<(&'a str, &'a str)> {
    let audiences = token.audiences().into_iter();
    let mut known =
        audiences.filter(|audience| provider.client_ids.iter().any(|id| id == audience));
    let Some(audience) = known.next() else {
        return Err(invalid("Incorrect token audience"));
    };
    let claim_missing = |name: &str| invalid(&format!("Missing a required claim: {name}"));
    let subject = token.claim("sub").ok_or_else(|| claim_missing("sub"))?;
    let expires = token.expires().ok_or_else(|| claim_missing("exp"))?;
    if now / 1000 >= expires {
        let text = format!(
            "Token expired: current date/time {} must be before the expiration date/time {expires}",
            now / 1000
        );
        return Err(ApiError::new(400, "ExpiredTokenException", text));
    }
    let keys = cloud.provider_keys.read(&provider.url).unwrap_or_default();
    match token.signature(&keys) {
        Signature::Valid => Ok((audience, subject)),
        Signature::UnknownKey => Err(invalid(
            "Couldn't retrieve verification key from your identity provider, please reference \
             AssumeRoleWithWebIdentity documentation for requirements",
        )),
        // The code is documented; no recording has the text.
        Signature::Invalid => Err(invalid("The signature of the ID Token is not valid")),
    }
}

fn invalid(text: &str) -> ApiError {
    ApiError::new(400, "InvalidIdentityToken", text)
}
