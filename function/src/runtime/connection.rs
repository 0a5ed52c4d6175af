//! The one pool of connections, which the warm-up opens and the SDK uses.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use std::path::Path;
use std::time::Duration;

/// The roots that Amazon's services are certified by (amazontrust.com): four of Amazon's own and
/// Starfield's, which signs them for old clients. Reading a system's bundle costs milliseconds.
const AMAZON_ROOTS: &[u8] = include_bytes!("../../amazon-roots.pem");

/// DynamoDB is in the same region: whoever takes longer than this isn't there.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);

/// A cheap handle; clones share the pool.
#[derive(Clone)]
pub struct Connection {
    pub connector: SharedHttpConnector,
}

impl Connection {
    pub fn new(extra_ca: Option<&Path>) -> Result<Connection, String> {
        let mut roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
        if let Some(path) = extra_ca {
            let pem = std::fs::read(path)
                .map_err(|error| format!("read the CA in `{}`: {error}", path.display()))?;
            roots.add_pem_certificate(pem);
        }
        let tls = TlsContext::builder().with_trust_store(roots).build();
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_LIMIT)
            .build();
        let connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.map_err(|error| error.to_string())?)
            .connector_settings(settings)
            .build();
        Ok(Connection {
            connector: SharedHttpConnector::new(connector),
        })
    }

    /// For the SDK. Its own client builder would make the connector twice, once only to check it.
    pub fn http_client(&self) -> SharedHttpClient {
        let connector = self.connector.clone();
        http_client_fn(move |_, _| connector.clone())
    }
}
