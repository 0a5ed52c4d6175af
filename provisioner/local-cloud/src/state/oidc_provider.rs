//! The record of an OpenID Connect identity provider.

use serde::{Deserialize, Serialize};

use crate::account::ACCOUNT;
use crate::clock::Millis;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OidcProvider {
    /// Without `https://`: `token.actions.githubusercontent.com`.
    pub(crate) url: String,
    /// The audiences of the tokens that it accepts.
    pub(crate) client_ids: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) thumbprints: Vec<String>,
    pub(crate) created: Millis,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<(String, String)>,
}

impl OidcProvider {
    pub(crate) fn arn(&self) -> String {
        arn(&self.url)
    }
}

/// The ARN of the provider with that URL.
pub(crate) fn arn(url: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{url}")
}
