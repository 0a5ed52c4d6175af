//! The requests for credentials that have no response yet. The clients of STS and SSO behind a profile are the SDK's
//! own and take no interceptors, so these requests are noted by their HTTP client.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// The host of each such request.
#[derive(Clone, Debug, Default)]
pub struct CredentialRequests(Arc<Mutex<Vec<String>>>);

impl CredentialRequests {
    /// Such as `sts.eu-west-1.amazonaws.com`: where the oldest of them was sent.
    pub fn host(&self) -> Option<String> {
        self.hosts().first().cloned()
    }

    /// The same client, whose requests are noted here.
    pub fn noted(&self, client: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Noted {
            requests: self.clone(),
            inner: client,
        })
    }

    fn begin(&self, host: String) -> Request {
        self.hosts().push(host.clone());
        Request {
            requests: self.clone(),
            host,
        }
    }

    fn hosts(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends with the request, also where it is dropped halfway.
struct Request {
    requests: CredentialRequests,
    host: String,
}

impl Drop for Request {
    fn drop(&mut self) {
        let mut hosts = self.requests.hosts();
        if let Some(at) = hosts.iter().position(|host| *host == self.host) {
            hosts.remove(at);
        }
    }
}

#[derive(Debug)]
struct Noted<T> {
    requests: CredentialRequests,
    inner: T,
}

impl HttpClient for Noted<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Noted {
            requests: self.requests.clone(),
            inner: self.inner.http_connector(settings, components),
        })
    }
}

impl HttpConnector for Noted<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let noted = self.requests.begin(authority(request.uri()).to_owned());
        let response = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let _noted = noted;
            response.await
        })
    }
}

/// The host and the port of a URL.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}
