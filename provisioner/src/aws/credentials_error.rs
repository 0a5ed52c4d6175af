//! Why there are no credentials, and what to do about it.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::result::ConnectorError;

use super::environment::variable;
use super::error::{CloudError, CloudErrorKind, NO_CREDENTIALS, chain};
use super::profiles::{ChosenBy, Profiles};
use super::texts::classify;
use crate::error::{Error, Exit};
use crate::hints::quoted;

/// Variables that tell where credentials are, without a profile.
const SOURCES: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/// The error of a source of credentials, as an error of `provision`.
pub fn explain(error: &CredentialsError, profiles: &Profiles) -> Error {
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
        return nothing_found(profiles, String::new());
    }
    // Something that is not EC2's metadata service may answer at its address, on other clouds for example.
    let is_only_ec2 = profiles.chosen_by != ChosenBy::Flag && !is_configured(profiles);
    if is_only_ec2 && SOURCES.into_iter().all(|name| variable(name).is_none()) {
        let cause = chain(error.source().unwrap_or(error));
        return nothing_found(profiles, format!(" ({cause})"));
    }
    // Nothing is looked for behind a profile that says how to get credentials.
    let doing = match profiles.chosen_by == ChosenBy::Flag || is_configured(profiles) {
        true => format!("get credentials from the profile `{}`", profiles.name),
        false => "get credentials".to_owned(),
    };
    let error = cloud_error(doing, error);
    let is_network = error.kind == CloudErrorKind::Unavailable;
    let hint = hint(&error, profiles);
    let mut error = Error::from(error);
    if !is_network {
        error.exit = Exit::Denied;
    }
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// `of_ec2` is why EC2 has none, if its service answered.
fn nothing_found(profiles: &Profiles, of_ec2: String) -> Error {
    let error = if profiles.chosen_by == ChosenBy::Flag {
        let text = format!("the profile `{}` has no credentials", profiles.name);
        Error::new(Exit::Denied, text).because("a profile named by flag is the only source")
    } else {
        Error::new(Exit::Denied, "there are no credentials").because(format!(
            "none in AWS_ACCESS_KEY_ID, the profile `{}`, AWS_WEB_IDENTITY_TOKEN_FILE, the container or EC2{of_ec2}",
            profiles.name
        ))
    };
    error.hint(NO_CREDENTIALS)
}

/// Classified as the errors of other requests are: sources of credentials send some too.
fn cloud_error(doing: String, error: &CredentialsError) -> CloudError {
    let (code, message) = answer(error).unwrap_or_else(|| {
        // Without `an error occurred while loading credentials`, which `doing` says.
        (None, chain(error.source().unwrap_or(error)))
    });
    let kind = match &code {
        Some(code) => classify(code, &message),
        None if causes(error).any(|cause| cause.is::<ConnectorError>()) => {
            CloudErrorKind::Unavailable
        }
        None => CloudErrorKind::NoCredentials,
    };
    CloudError {
        doing,
        kind,
        code,
        message,
        request_id: None,
    }
}

/// The code and the text with which STS refused.
fn answer(error: &CredentialsError) -> Option<(Option<String>, String)> {
    let meta = causes(error).find_map(|cause| {
        let role = cause.downcast_ref::<AssumeRoleError>();
        let role = role.map(ProvideErrorMetadata::meta);
        let token = cause.downcast_ref::<AssumeRoleWithWebIdentityError>();
        let meta = role.or_else(|| token.map(ProvideErrorMetadata::meta));
        meta.or_else(|| cause.downcast_ref())
    })?;
    let message = meta.message().unwrap_or_default().to_owned();
    Some((meta.code().map(str::to_owned), message))
}

fn causes(error: &CredentialsError) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// What the profile needs, where it tells; otherwise the hint for the kind of error.
fn hint(error: &CloudError, profiles: &Profiles) -> Option<String> {
    let is_other = matches!(
        error.kind,
        CloudErrorKind::Unavailable | CloudErrorKind::Throttled
    );
    if is_other || error.is_about_the_clock() {
        return None;
    }
    let name = quoted(&profiles.name);
    if let Some(serial) = mfa_serial(profiles) {
        return Some(mfa_hint(&serial, profiles));
    }
    let is_sso = profiles.get("sso_session").is_some() || profiles.get("sso_start_url").is_some();
    if is_sso {
        return Some(format!("log in again: `aws sso login --profile {name}`"));
    }
    if profiles.get("login_session").is_some() {
        return Some(format!("log in again: `aws login --profile {name}`"));
    }
    None
}

/// The device that the chosen profile, or one that it takes its credentials from, asks a code of.
fn mfa_serial(profiles: &Profiles) -> Option<String> {
    let chain = profiles.chain().ok()?;
    let serial = chain.iter().find_map(|profile| profile.get("mfa_serial"));
    serial.map(str::to_owned)
}

/// The AWS CLI asks for the code; `provision` uses the session that comes of it.
fn mfa_hint(serial: &str, profiles: &Profiles) -> String {
    let name = quoted(&profiles.name);
    if profiles.get("role_arn").is_some() {
        return format!(
            "`mfa_serial` in the profile asks for a code of {serial}, which provision does not ask for: get a \
             session with `eval \"$(aws configure export-credentials --profile {name} --format env)\"` (AWS CLI 2), then run \
             `… without --profile`"
        );
    }
    format!(
        "`mfa_serial` in the profile asks for a code of {serial}, which provision does not ask for: get a session with \
         `aws sts get-session-token --serial-number {serial} --token-code CODE --profile {name}`, export its keys, \
         then run `… without --profile`"
    )
}

/// Whether the profile says how to get credentials.
fn is_configured(profiles: &Profiles) -> bool {
    let keys = [
        "aws_access_key_id",
        "credential_process",
        "login_session",
        "role_arn",
        "sso_session",
        "sso_start_url",
    ];
    keys.into_iter().any(|key| profiles.get(key).is_some())
}
