//! The local cloud as a program, for example for the `aws` CLI:
//! `cargo run -p local-cloud -- DIR PORT`, then run the `export` lines that it prints.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use local_cloud::{FaultProfile, LocalCloud, Settings, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let state_dir = arguments
        .next()
        .unwrap_or_else(|| ".provision/local".to_owned())
        .into();
    let port = arguments
        .next()
        .and_then(|port| port.parse().ok())
        .unwrap_or(0);
    let settings = Settings {
        state_dir,
        port,
        clock: Arc::new(SystemClock),
        faults: FaultProfile::calm(),
    };
    let cloud = match LocalCloud::start(settings).await {
        Ok(cloud) => cloud,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}\nhint: {}", error.hint());
            return ExitCode::FAILURE;
        }
    };
    let (url, owner) = (cloud.endpoint_url(), cloud.owner());
    let lines = format!(
        "export AWS_ENDPOINT_URL={url}\nexport AWS_ACCESS_KEY_ID={}\n\
         export AWS_SECRET_ACCESS_KEY={}\nexport AWS_DEFAULT_REGION=eu-west-1\n",
        owner.access_key_id, owner.secret_access_key
    );
    let _ = std::io::stdout().write_all(lines.as_bytes());
    std::future::pending().await
}
