//! `provision cloud` in a process of its own, and SDK clients that bypass the provisioner: somebody
//! else's hands.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use serde_json::Value;

use crate::world::World;

pub struct CloudProcess {
    child: Child,
    /// What it prints beside its address stays unread; without a reader it would fail.
    _stdout: BufReader<ChildStdout>,
    pub url: String,
    pub access_key_id: String,
    pub secret_access_key: String,
}

impl World {
    /// Starts a local cloud that all further commands of this world use.
    pub fn cloud(&self) -> CloudProcess {
        self.cloud_with(&[])
    }

    /// With further flags, such as a fault profile.
    pub fn cloud_with(&self, flags: &[&str]) -> CloudProcess {
        let path = self.path().join(".provision/local/endpoint.json");
        // Of one that was killed.
        let _ = std::fs::remove_file(&path);
        let log = self.path().join("cloud.log");
        let mut command = self.command(&[&["cloud"], flags].concat());
        let child = command
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a file in the world"))
            .spawn();
        let mut child = child.expect("a cloud");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        // The endpoint's file is written before the first line, which never comes if it can't start.
        let mut address = String::new();
        stdout.read_line(&mut address).expect("text");
        let log = || std::fs::read_to_string(&log).unwrap_or_default();
        assert!(
            !address.is_empty(),
            "the local cloud doesn't start:\n{}",
            log()
        );
        let endpoint = std::fs::read_to_string(&path).expect("the cloud's endpoint");
        let endpoint: Value = serde_json::from_str(&endpoint).expect("JSON");
        let text = |key: &str| endpoint[key].as_str().expect("a text").to_owned();
        CloudProcess {
            child,
            _stdout: stdout,
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

/// Runs an async function on the cloud in a test that is none.
pub fn by_hand<T>(cloud: &CloudProcess, act: impl AsyncFnOnce(SdkConfig) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(act(cloud.config()))
}

/// The names of all tables, roles, functions and log groups in the account.
pub async fn all_names(config: SdkConfig) -> Vec<String> {
    let tables = aws_sdk_dynamodb::Client::new(&config);
    let tables = tables.list_tables().send().await.expect("a list");
    let roles = aws_sdk_iam::Client::new(&config);
    let roles = roles.list_roles().send().await.expect("a list").roles;
    let functions = aws_sdk_lambda::Client::new(&config);
    let functions = functions.list_functions().send().await.expect("a list");
    let groups = aws_sdk_cloudwatchlogs::Client::new(&config);
    let groups = groups.describe_log_groups().send().await.expect("a list");
    let functions = functions.functions.unwrap_or_default().into_iter();
    let groups = groups.log_groups.unwrap_or_default().into_iter();
    let mut names = tables.table_names.unwrap_or_default();
    names.extend(roles.into_iter().map(|role| role.role_name));
    names.extend(functions.filter_map(|function| function.function_name));
    names.extend(groups.filter_map(|group| group.log_group_name));
    names
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
