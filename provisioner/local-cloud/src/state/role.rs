//! The record of a role.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::account::ACCOUNT;
use crate::clock::Millis;
use crate::state::lagging::{Lagging, Stale};
use crate::state::oidc_provider::OidcProvider;
use crate::state::policy::Policy;
use crate::state::unseen::Unseen;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Iam {
    /// By name in lower case: role names are unique case-insensitively.
    roles: BTreeMap<String, Role>,
    /// Customer-managed policies, by ARN.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) policies: BTreeMap<String, Policy>,
    /// By URL, without its scheme.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) oidc_providers: BTreeMap<String, OidcProvider>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) path: String,
    /// `AROA…`. A role that is recreated under its name has another id.
    pub(crate) id: String,
    pub(crate) created: Millis,
    /// When the role can be assumed, if its trust policy allows it.
    pub(crate) assumable_at: Millis,
    #[serde(default, skip_serializing_if = "Unseen::is_empty")]
    pub(crate) unseen: Unseen,
    /// From when GetRole shows the ARN, and not the id in its place.
    #[serde(default)]
    pub(crate) arn_shown_at: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    pub(crate) max_session_seconds: i64,
    pub(crate) trust: Lagging<String>,
    /// Documents by policy name, as they were sent.
    pub(crate) inline: Lagging<BTreeMap<String, String>>,
    /// ARNs of managed policies, in the order they were attached.
    pub(crate) attached: Lagging<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) boundary: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Stale::is_empty")]
    pub(crate) stale_tags: Stale<Vec<(String, String)>>,
}

impl Iam {
    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        self.roles.get(&name.to_lowercase())
    }

    pub(crate) fn role_mut(&mut self, name: &str) -> Option<&mut Role> {
        self.roles.get_mut(&name.to_lowercase())
    }

    pub(crate) fn role_by_arn(&self, arn: &str) -> Option<&Role> {
        let name = arn.rsplit('/').next()?;
        self.role(name).filter(|role| role.arn() == arn)
    }

    pub(crate) fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    pub(crate) fn insert(&mut self, role: Role) {
        self.roles.insert(role.name.to_lowercase(), role);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.roles.remove(&name.to_lowercase());
    }
}

impl Role {
    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT}:role{}{}", self.path, self.name)
    }
}
