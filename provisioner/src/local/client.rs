//! SDK clients for a local cloud.

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::retry::RetryConfig;

use crate::artifact::BuildTarget;
use crate::aws::clients::Cloud;
use crate::aws::interceptors::Interceptors;
use crate::aws::limits::limits;
use crate::engine::clock::{SdkClock, SharedClock};

/// The SDK clients of a local cloud.
pub(super) fn clients(
    region: &str,
    url: &str,
    credentials: Credentials,
    clock: &SharedClock,
    interceptors: &Interceptors,
) -> Cloud {
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        // Plain HTTP on this machine: no certificates to load.
        .http_client(Builder::new().build_http())
        .retry_config(RetryConfig::standard())
        .time_source(SdkClock(clock.clone()))
        .sleep_impl(SdkClock(clock.clone()));
    config = if clock.is_real() {
        config.timeout_config(limits())
    } else {
        // Timeouts on a virtual clock would expire before real I/O completes.
        config
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
    };
    let config = config.build();
    let endpoints = vec![format!("{url} (the local cloud)")];
    Cloud::new(
        &config,
        region.to_owned(),
        endpoints,
        BuildTarget::this_machine(),
        interceptors,
    )
}
