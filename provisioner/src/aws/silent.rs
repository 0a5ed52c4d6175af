//! An HTTP client whose requests are never answered, for tests.

use std::future::pending;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::byte_stream::ByteStream;

pub fn silent() -> SharedHttpClient {
    SharedHttpClient::new(Silent)
}

#[derive(Debug)]
struct Silent;

impl HttpClient for Silent {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Silent)
    }
}

impl HttpConnector for Silent {
    /// Takes the whole request: the SDK gives up an upload of which nothing is read for 5 s.
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let body = ByteStream::new(request.take_body());
        HttpConnectorFuture::new(async move {
            let _ = body.collect().await;
            pending().await
        })
    }
}
