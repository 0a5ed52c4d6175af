//! SDK clients for AWS: credentials, region and endpoints come from aws-config's default chain.

use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::clients::{ATTEMPT_LIMIT, Cloud};
use crate::artifact::{Arch, BuildTarget};
use crate::engine::clock::{SdkClock, SharedClock};
use crate::error::Error;

#[derive(Clone, Debug, Default)]
pub struct Options {
    pub region: Option<String>,
    pub profile: Option<String>,
    pub endpoint_url: Option<String>,
}

pub async fn connect(options: &Options, arch: Arch, clock: &SharedClock) -> Result<Cloud, Error> {
    let Options {
        region,
        profile,
        endpoint_url,
    } = options;
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .app_name(AppName::new("provision").expect("a valid name"))
        .http_client(http_client())
        .time_source(SdkClock(clock.clone()))
        .sleep_impl(SdkClock(clock.clone()))
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT_LIMIT)
                .build(),
        );
    if let Some(region) = region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint_url) = endpoint_url {
        loader = loader.endpoint_url(endpoint_url);
    }
    let config = loader.load().await;
    let region = config
        .region()
        .map(|region| region.as_ref().to_owned())
        .ok_or_else(|| {
            Error::usage("no region is set").hint(
                "choose one: `… --region eu-west-1`, AWS_REGION, or the profile; \
                 or use the local cloud instead: `provision up --local`",
            )
        })?;
    check_region(&region)?;
    let mut endpoints: Vec<String> = config
        .endpoint_url()
        .map(str::to_owned)
        .into_iter()
        .collect();
    endpoints.extend(service_endpoints());
    Ok(Cloud::new(
        &config,
        region,
        endpoints,
        BuildTarget::lambda(arch),
    ))
}

/// An HTTP client with rustls on ring, the system's root certificates, and the proxies of the environment.
/// The SDK's default is aws-lc, whose first handshake costs 422 M instructions; that of ring costs 3.4 M.
fn http_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build()
    })
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

/// The variables like `AWS_ENDPOINT_URL_DYNAMODB` that are set: each sends one service to another
/// endpoint.
fn service_endpoints() -> impl Iterator<Item = String> {
    let services = ["DYNAMODB", "IAM", "LAMBDA", "CLOUDWATCH_LOGS", "STS"];
    services.into_iter().filter_map(|service| {
        let name = format!("AWS_ENDPOINT_URL_{service}");
        let url = std::env::var(&name).ok().filter(|url| !url.is_empty())?;
        Some(format!("{name}={url}"))
    })
}

#[cfg(test)]
mod tests {
    use super::check_region;

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
