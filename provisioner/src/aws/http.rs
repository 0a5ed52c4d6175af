//! The HTTP client of all requests to AWS: TLS, the proxies of the environment, and what is reached without them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::environment::has_proxy;

/// An HTTP client that trusts the authorities of `tls` and uses the proxies of the environment.
pub fn client(tls: &TlsContext) -> SharedHttpClient {
    let direct = client_with(ProxyConfig::disabled(), tls);
    if !has_proxy() {
        return direct;
    }
    let proxied = client_with(ProxyConfig::from_env(), tls);
    SharedHttpClient::new(Routes { proxied, direct })
}

/// With rustls on ring: the SDK's default is aws-lc, whose first handshake costs 422 M instructions; that of ring costs
/// 3.4 M.
fn client_with(proxy: ProxyConfig, tls: &TlsContext) -> SharedHttpClient {
    let tls = tls.clone();
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(proxy.clone());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.clone())
            .build()
    })
}

/// A proxy cannot reach this machine's own services: those that hand out credentials (of a container, of EC2) and those
/// that a user runs here.
#[derive(Debug)]
struct Routes<T> {
    proxied: T,
    direct: T,
}

impl HttpClient for Routes<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Routes {
            proxied: self.proxied.http_connector(settings, components),
            direct: self.direct.http_connector(settings, components),
        })
    }
}

impl HttpConnector for Routes<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if is_of_this_machine(request.uri()) {
            self.direct.call(request)
        } else {
            self.proxied.call(request)
        }
    }
}

fn is_of_this_machine(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    // EC2's and EKS's addresses on IPv6.
    let metadata = |address: Ipv6Addr| address.segments()[..2] == [0xfd00, 0x0ec2];
    match host.parse() {
        Ok(IpAddr::V4(address)) => Ipv4Addr::is_loopback(&address) || address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || metadata(address),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_this_machine;

    #[test]
    fn what_hands_out_credentials_is_reached_without_a_proxy() {
        for direct in [
            "http://169.254.170.2/v2/credentials",
            "http://169.254.169.254/latest/api/token",
            "http://[fd00:ec2::254]/latest",
            "http://[fd00:ec2::23]/v1/credentials",
            "http://127.0.0.1:51679",
            "http://localhost:4566/",
            "http://[::1]:80",
        ] {
            assert!(is_of_this_machine(direct), "{direct}");
        }
        for proxied in [
            "https://sts.amazonaws.com/",
            "http://10.0.0.1",
            "http://127.example.com",
            "https://[fd00::1]/",
        ] {
            assert!(!is_of_this_machine(proxied), "{proxied}");
        }
    }
}
