//! A cloud in a folder of its own, clients for it, and zips to run.

use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_smithy_types::Blob;
use aws_smithy_types::retry::RetryConfig;
use local_cloud::{Clock, FaultProfile, LocalCloud, Settings, SystemClock};
use serde_json::{Value, json};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

pub const REGION: &str = "eu-west-1";
pub const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
pub const ROLE: &str = "arn:aws:iam::123456789012:role/R";

pub struct World {
    pub cloud: LocalCloud,
    pub folder: TempDir,
    pub owner: Clients,
}

/// A client for each service, for one caller.
#[derive(Clone)]
pub struct Clients {
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub iam: aws_sdk_iam::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub sts: aws_sdk_sts::Client,
}

pub async fn start(folder: &Path, clock: Arc<dyn Clock>) -> LocalCloud {
    start_in(folder, clock, FaultProfile::calm()).await
}

async fn start_in(folder: &Path, clock: Arc<dyn Clock>, profile: FaultProfile) -> LocalCloud {
    let settings = Settings {
        state_dir: folder.to_owned(),
        port: 0,
        clock,
        faults: profile,
    };
    LocalCloud::start(settings).await.expect("the cloud starts")
}

impl World {
    pub async fn new() -> World {
        World::at(Arc::new(SystemClock)).await
    }

    pub async fn at(clock: Arc<dyn Clock>) -> World {
        World::with_faults(clock, FaultProfile::calm()).await
    }

    pub async fn with_faults(clock: Arc<dyn Clock>, profile: FaultProfile) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let cloud = start_in(folder.path(), clock, profile).await;
        let owner = clients(&cloud.endpoint_url(), cloud.owner());
        World {
            cloud,
            folder,
            owner,
        }
    }

    /// Stops the cloud and starts it again on the same folder.
    pub async fn restart(self) -> World {
        let World { cloud, folder, .. } = self;
        cloud.stop().await;
        let cloud = start(folder.path(), Arc::new(SystemClock)).await;
        let owner = clients(&cloud.endpoint_url(), cloud.owner());
        World {
            cloud,
            folder,
            owner,
        }
    }

    /// Clients of a caller that has just these statements.
    pub fn holding(&self, statements: Value) -> Clients {
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        clients(
            &self.cloud.endpoint_url(),
            &self.cloud.issue(&policy, "tester"),
        )
    }

    pub async fn role(&self) {
        let role = self
            .owner
            .iam
            .create_role()
            .role_name("R")
            .assume_role_policy_document(TRUST);
        role.send().await.expect("a role");
    }

    pub async fn policy(&self, statements: Value) {
        let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let put = self
            .owner
            .iam
            .put_role_policy()
            .role_name("R")
            .policy_name("P");
        put.policy_document(document)
            .send()
            .await
            .expect("a policy");
    }

    pub async fn table(&self, name: &str) {
        rides(&self.owner, name).send().await.expect("a table");
    }

    /// A function `f` on role `R` that runs the test's bootstrap.
    pub async fn function(&self) {
        self.role().await;
        create(&self.owner, zip(bootstrap()))
            .send()
            .await
            .expect("a function");
    }

    pub async fn invoke(&self, event: Value) -> Invoked {
        invoke(&self.owner, "f", event).await
    }
}

pub struct Invoked {
    pub answer: Value,
    pub error: Option<String>,
    pub log: String,
    pub version: String,
}

pub async fn invoke(clients: &Clients, name: &str, event: Value) -> Invoked {
    let invoke = clients
        .lambda
        .invoke()
        .function_name(name)
        .payload(Blob::new(event.to_string()));
    let output = invoke
        .log_type("Tail".into())
        .send()
        .await
        .expect("an answer");
    let payload = output.payload.unwrap_or_else(|| Blob::new("null"));
    let log = aws_smithy_types::base64::decode(output.log_result.unwrap_or_default());
    Invoked {
        answer: serde_json::from_slice(payload.as_ref()).expect("JSON"),
        error: output.function_error,
        log: String::from_utf8(log.expect("base64")).expect("text"),
        version: output.executed_version.unwrap_or_default(),
    }
}

pub fn rides(
    clients: &Clients,
    name: &str,
) -> aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    let attribute = AttributeDefinition::builder()
        .attribute_name("RideId")
        .attribute_type(ScalarAttributeType::S)
        .build()
        .expect("an attribute");
    let key = KeySchemaElement::builder()
        .attribute_name("RideId")
        .key_type(KeyType::Hash)
        .build()
        .expect("a key");
    clients
        .dynamodb
        .create_table()
        .table_name(name)
        .attribute_definitions(attribute)
        .key_schema(key)
        .billing_mode(BillingMode::PayPerRequest)
}

pub fn create(
    clients: &Clients,
    zip: Vec<u8>,
) -> aws_sdk_lambda::operation::create_function::builders::CreateFunctionFluentBuilder {
    let code = aws_sdk_lambda::types::FunctionCode::builder()
        .zip_file(Blob::new(zip))
        .build();
    clients
        .lambda
        .create_function()
        .function_name("f")
        .role(ROLE)
        .runtime("provided.al2023".into())
        .handler("bootstrap")
        .timeout(3)
        .code(code)
}

pub fn clients(url: &str, keys: &local_cloud::Credentials) -> Clients {
    let (id, secret) = (keys.access_key_id.clone(), keys.secret_access_key.clone());
    with_keys(
        url,
        Credentials::new(id, secret, keys.session_token.clone(), None, "test"),
    )
}

pub fn with_keys(url: &str, keys: Credentials) -> Clients {
    /// Each service has a configuration type of its own.
    macro_rules! client {
        ($sdk:ident) => {
            $sdk::Client::from_conf(
                $sdk::Config::builder()
                    .behavior_version($sdk::config::BehaviorVersion::latest())
                    .region($sdk::config::Region::new(REGION))
                    .endpoint_url(url)
                    .credentials_provider(keys.clone())
                    .retry_config(RetryConfig::disabled())
                    .http_client(aws_smithy_http_client::Builder::new().build_http())
                    .build(),
            )
        };
    }
    Clients {
        dynamodb: client!(aws_sdk_dynamodb),
        iam: client!(aws_sdk_iam),
        lambda: client!(aws_sdk_lambda),
        logs: client!(aws_sdk_cloudwatchlogs),
        sts: client!(aws_sdk_sts),
    }
}

/// Code and text of an error; empty after success.
pub fn told<T, E, R>(
    result: Result<T, aws_smithy_runtime_api::client::result::SdkError<E, R>>,
) -> String
where
    E: ProvideErrorMetadata,
{
    match result {
        Ok(_) => String::new(),
        Err(error) => match error.as_service_error() {
            Some(error) => format!(
                "{}: {}",
                error.code().unwrap_or_default(),
                error.message().unwrap_or_default()
            ),
            None => "no answer".to_owned(),
        },
    }
}

/// A zip that holds one executable `bootstrap`.
pub fn zip(bootstrap: &[u8]) -> Vec<u8> {
    zip_of(&[("bootstrap", bootstrap, 0o755)])
}

pub fn zip_of(files: &[(&str, &[u8], u32)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, mode) in files {
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .compression_level(Some(1))
            .system(zip::System::Unix)
            .unix_permissions(*mode);
        zip.start_file(*name, options).expect("a file");
        zip.write_all(content).expect("its content");
    }
    zip.finish().expect("a zip").into_inner()
}

pub fn bootstrap() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES
        .get_or_init(|| std::fs::read(env!("CARGO_BIN_EXE_test-bootstrap")).expect("the bootstrap"))
}

/// A clock that a test moves.
pub struct Hands(AtomicU64);

impl Hands {
    pub fn new() -> Arc<Hands> {
        Arc::new(Hands(AtomicU64::new(0)))
    }

    pub fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).expect("a time that fits");
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> SystemTime {
        SystemTime::now() + Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}
