//! The HTTP client, whose connection the warm-up opens and the SDK uses. It consists of hyper and
//! rustls like the SDK's own client, but has no second connector, parses no PEM texts at each start
//! and does not panic at a bad one.

use aws_smithy_runtime_api::client::http::{
    HttpConnector as SdkConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The root certificates of Amazon's services (amazontrust.com): four of Amazon's own and Starfield's,
/// which signed them for old clients. Reading the system's bundle would take milliseconds, so it is read
/// only where another authority may sign the endpoints.
static AMAZON_ROOTS: &[&[u8]] = include!(concat!(env!("OUT_DIR"), "/amazon_roots.rs"));

/// The system's bundles of root certificates: that of Amazon Linux, then Debian's. The first one counts.
const SYSTEM_BUNDLES: [&str; 2] = [
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-certificates.crt",
];

/// DynamoDB is in the same region: an endpoint that takes longer is not reachable.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);

/// A client with its pool of connections. Clones share the pool.
#[derive(Clone, Debug)]
pub struct Connection {
    client: Client<HttpsConnector<HttpConnector>, SdkBody>,
}

impl Connection {
    pub fn new(trust: Trust<'_>) -> Result<Connection, String> {
        let roots = trust.roots()?;
        // ring: aws-lc gathers entropy for 20 ms before its first handshake.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT_LIMIT));
        tcp.set_nodelay(true);
        // The local cloud uses plain HTTP.
        tcp.enforce_http(false);
        let client = Client::builder(TokioExecutor::new())
            // The function processes one event at a time, so one connection is enough.
            .pool_max_idle_per_host(1)
            .build(HttpsConnector::from((tcp, tls)));
        Ok(Connection { client })
    }

    pub fn http_client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }
}

/// Whose certificates are trusted besides those of Amazon's roots.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trust<'a> {
    /// A file with further certificates.
    pub extra_ca: Option<&'a Path>,
    /// The system's roots.
    pub system: bool,
}

impl Trust<'_> {
    fn roots(self) -> Result<RootCertStore, String> {
        let mut roots = RootCertStore::empty();
        for root in AMAZON_ROOTS {
            let added = roots.add(CertificateDer::from_slice(root));
            added.map_err(|error| format!("one of Amazon's roots: {error}"))?;
        }
        if self.system {
            add_first_bundle(&mut roots, SYSTEM_BUNDLES.map(Path::new));
        }
        if let Some(path) = self.extra_ca {
            add_extra(&mut roots, path)
                .map_err(|why| format!("CA in `{}`: {why}", path.display()))?;
        }
        Ok(roots)
    }
}

/// Adds the certificates of the first file that exists, without those that rustls does not accept. Without
/// a bundle, Amazon's roots may still suffice.
fn add_first_bundle<'a>(roots: &mut RootCertStore, bundles: impl IntoIterator<Item = &'a Path>) {
    let mut bundles = bundles.into_iter();
    if let Some(pem) = bundles.find_map(|path| std::fs::read(path).ok()) {
        let certificates = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok);
        roots.add_parsable_certificates(certificates);
    }
}

fn add_extra(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut found = false;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots
            .add(certificate.map_err(|error| error.to_string())?)
            .map_err(|e| e.to_string())?;
        found = true;
    }
    if found {
        Ok(())
    } else {
        Err("has no certificate in it".into())
    }
}

impl SdkConnector for Connection {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        let sending = self.client.request(request);
        HttpConnectorFuture::new(async move {
            // Every failure here is one of the network, and a ride may be written twice without harm
            // (`store::Guard`), so the SDK may retry it.
            let response = sending
                .await
                .map_err(|error| ConnectorError::io(error.into()))?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{AMAZON_ROOTS, Connection, Trust, add_extra, add_first_bundle};
    use rustls::RootCertStore;
    use std::path::Path;

    #[test]
    fn amazons_five_roots_are_built_in() {
        assert_eq!(AMAZON_ROOTS.len(), 5);
        assert!(Connection::new(Trust::default()).is_ok());
    }

    #[test]
    fn a_certificate_file_is_added_or_named() {
        let mut roots = RootCertStore::empty();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(
            add_extra(&mut roots, &folder.join("amazon-roots.pem")),
            Ok(())
        );
        assert_eq!(roots.len(), 5);
        let with = |extra_ca: &Path| {
            let trust = Trust {
                extra_ca: Some(extra_ca),
                system: false,
            };
            Connection::new(trust).expect_err("no certificates")
        };
        let why = with(&folder.join("fleet.json"));
        assert!(why.contains("fleet.json`: has no certificate"), "{why}");
        let why = with(Path::new("/nowhere.pem"));
        assert!(why.contains("/nowhere.pem`: "), "{why}");
    }

    #[test]
    fn the_first_bundle_of_the_system_is_added_and_none_is_no_error() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let roots = folder.join("amazon-roots.pem");
        let (text, missing) = (folder.join("fleet.json"), Path::new("/nowhere.pem"));
        let count = |bundles: &[&Path]| {
            let mut store = RootCertStore::empty();
            add_first_bundle(&mut store, bundles.iter().copied());
            store.len()
        };
        assert_eq!(count(&[missing, &roots, &text]), 5);
        assert_eq!(count(&[&text, &roots]), 0);
        assert_eq!(count(&[missing]), 0);
        let system = Trust {
            system: true,
            ..Trust::default()
        };
        assert!(system.roots().expect("roots").len() >= 5);
    }
}
