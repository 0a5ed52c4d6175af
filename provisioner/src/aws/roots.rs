//! The certificate authorities that the endpoints are checked against.

use std::path::Path;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::environment::variable;
use super::profiles::{Profiles, Setting};
use crate::error::Error;

/// The authorities of `AWS_CA_BUNDLE` or of the profile's `ca_bundle`; otherwise those of the system, or of
/// `SSL_CERT_FILE` and `SSL_CERT_DIR`.
pub fn tls_context(profiles: &Profiles) -> Result<TlsContext, Error> {
    let trust_store = match profiles.setting("AWS_CA_BUNDLE", "ca_bundle") {
        Some(bundle) => trust_store(&bundle)?,
        None => {
            if let Some(value) = variable("SSL_CERT_FILE") {
                // The SDK reads it too, but says nothing if it cannot.
                let place = "SSL_CERT_FILE".to_owned();
                trust_store(&Setting { value, place })?;
            }
            TrustStore::default()
        }
    };
    let context = TlsContext::builder().with_trust_store(trust_store);
    context
        .build()
        .map_err(|error| Error::failed("load the certificate authorities").because(error))
}

/// The usable certificates of a file in PEM; the SDK panics on any other. Fails if there is none.
fn trust_store(bundle: &Setting) -> Result<TrustStore, Error> {
    let Setting { value, place } = bundle;
    let path = match (value.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => Path::new(value).to_owned(),
    };
    let doing = || {
        Error::usage(format!(
            "read the certificate authorities in {value}, from {place}"
        ))
    };
    let hint = format!("name a file with certificates in PEM in {place}, or unset it");
    let bytes = std::fs::read(path);
    let bytes = bytes.map_err(|error| doing().because(error).hint(hint.clone()))?;
    let mut trust_store = TrustStore::empty();
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes).flatten() {
        let pem = pem(&certificate);
        if roots.add(certificate).is_ok() {
            trust_store = trust_store.with_pem_certificate(pem);
        }
    }
    if roots.is_empty() {
        return Err(doing().because("there is no certificate in it").hint(hint));
    }
    Ok(trust_store)
}

fn pem(certificate: &[u8]) -> String {
    let base64 = STANDARD.encode(certificate);
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
}
