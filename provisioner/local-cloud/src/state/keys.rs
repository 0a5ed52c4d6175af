//! Access keys: the owner's, and temporary ones.
//!
//! The session token of temporary keys contains the session, sealed with an HMAC; the access key id
//! and the secret are derived from it. So no session is stored, and all stay valid across a restart.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::clock::Millis;
use crate::encode::{base64, base64_url, from_base64_url};
use crate::random;

/// Credentials that sign requests to this cloud.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    /// Only temporary credentials have one.
    pub session_token: Option<String>,
    /// When temporary credentials expire, in milliseconds since 1970.
    pub expires_at: Option<i64>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// The secrets of one cloud, generated once and stored in its state file.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Keys {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) user_id: String,
    seal: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// The principal behind temporary credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Session {
    /// A role that Lambda or AssumeRole has assumed.
    Role {
        role: String,
        role_id: String,
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        policy: Option<String>,
        issued: Millis,
        expires: Millis,
    },
    /// A federated user, who has one policy and nothing else.
    Federated {
        name: String,
        policy: Option<String>,
        issued: Millis,
        expires: Millis,
    },
}

impl Session {
    pub(crate) fn expires(&self) -> Millis {
        match self {
            Session::Role { expires, .. } | Session::Federated { expires, .. } => *expires,
        }
    }
}

impl Keys {
    pub(crate) fn generate() -> Keys {
        Keys {
            access_key_id: random::iam_id("AKIA")[..20].to_owned(),
            secret_access_key: random::secret(),
            user_id: random::iam_id("AIDA"),
            seal: random::secret(),
        }
    }

    pub(crate) fn owner(&self) -> Credentials {
        Credentials {
            access_key_id: self.access_key_id.clone(),
            secret_access_key: self.secret_access_key.clone(),
            session_token: None,
            expires_at: None,
        }
    }

    /// Credentials for a session.
    pub(crate) fn seal(&self, session: &Session) -> Credentials {
        // The nonce makes each credential unique, also for equal sessions.
        let payload =
            serde_json::json!({ "session": session, "nonce": random::uuid() }).to_string();
        let payload = base64_url(payload.as_bytes());
        let mac = base64_url(&self.derive("seal", &payload));
        let (access_key_id, secret_access_key) = self.keys_of(&payload);
        Credentials {
            access_key_id,
            secret_access_key,
            session_token: Some(format!("{payload}.{mac}")),
            expires_at: Some(session.expires()),
        }
    }

    /// The session in a token, with its credentials. `None` if the seal is not valid.
    pub(crate) fn open(&self, token: &str) -> Option<(Session, Credentials)> {
        let (payload, mac) = token.split_once('.')?;
        let mut expected = self.hmac("seal");
        expected.update(payload.as_bytes());
        expected.verify_slice(&from_base64_url(mac)?).ok()?;
        let value: serde_json::Value = serde_json::from_slice(&from_base64_url(payload)?).ok()?;
        let session: Session = serde_json::from_value(value.get("session")?.clone()).ok()?;
        let (access_key_id, secret_access_key) = self.keys_of(payload);
        let credentials = Credentials {
            access_key_id,
            secret_access_key,
            session_token: Some(token.to_owned()),
            expires_at: Some(session.expires()),
        };
        Some((session, credentials))
    }

    /// The seal on a download address, in place of a signature.
    pub(crate) fn seal_download(&self, what: &str, expires: Millis) -> String {
        crate::encode::hex(&self.derive("download", &format!("{what}:{expires}")))
    }

    fn keys_of(&self, payload: &str) -> (String, String) {
        let id: String = crate::encode::hex(&self.derive("id", payload)).to_ascii_uppercase();
        (
            format!("ASIA{}", &id[..16]),
            base64(&self.derive("secret", payload)[..30]),
        )
    }

    fn derive(&self, purpose: &str, payload: &str) -> [u8; 32] {
        let mut mac = self.hmac(purpose);
        mac.update(payload.as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn hmac(&self, purpose: &str) -> Hmac<Sha256> {
        let key = format!("{}:{purpose}", self.seal);
        Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length")
    }
}

#[cfg(test)]
mod tests {
    use super::{Keys, Session};

    fn session() -> Session {
        Session::Federated {
            name: "a".into(),
            policy: Some("{}".into()),
            issued: 1,
            expires: 2,
        }
    }

    #[test]
    fn a_token_opens_to_its_session_and_credentials() {
        let keys = Keys::generate();
        let credentials = keys.seal(&session());
        let token = credentials.session_token.clone().unwrap();
        assert_eq!(keys.open(&token), Some((session(), credentials.clone())));
        assert_ne!(
            keys.seal(&session()).access_key_id,
            credentials.access_key_id
        );
        assert_eq!(credentials.access_key_id.len(), 20);
    }

    #[test]
    fn a_token_of_another_cloud_or_a_changed_one_opens_to_nothing() {
        let keys = Keys::generate();
        let token = keys.seal(&session()).session_token.unwrap();
        assert_eq!(Keys::generate().open(&token), None);
        let (payload, mac) = token.split_once('.').unwrap();
        for bad in [
            "",
            ".",
            "a.b",
            payload,
            &format!("{payload}A.{mac}"),
            &format!("{payload}.A{mac}"),
        ] {
            assert_eq!(keys.open(bad), None, "{bad}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let keys = Keys::generate();
        assert!(!format!("{keys:?}{:?}", keys.owner()).contains(&keys.secret_access_key));
    }
}
