//! How long a request may take.

use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::timeout::TimeoutConfig;

use super::operation::Operation;

/// How long a connection may take. The farthest region answers in half a second.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How long one attempt may take, which the SDK does not limit by default. AWS answers within a few seconds,
/// and three silent attempts are over in less than a minute.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(15);

/// An upload of 50 MB takes less.
const UPLOAD_LIMIT: Duration = Duration::from_secs(60);

/// The operations that upload a zip.
const UPLOADS: [&str; 2] = ["CreateFunction", "UpdateFunctionCode"];

/// The limits of every request, but for those of `Limits`.
pub fn limits() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_LIMIT)
        .operation_attempt_timeout(ATTEMPT_LIMIT)
        .build()
}

/// Gives uploads more time. Where there are no limits, it sets none.
#[derive(Clone, Debug)]
pub struct Limits;

impl Intercept for Limits {
    fn name(&self) -> &'static str {
        "Limits"
    }

    fn modify_before_retry_loop(
        &self,
        _context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if !UPLOADS.contains(&&*Operation::of(config).name) {
            return Ok(());
        }
        let limits = config.load::<TimeoutConfig>();
        if let Some(limits) = limits.filter(|limits| limits.operation_attempt_timeout().is_some()) {
            let mut limits = limits.to_builder();
            limits.set_operation_attempt_timeout(Some(UPLOAD_LIMIT));
            let limits = limits.build();
            config.interceptor_state().store_put(limits);
        }
        Ok(())
    }
}
