//! SDK clients for AWS: where the credentials, the region and the endpoints come from.

use std::num::NonZeroU32;

use aws_config::imds::region::ImdsRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::{RetryConfig, RetryMode};
use aws_config::{AppName, BehaviorVersion, Region};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::clients::Cloud;
use super::credentials::{self, Source};
use super::endpoints::Endpoints;
use super::environment::{self, variable};
use super::interceptors::Interceptors;
use super::limits::limits;
use super::profiles::{Profiles, Setting};
use super::{http, roots};
use crate::artifact::{Arch, BuildTarget};
use crate::engine::clock::{SdkClock, SharedClock};
use crate::error::Error;

#[derive(Clone, Debug, Default)]
pub struct Options {
    pub region: Option<String>,
    pub profile: Option<String>,
    pub endpoint_url: Option<String>,
}

pub async fn connect(
    options: &Options,
    arch: Arch,
    clock: &SharedClock,
    interceptors: &Interceptors,
) -> Result<Cloud, Error> {
    environment::check()?;
    let profiles = Profiles::read(options.profile.as_deref()).await?;
    let endpoints = Endpoints::resolve(options.endpoint_url.as_deref(), &profiles)?;
    let retries = retries(&profiles)?;
    let http_client = http::client(&roots::tls_context(&profiles)?);
    let noted = interceptors.credential_requests.noted(http_client.clone());
    let provider = provider(noted, retries.clone(), clock);
    let region = region(options, &profiles, &provider).await?;
    let provider = provider.with_region(Some(Region::new(region.clone())));
    let credentials = credentials::load(&profiles, &provider).await?;
    let config = aws_config::defaults(BehaviorVersion::latest())
        .app_name(AppName::new("provision").expect("a valid name"))
        .http_client(http_client)
        .time_source(SdkClock(clock.clone()))
        .sleep_impl(SdkClock(clock.clone()))
        .timeout_config(limits())
        .retry_config(retries)
        .profile_files(profiles.files.clone())
        .profile_name(&profiles.name)
        .region(Region::new(region.clone()))
        .credentials_provider(credentials)
        .load()
        .await;
    let mut cloud = Cloud::of(
        |service| endpoints.configure(&config, service),
        region,
        endpoints.shown(),
        BuildTarget::lambda(arch),
        interceptors,
    );
    cloud.credentials = Source::of(&profiles);
    Ok(cloud)
}

/// What the clients of STS and SSO behind a profile are made from. The limits of the other clients hold for them too.
fn provider(
    http_client: SharedHttpClient,
    retries: RetryConfig,
    clock: &SharedClock,
) -> ProviderConfig {
    ProviderConfig::without_region()
        .with_http_client(http_client)
        .with_time_source(SdkClock(clock.clone()))
        .with_sleep_impl(SdkClock(clock.clone()))
        .with_timeout_config(limits())
        .with_retry_config(retries)
}

/// Of the flag, the variables, the profile or EC2.
async fn region(
    options: &Options,
    profiles: &Profiles,
    provider: &ProviderConfig,
) -> Result<String, Error> {
    let mut region = options.region.clone();
    region = region.or_else(|| variable("AWS_REGION"));
    region = region.or_else(|| variable("AWS_DEFAULT_REGION"));
    region = region.or_else(|| profiles.get("region").map(str::to_owned));
    if region.is_none() {
        let ec2 = ImdsRegionProvider::builder()
            .configure(provider)
            .imds_client(credentials::metadata(provider));
        let found = ec2.build().region().await;
        region = found.map(|region| region.as_ref().to_owned());
    }
    let region = region.ok_or_else(|| {
        Error::usage("no region is set").hint(
            "choose one: `… --region eu-west-1`, AWS_REGION, or the profile; \
             or use the local cloud instead: `… --local`",
        )
    })?;
    check_region(&region)?;
    Ok(region)
}

/// Resolved here because the SDK panics on a malformed value. `legacy`, which it does not know, is an older mode of the
/// AWS CLI.
fn retries(profiles: &Profiles) -> Result<RetryConfig, Error> {
    let malformed = |setting: &Setting, form: &str| {
        let Setting { value, place } = setting;
        Error::usage(format!("the value `{value}` of {place} is malformed")).hint(form.to_owned())
    };
    let mut retries = RetryConfig::standard();
    if let Some(mode) = profiles.setting("AWS_RETRY_MODE", "retry_mode") {
        retries = match mode.value.to_lowercase().as_str() {
            "standard" | "legacy" => retries,
            "adaptive" => retries.with_retry_mode(RetryMode::Adaptive),
            _ => return Err(malformed(&mode, "it is `standard` or `adaptive`")),
        };
    }
    if let Some(attempts) = profiles.setting("AWS_MAX_ATTEMPTS", "max_attempts") {
        let number: Result<NonZeroU32, _> = attempts.value.parse();
        let number =
            number.map_err(|_| malformed(&attempts, "it is a number from 1, for example 3"))?;
        retries = retries.with_max_attempts(number.get());
    }
    Ok(retries)
}

/// `eu-west-1`, `us-gov-east-1`: without this check, a typo would give a host name that does not exist.
pub fn check_region(region: &str) -> Result<(), Error> {
    let parts: Vec<&str> = region.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
    let well_formed = match parts.as_slice() {
        [words @ .., number] => {
            words.len() >= 2
                && words.iter().all(word)
                && !number.is_empty()
                && number.chars().all(|c| c.is_ascii_digit())
        }
        [] => false,
    };
    if well_formed {
        return Ok(());
    }
    Err(Error::usage(format!("the region `{region}` is malformed"))
        .hint("a region has this form: `… --region eu-west-1`"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, UNIX_EPOCH};

    use aws_config::Region;
    use aws_config::retry::RetryConfig;
    use aws_config::web_identity_token::{
        StaticConfiguration, WebIdentityTokenCredentialsProvider,
    };
    use aws_credential_types::provider::ProvideCredentials as _;

    use super::{check_region, provider};
    use crate::aws::credential_requests::CredentialRequests;
    use crate::aws::silent::silent;
    use crate::engine::clock::{Clock as _, SharedClock, VirtualClock};

    #[tokio::test]
    async fn a_silent_sts_is_named_and_given_up_within_a_minute() {
        let clock = VirtualClock::starting_at(UNIX_EPOCH);
        let shared: SharedClock = Arc::new(clock.clone());
        let requests = CredentialRequests::default();
        let config = provider(requests.noted(silent()), RetryConfig::standard(), &shared)
            .with_region(Some(Region::new("eu-west-1")));
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, "a token").unwrap();
        let web_identity = WebIdentityTokenCredentialsProvider::builder()
            .configure(&config)
            .static_configuration(StaticConfiguration {
                web_identity_token_file: token,
                role_arn: "arn:aws:iam::123456789012:role/deployer".to_owned(),
                session_name: "session".to_owned(),
            })
            .build();
        let asked = async {
            while clock.now() < UNIX_EPOCH + Duration::from_secs(5) {
                tokio::task::yield_now().await;
            }
            requests.host()
        };
        let (credentials, host) =
            futures::future::join(web_identity.provide_credentials(), asked).await;
        credentials.expect_err("no answer");
        assert_eq!(host.as_deref(), Some("sts.eu-west-1.amazonaws.com"));
        assert_eq!(requests.host(), None);
        // Three attempts and what lies between them.
        let took = clock.now().duration_since(UNIX_EPOCH).unwrap();
        let minute = Duration::from_secs(45)..Duration::from_secs(60);
        assert!(minute.contains(&took), "{took:?}");
    }

    #[test]
    fn a_malformed_region_is_rejected_before_any_request() {
        for good in [
            "eu-west-1",
            "us-gov-east-1",
            "ap-southeast-12",
            "eusc-de-east-1",
        ] {
            assert!(check_region(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "eu",
            "euwest1",
            "eu-west",
            "EU-WEST-1",
            "eu-west-1a",
            "eu west 1",
            "-1",
        ] {
            assert!(check_region(bad).is_err(), "{bad}");
        }
    }
}
