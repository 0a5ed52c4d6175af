//! Quotas of the account that a creation would exceed, as far as AWS tells cheaply.
//!
//! The number of tables is not checked: it takes `ListTables` page by page, and the limit is told by Service
//! Quotas alone; `DescribeLimits` is about provisioned capacity. Nor is concurrency: Lambda always leaves 100
//! executions (10 in new accounts) unreserved, and the function reserves none.

use aws_sdk_iam::types::SummaryKeyType;

use super::quota::{CodeStorage, Roles};
use super::subject::Preflight;
use crate::aws::call::read;
use crate::aws::clients::Cloud;
use crate::aws::error::CloudError;
use crate::engine::plan::{Action, Plan};
use crate::error::Error;
use crate::resources::{release, role};

impl Preflight<'_> {
    /// Fails if the code of a new version does not fit into Lambda's storage.
    pub(super) async fn room_for_code(&self, plan: &Plan) -> Result<(), Error> {
        let Some(artifact) = self.inputs.artifact.filter(|_| publishes(plan)) else {
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

    /// Fails if the account has as many roles as it may have.
    pub(super) async fn room_for_role(&self, plan: &Plan) -> Result<(), Error> {
        if !action_of(plan, role::KIND).any(|action| matches!(action, Action::Create(_))) {
            return Ok(());
        }
        let exceeded = match roles(self.cloud).await {
            Ok(roles) => roles.and_then(|roles| roles.exceeded()),
            Err(error) => {
                self.warn("whether the account has room for a role", error);
                None
            }
        };
        exceeded.map_or(Ok(()), Err)
    }
}

/// Whether the plan publishes a version, which Lambda stores with its own copy of the code.
fn publishes(plan: &Plan) -> bool {
    let mut actions = action_of(plan, release::KIND);
    actions.any(|action| matches!(action, Action::Create(_) | Action::Update(_)))
}

fn action_of<'a>(plan: &'a Plan, kind: &'static str) -> impl Iterator<Item = &'a Action> {
    let changes = plan
        .changes
        .iter()
        .filter(move |change| change.id.kind == kind);
    changes.map(|change| &change.action)
}

/// Reads the code storage of Lambda. `None` if the endpoint leaves a number out.
async fn code_storage(cloud: &Cloud, needed: u64) -> Result<Option<CodeStorage>, CloudError> {
    let request = cloud.lambda.get_account_settings();
    let settings = read("read Lambda's quotas", request.send()).await?;
    let limit = settings.account_limit.map(|limit| limit.total_code_size);
    let used = settings.account_usage.map(|usage| usage.total_code_size);
    let bytes = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    // The SDK has 0 for a limit that is left out.
    let limit = bytes(limit).filter(|limit| *limit > 0);
    Ok(bytes(used).zip(limit).map(|(used, limit)| CodeStorage {
        region: cloud.region.clone(),
        used,
        limit,
        needed,
    }))
}

/// Reads the number of roles. `None` if the endpoint leaves a number out.
async fn roles(cloud: &Cloud) -> Result<Option<Roles>, CloudError> {
    let request = cloud.iam.get_account_summary();
    let summary = read("read IAM's quotas", request.send()).await?;
    let number = |key| summary.summary_map().and_then(|map| map.get(&key)).copied();
    let roles = number(SummaryKeyType::Roles);
    Ok(roles
        .zip(number(SummaryKeyType::RolesQuota))
        .map(|(used, limit)| Roles { used, limit }))
}
