//! The credentials of a run: where they are looked for, and in what order.

use std::sync::Mutex;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::imds::{self};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};

use super::credentials_error::explain;
use super::environment;
pub use super::profiles::ChosenBy;
use super::profiles::Profiles;
use crate::error::Error;

/// The EC2 metadata service answers within milliseconds. Where there is none, each attempt takes this long.
const METADATA_LIMIT: Duration = Duration::from_secs(1);

/// Where the credentials of this run come from, as far as it is known before they are loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The keys in `AWS_ACCESS_KEY_ID` and its like.
    Variables,
    /// A profile that a flag or a variable names.
    Profile { name: String, chosen_by: ChosenBy },
    /// The profile `default`, a container, EC2; or the local cloud's own.
    Other,
}

impl Source {
    pub fn of(profiles: &Profiles) -> Source {
        let Profiles {
            name, chosen_by, ..
        } = profiles;
        match chosen_by {
            ChosenBy::Variable(_) | ChosenBy::Default if environment::has_keys() => {
                Source::Variables
            }
            ChosenBy::Default => Source::Other,
            ChosenBy::Flag | ChosenBy::Variable(_) => Source::Profile {
                name: name.clone(),
                chosen_by: *chosen_by,
            },
        }
    }
}

/// Loads the credentials once, so that an error can say what is missing. A profile that a flag names is the only
/// source: what the environment holds is not used in its place.
pub async fn load(
    profiles: &Profiles,
    config: &ProviderConfig,
) -> Result<SharedCredentialsProvider, Error> {
    let is_only_profile = profiles.chosen_by == ChosenBy::Flag;
    if !is_only_profile {
        environment::check_keys()?;
    }
    check_profile_keys(profiles)?;
    let profile = ProfileFileCredentialsProvider::builder()
        .configure(config)
        .profile_files(profiles.files.clone())
        .profile_name(&profiles.name)
        .build();
    let source = if is_only_profile {
        SharedCredentialsProvider::new(profile)
    } else {
        SharedCredentialsProvider::new(chain(profile, config))
    };
    match checked(&source).await {
        Ok(credentials) => Ok(SharedCredentialsProvider::new(Loaded {
            first: Mutex::new(Some(credentials)),
            source,
        })),
        Err(error) => Err(explain(&error, profiles)),
    }
}

/// The AWS CLI's order.
fn chain(
    profile: ProfileFileCredentialsProvider,
    config: &ProviderConfig,
) -> CredentialsProviderChain {
    let web_identity = WebIdentityTokenCredentialsProvider::builder().configure(config);
    let container = EcsCredentialsProvider::builder().configure(config);
    let ec2 = ImdsCredentialsProvider::builder()
        .configure(config)
        .imds_client(metadata(config));
    CredentialsProviderChain::first_try(
        "environment",
        EnvironmentVariableCredentialsProvider::new(),
    )
    .or_else("profile", profile)
    .or_else("web identity", web_identity.build())
    .or_else("container", container.build())
    .or_else("EC2", ec2.build())
}

/// A client of EC2's metadata service that soon gives up where there is none.
pub fn metadata(config: &ProviderConfig) -> imds::Client {
    imds::Client::builder()
        .configure(config)
        .connect_timeout(METADATA_LIMIT)
        .read_timeout(METADATA_LIMIT)
        .max_attempts(1)
        .build()
}

fn check_profile_keys(profiles: &Profiles) -> Result<(), Error> {
    let keys = [
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
    ];
    for profile in profiles.chain()? {
        let malformed = |key: &&str| {
            profile
                .get(key)
                .is_some_and(|key| !environment::is_key(key))
        };
        if let Some(key) = keys.into_iter().find(malformed) {
            let place = format!("`{key}` of the profile `{}`", profile.name());
            return Err(environment::malformed_key(&place));
        }
    }
    Ok(())
}

/// Credentials that were loaded once already, and their source for when they expire.
#[derive(Debug)]
struct Loaded {
    first: Mutex<Option<Credentials>>,
    source: SharedCredentialsProvider,
}

impl ProvideCredentials for Loaded {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let first = self.first.lock().ok().and_then(|mut first| first.take());
        match first {
            Some(credentials) => future::ProvideCredentials::ready(Ok(credentials)),
            None => future::ProvideCredentials::new(checked(&self.source)),
        }
    }
}

/// Any source may return a key with a line break behind it, on which the SDK would panic.
async fn checked(source: &SharedCredentialsProvider) -> provider::Result {
    let credentials = source.provide_credentials().await?;
    let keys = [
        ("access key ID", credentials.access_key_id()),
        ("secret access key", credentials.secret_access_key()),
        (
            "session token",
            credentials.session_token().unwrap_or_default(),
        ),
    ];
    match keys.iter().find(|(_, key)| !environment::is_key(key)) {
        None => Ok(credentials),
        Some((name, _)) => Err(CredentialsError::invalid_configuration(format!(
            "the {name} has a space, a line break or another character that no key has"
        ))),
    }
}
