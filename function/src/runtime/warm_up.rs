//! Opens the connection to DynamoDB while initialising, when Lambda gives a full core and no rider
//! waits.

use super::connection::Connection;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use std::time::Duration;

/// What a cold start may lose at most where DynamoDB can't be reached.
const LIMIT: Duration = Duration::from_millis(500);

/// One unsigned `GET /ping`, as load balancers send it: it needs no permission and leaves no
/// denied call in anyone's audit trail. What comes of it doesn't matter; a ride that finds no open
/// connection opens one.
pub async fn open(connection: &Connection, endpoint: &str) {
    let Ok(request) = HttpRequest::get(format!("{}/ping", endpoint.trim_end_matches('/'))) else {
        return;
    };
    let ping = async {
        if let Ok(response) = connection.connector.call(request).await {
            // Only an answer read to its end gives the connection back to the pool.
            let _ = ByteStream::new(response.into_body()).collect().await;
        }
    };
    let _ = tokio::time::timeout(LIMIT, ping).await;
}
