//! GetAccountSummary: what the account holds, and its quotas.

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::services::iam::check::{ATTACHED_LIMIT, INLINE_LIMIT, TRUST_LIMIT};

/// The default quota for the roles of an account.
pub(crate) const ROLES_LIMIT: usize = 1000;

pub(crate) fn get(cloud: &Cloud) -> Value {
    let state = cloud.store.read();
    let numbers = [
        ("AssumeRolePolicySizeQuota", TRUST_LIMIT),
        ("AttachedPoliciesPerRoleQuota", ATTACHED_LIMIT),
        ("Policies", state.iam.policies.len()),
        ("RolePolicySizeQuota", INLINE_LIMIT),
        ("Roles", state.iam.roles().count()),
        ("RolesQuota", ROLES_LIMIT),
        ("Users", 1),
    ];
    let entries = numbers.map(|(key, value)| json!({"key": key, "value": value}));
    json!({ "SummaryMap": { "entry": entries } })
}
