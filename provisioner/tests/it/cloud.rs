//! `provision cloud` in a process of its own, and SDK clients that bypass the provisioner: somebody
//! else's hands.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use serde_json::Value;

use crate::world::World;

pub struct CloudProcess {
    child: Child,
    pub url: String,
    pub access_key_id: String,
    pub secret_access_key: String,
}

impl World {
    /// All further commands of this world use it.
    pub fn cloud(&self) -> CloudProcess {
        let path = self.path().join(".provision/local/endpoint.json");
        // Of one that was killed.
        let _ = std::fs::remove_file(&path);
        let mut command: Command = self.command(&["cloud"]);
        let child = command
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("a cloud");
        let started = Instant::now();
        let endpoint: Value = loop {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            if let Ok(endpoint) = serde_json::from_str(&text) {
                break endpoint;
            }
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "the cloud doesn't start"
            );
            std::thread::yield_now();
        };
        let text = |key: &str| endpoint[key].as_str().expect("a text").to_owned();
        CloudProcess {
            child,
            url: text("url"),
            access_key_id: text("access_key_id"),
            secret_access_key: text("secret_access_key"),
        }
    }
}

impl CloudProcess {
    pub fn config(&self) -> SdkConfig {
        config(&self.url, &self.access_key_id, &self.secret_access_key)
    }

    /// Id and secret of its owner.
    pub fn keys(&self) -> (&str, &str) {
        (&self.access_key_id, &self.secret_access_key)
    }

    pub fn kill(&mut self) {
        self.child.kill().expect("a process of ours");
        self.child.wait().expect("a process of ours");
    }
}

/// Of a client with these keys.
pub fn config(url: &str, access_key_id: &str, secret_access_key: &str) -> SdkConfig {
    let credentials = Credentials::from_keys(access_key_id, secret_access_key, None);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

impl Drop for CloudProcess {
    fn drop(&mut self) {
        // Ended already, where the test killed it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
