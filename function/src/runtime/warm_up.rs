//! Opens the connection to DynamoDB while initialising, when Lambda gives a full core and no rider
//! waits.

use super::connection::Connection;
use super::settings::Settings;
use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use std::time::Duration;

/// What a cold start may lose at most where DynamoDB can't be reached.
const LIMIT: Duration = Duration::from_secs(2);

/// One unsigned `GET /ping`, as load balancers send it: it needs no permission and leaves no
/// denied call in anyone's audit trail. What comes of it doesn't matter; a ride that finds no open
/// connection opens one.
#[expect(
    clippy::disallowed_methods,
    reason = "in Lambda there is no other clock than the real one"
)]
pub async fn open(connection: &Connection, settings: &Settings) {
    let _ = tokio::time::timeout(LIMIT, ping(connection, settings)).await;
}

/// None where it failed.
async fn ping(connection: &Connection, settings: &Settings) -> Option<()> {
    // By the same rules as the client's, so that it is the same host, in every partition.
    let place = Params::builder()
        .region(&settings.region)
        .set_endpoint(settings.endpoint_url.clone())
        .build()
        .ok()?;
    let endpoint = DefaultResolver::new().resolve_endpoint(&place).await.ok()?;
    let url = format!("{}/ping", endpoint.url().trim_end_matches('/'));
    let response = connection.call(HttpRequest::get(url).ok()?).await.ok()?;
    // Only an answer read to its end gives the connection back to the pool.
    ByteStream::new(response.into_body()).collect().await.ok()?;
    Some(())
}
