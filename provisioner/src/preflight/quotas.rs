//! Whether Lambda has room for the code of another version.
//!
//! It fills with the versions that pile up, so a stack that is updated is checked. A first `up` is not: each of
//! its calls counts, and what it has created when a quota stops it is where the next one continues. AWS tells
//! the other quotas of a stack not cheaply or not at all: the number of tables takes `ListTables` page by page,
//! and its limit Service Quotas; `DescribeLimits` is about provisioned capacity. Concurrency cannot run out:
//! Lambda always leaves some unreserved.

use super::quota::CodeStorage;
use super::subject::Preflight;
use crate::aws::call::read;
use crate::aws::clients::Cloud;
use crate::aws::error::CloudError;
use crate::engine::plan::{Action, Plan};
use crate::error::Error;
use crate::resources::release;

impl Preflight<'_> {
    /// Fails if the code of a new version does not fit into Lambda's storage.
    pub(super) async fn room_for_code(&self, plan: &Plan) -> Result<(), Error> {
        let artifact = self.inputs.artifact.filter(|_| publishes_again(plan));
        let Some(artifact) = artifact else {
            return Ok(());
        };
        let exceeded = match code_storage(self.cloud, artifact.size).await {
            Ok(storage) => storage.and_then(|storage| storage.exceeded()),
            Err(error) => {
                self.warn("whether Lambda has room for the code", error);
                None
            }
        };
        exceeded.map_or(Ok(()), Err)
    }
}

/// Whether the plan publishes another version, of which Lambda stores a copy of the code.
fn publishes_again(plan: &Plan) -> bool {
    let mut releases = plan
        .changes
        .iter()
        .filter(|change| change.id.kind == release::KIND);
    releases.any(|change| matches!(change.action, Action::Update(_)))
}

/// `None` if the endpoint leaves a number out.
async fn code_storage(cloud: &Cloud, needed: u64) -> Result<Option<CodeStorage>, CloudError> {
    let request = cloud.lambda.get_account_settings();
    let settings = read("read Lambda's quotas", request.send()).await?;
    let limit = settings.account_limit.map(|limit| limit.total_code_size);
    let used = settings.account_usage.map(|usage| usage.total_code_size);
    let bytes = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    // The SDK has 0 for a limit that is left out.
    let limit = bytes(limit).filter(|limit| *limit > 0);
    let storage = bytes(used).zip(limit);
    Ok(storage.map(|(used, limit)| CodeStorage {
        region: cloud.region.clone(),
        used,
        limit,
        needed,
    }))
}
