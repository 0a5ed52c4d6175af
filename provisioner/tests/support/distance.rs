//! An HTTP client for a cloud that is far away: each call takes a while on a virtual clock, and is recorded.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use provisioner::engine::clock::{Clock as _, SdkClock, VirtualClock};

use crate::proxy::call_name;

#[derive(Clone, Debug)]
pub struct Distance<T> {
    inner: T,
    clock: VirtualClock,
    latency: Duration,
    /// Names, and sizes of the bodies.
    calls: Arc<Mutex<Vec<(String, usize)>>>,
}

impl Distance<SharedHttpClient> {
    pub fn new(clock: VirtualClock, latency: Duration) -> Distance<SharedHttpClient> {
        Distance {
            inner: aws_smithy_http_client::Builder::new().build_http(),
            clock,
            latency,
            calls: Arc::default(),
        }
    }

    /// This configuration for clients at that distance. Their time is that of its clock.
    pub fn config(&self, config: SdkConfig) -> SdkConfig {
        let clock = SdkClock(Arc::new(self.clock.clone()));
        config
            .into_builder()
            .http_client(self.clone())
            .time_source(clock.clone())
            .sleep_impl(clock)
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build()
    }

    /// The calls since the last time, in the order of their answers.
    pub fn take(&self) -> Vec<(String, usize)> {
        std::mem::take(&mut *self.calls.lock().expect("no panic"))
    }
}

impl<T> Distance<T> {
    fn around<U>(&self, inner: U) -> Distance<U> {
        Distance {
            inner,
            clock: self.clock.clone(),
            latency: self.latency,
            calls: Arc::clone(&self.calls),
        }
    }
}

impl HttpClient for Distance<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(self.around(inner))
    }
}

impl HttpConnector for Distance<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            let body = request.body().bytes().unwrap_or_default();
            let path = request.uri().split_once("://").map_or("", |(_, rest)| rest);
            let path = path.find('/').map_or("/", |at| &path[at..]);
            let target = request.headers().get("x-amz-target");
            let name = call_name(request.method(), path, target, body);
            let body = body.len();
            this.clock.sleep(this.latency).await;
            // The call itself and its answer's body are real I/O, which takes no virtual time.
            let hold = this.clock.hold();
            let mut answer = this.inner.call(request).await?;
            let bytes = ByteStream::new(answer.take_body()).collect().await;
            let bytes = bytes.map_err(|error| ConnectorError::io(error.into()))?;
            *answer.body_mut() = SdkBody::from(bytes.into_bytes());
            drop(hold);
            let call = (name.unwrap_or_default(), body);
            this.calls.lock().expect("no panic").push(call);
            Ok(answer)
        })
    }
}
