//! Does before the first event what the first ride would otherwise have to do: while a function
//! initializes, Lambda gives it a full core and no rider waits.

use super::connection::Connection;
use super::settings::Settings;
use aws_runtime::user_agent::{AwsUserAgent, BusinessMetric};
use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use std::time::Duration;

/// The most that a cold start may lose where DynamoDB cannot be reached.
const LIMIT: Duration = Duration::from_secs(2);

/// Prepares the SDK and opens the connection to DynamoDB. A failure is ignored: a ride that finds
/// no open connection opens one.
pub async fn run(connection: &Connection, settings: &Settings) {
    build_user_agent_table();
    open(connection, settings).await;
}

/// Makes the SDK build its table of user-agent metrics, which it would otherwise do in its first
/// call: 0.08 M instructions of that ride.
fn build_user_agent_table() {
    // The text is not used; that of `for_tests` is created without reading the environment.
    let agent = AwsUserAgent::for_tests().with_business_metric(BusinessMetric::RetryModeStandard);
    drop(agent.aws_ua_header());
}

/// One unsigned `GET /ping`, as load balancers send it: it needs no permission and leaves no denied
/// call in an audit trail.
#[expect(
    clippy::disallowed_methods,
    reason = "in Lambda there is no clock but the real one"
)]
async fn open(connection: &Connection, settings: &Settings) {
    let _ = tokio::time::timeout(LIMIT, ping(connection, settings)).await;
}

/// None if it failed.
async fn ping(connection: &Connection, settings: &Settings) -> Option<()> {
    // By the same rules as the client's, so that it is the same host in every partition.
    let parameters = Params::builder()
        .region(&settings.region)
        .set_endpoint(settings.endpoint_url.clone())
        .build()
        .ok()?;
    let endpoint = DefaultResolver::new()
        .resolve_endpoint(&parameters)
        .await
        .ok()?;
    let url = format!("{}/ping", endpoint.url().trim_end_matches('/'));
    let response = connection.call(HttpRequest::get(url).ok()?).await.ok()?;
    // A connection returns to the pool only after its response has been read to the end.
    ByteStream::new(response.into_body()).collect().await.ok()?;
    Some(())
}
