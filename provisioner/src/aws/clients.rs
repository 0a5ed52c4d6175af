//! The SDK clients, created once. Only `target` decides which cloud they use.

use aws_config::SdkConfig;
use aws_sdk_cloudwatchlogs::Client as LogsClient;
use aws_sdk_dynamodb::Client as DynamodbClient;
use aws_sdk_iam::Client as IamClient;
use aws_sdk_lambda::Client as LambdaClient;
use aws_sdk_sts::Client as StsClient;
use aws_smithy_runtime_api::client::interceptors::Intercept;

use super::call::read;
use super::credentials::Source;
use super::endpoints::Service;
use super::error::CloudError;
use super::interceptors::Interceptors;
use crate::artifact::BuildTarget;
use crate::engine::observed::Context;
use crate::stack::stage::Stage;

#[derive(Clone, Debug)]
pub struct Cloud {
    pub dynamodb: DynamodbClient,
    pub iam: IamClient,
    pub lambda: LambdaClient,
    pub logs: LogsClient,
    pub sts: StsClient,
    pub region: String,
    /// Where requests go, if not to AWS; shown before anything is changed.
    pub endpoints: Vec<String>,
    /// Where the credentials come from.
    pub credentials: Source,
    /// The platform that the cloud's functions run on.
    pub build_target: BuildTarget,
}

impl Cloud {
    /// With all clients on one configuration.
    pub fn new(
        config: &SdkConfig,
        region: String,
        endpoints: Vec<String>,
        build_target: BuildTarget,
        interceptors: &Interceptors,
    ) -> Cloud {
        Cloud::of(
            |_| config.clone(),
            region,
            endpoints,
            build_target,
            interceptors,
        )
    }

    /// With a configuration for each service.
    pub fn of(
        config: impl Fn(Service) -> SdkConfig,
        region: String,
        endpoints: Vec<String>,
        build_target: BuildTarget,
        interceptors: &Interceptors,
    ) -> Cloud {
        macro_rules! client {
            ($sdk:ident, $service:expr) => {{
                let config = $sdk::config::Builder::from(&config($service));
                let config = config
                    .interceptor(interceptors.limits.clone())
                    .interceptor(interceptors.in_flight.clone())
                    .interceptor(interceptors.log.clone())
                    .interceptor(interceptors.times.clone());
                $sdk::Client::from_conf(config.build())
            }};
        }
        Cloud {
            dynamodb: client!(aws_sdk_dynamodb, Service::Dynamodb),
            iam: client!(aws_sdk_iam, Service::Iam),
            lambda: client!(aws_sdk_lambda, Service::Lambda),
            logs: client!(aws_sdk_cloudwatchlogs, Service::Logs),
            sts: client!(aws_sdk_sts, Service::Sts),
            region,
            endpoints,
            credentials: Source::Other,
            build_target,
        }
    }

    /// The same clients, whose requests and responses this interceptor reads.
    pub fn intercepted(&self, interceptor: impl Intercept + Clone + 'static) -> Cloud {
        macro_rules! intercepted {
            ($client:ident, $of:expr) => {{
                let config = $of.config().to_builder();
                $client::from_conf(config.interceptor(interceptor.clone()).build())
            }};
        }
        Cloud {
            dynamodb: intercepted!(DynamodbClient, self.dynamodb),
            iam: intercepted!(IamClient, self.iam),
            lambda: intercepted!(LambdaClient, self.lambda),
            logs: intercepted!(LogsClient, self.logs),
            sts: intercepted!(StsClient, self.sts),
            region: self.region.clone(),
            endpoints: self.endpoints.clone(),
            credentials: self.credentials.clone(),
            build_target: self.build_target.clone(),
        }
    }

    /// Account and partition, from the identity of the credentials.
    pub async fn context(&self, stage: &Stage) -> Result<Context, CloudError> {
        let doing = "get the caller identity (sts:GetCallerIdentity)";
        let identity = read(doing, self.sts.get_caller_identity().send()).await?;
        let caller = identity.arn.unwrap_or_default();
        // arn:PARTITION:sts::ACCOUNT:assumed-role/…
        let partition = caller
            .split(':')
            .nth(1)
            .filter(|partition| !partition.is_empty());
        let partition = partition.ok_or_else(|| CloudError::incomplete(doing, "Arn"))?;
        let account = identity.account;
        let account = account.ok_or_else(|| CloudError::incomplete(doing, "Account"))?;
        Ok(Context {
            partition: partition.to_owned(),
            account,
            region: self.region.clone(),
            stage: stage.as_str().to_owned(),
            caller,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, UNIX_EPOCH};

    use aws_config::retry::RetryConfig;
    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;

    use super::Cloud;
    use crate::artifact::BuildTarget;
    use crate::aws::interceptors::Interceptors;
    use crate::aws::limits::limits;
    use crate::aws::silent::silent;
    use crate::engine::clock::{Clock as _, SdkClock, SharedClock, VirtualClock};

    #[tokio::test]
    async fn a_silent_attempt_ends_after_15_seconds_and_an_upload_after_60() {
        let clock = VirtualClock::starting_at(UNIX_EPOCH);
        let lambda = cloud(Arc::new(clock.clone())).lambda;
        let request = lambda.get_function().function_name("F");
        request.send().await.expect_err("no answer");
        let age = || clock.now().duration_since(UNIX_EPOCH).unwrap();
        assert_eq!(age(), Duration::from_secs(15));
        let request = lambda.create_function().function_name("F");
        request.send().await.expect_err("no answer");
        assert_eq!(age(), Duration::from_secs(15 + 60));
        let request = lambda.update_function_code().function_name("F");
        request.send().await.expect_err("no answer");
        assert_eq!(age(), Duration::from_secs(15 + 60 + 60));
    }

    /// Whose requests are sent once.
    fn cloud(clock: SharedClock) -> Cloud {
        let credentials = Credentials::from_keys("AKIA", "a secret", None);
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(silent())
            .time_source(SdkClock(clock.clone()))
            .sleep_impl(SdkClock(clock.clone()))
            .timeout_config(limits())
            .retry_config(RetryConfig::disabled())
            .build();
        Cloud::new(
            &config,
            "eu-west-1".to_owned(),
            Vec::new(),
            BuildTarget::this_machine(),
            &Interceptors::silent(clock),
        )
    }
}
