//! The cloud alone, for trying it with the `aws` CLI: `cargo run -p local-cloud --example serve -- DIR PORT`.

use std::io::Write as _;
use std::sync::Arc;

use local_cloud::{LocalCloud, Settings, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() {
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
    };
    let cloud = match LocalCloud::start(settings).await {
        Ok(cloud) => cloud,
        Err(error) => {
            eprintln!("{error}\nhint: {}", error.hint());
            std::process::exit(1);
        }
    };
    let owner = cloud.owner();
    println!("export AWS_ENDPOINT_URL={}", cloud.endpoint_url());
    println!("export AWS_ACCESS_KEY_ID={}", owner.access_key_id);
    println!("export AWS_SECRET_ACCESS_KEY={}", owner.secret_access_key);
    println!("export AWS_DEFAULT_REGION=eu-west-1");
    let _ = std::io::stdout().flush();
    std::future::pending::<()>().await;
}
