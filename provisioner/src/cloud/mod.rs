//! The SDK clients, made once. Where they point is chosen here and asked nowhere else.

pub mod aws;
pub mod error;
#[cfg(feature = "local")]
pub mod local;
#[cfg(not(feature = "local"))]
#[path = "local_off.rs"]
pub mod local;
pub mod retry;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudwatchlogs::Client as LogsClient;
use aws_sdk_dynamodb::Client as DynamodbClient;
use aws_sdk_iam::Client as IamClient;
use aws_sdk_lambda::Client as LambdaClient;
use aws_sdk_sts::Client as StsClient;

use crate::artifact::{Arch, Runs};
use crate::clock::SharedClock;
use crate::error::Error;
use crate::resource::Context;
use crate::stack::Stage;
use crate::wait::Wait;

/// The SDK sets no limit of its own to one attempt; an upload of 50 MB fits.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Cloud {
    pub dynamodb: DynamodbClient,
    pub iam: IamClient,
    pub lambda: LambdaClient,
    pub logs: LogsClient,
    pub sts: StsClient,
    pub region: String,
    /// Endpoint overrides, told before anything is changed.
    pub endpoints: Vec<String>,
    /// What the cloud's functions run on.
    pub runs: Runs,
    /// Keeps an in-process cloud going.
    pub guard: local::Guard,
}

/// Which cloud is meant, as the flags say.
#[derive(Clone, Debug)]
pub enum Target {
    Aws(aws::Options),
    Local(local::Options),
}

/// How slow and unsteady the local cloud is.
#[derive(Clone, Copy, Debug)]
pub enum Weather {
    Calm,
    Aws { seed: u64 },
    Storm { seed: u64 },
}

/// `arch` is what the stack declares for Lambda; another cloud may run something else.
pub async fn connect(
    target: &Target,
    arch: Arch,
    clock: &SharedClock,
    wait: &Wait<'_>,
) -> Result<Cloud, Error> {
    match target {
        Target::Aws(options) => aws::connect(options, arch, clock).await,
        Target::Local(options) => local::connect(options, clock, wait).await,
    }
}

impl Cloud {
    fn new(
        config: &SdkConfig,
        region: String,
        endpoints: Vec<String>,
        runs: Runs,
        guard: local::Guard,
    ) -> Cloud {
        Cloud {
            dynamodb: DynamodbClient::new(config),
            iam: IamClient::new(config),
            lambda: LambdaClient::new(config),
            logs: LogsClient::new(config),
            sts: StsClient::new(config),
            region,
            endpoints,
            runs,
            guard,
        }
    }

    /// Account and partition, from whoever the credentials belong to.
    pub async fn context(&self, stage: &Stage) -> Result<Context, error::CloudError> {
        let doing = "ask who the credentials belong to";
        let answer = self.sts.get_caller_identity().send().await;
        let identity = answer.map_err(error::CloudError::of(doing))?;
        let caller = identity.arn.unwrap_or_default();
        // arn:PARTITION:sts::ACCOUNT:assumed-role/…
        let partition = caller
            .split(':')
            .nth(1)
            .filter(|partition| !partition.is_empty());
        let partition = partition.ok_or_else(|| error::CloudError::incomplete(doing, "Arn"))?;
        let account = identity.account;
        let account = account.ok_or_else(|| error::CloudError::incomplete(doing, "Account"))?;
        Ok(Context {
            partition: partition.to_owned(),
            account,
            region: self.region.clone(),
            stage: stage.as_str().to_owned(),
            caller,
        })
    }
}
