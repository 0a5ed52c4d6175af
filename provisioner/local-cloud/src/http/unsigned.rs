//! The addresses that need no signature: the health check, and the download of a function's code.

use serde_json::json;

use crate::account::ACCOUNT;
use crate::cloud::Cloud;
use crate::encode::form_decode;
use crate::http::reply::{Reply, plain};

pub(crate) const PREFIX: &str = "/_local/";

pub(crate) async fn respond(cloud: &Cloud, method: &str, path: &str, query: &str) -> Reply {
    let tail = path.strip_prefix(PREFIX).unwrap_or_default();
    match (method, tail.split_once('/')) {
        ("GET", None) if tail == "health" => {
            let health = json!({
                "service": "provision local cloud",
                "version": env!("CARGO_PKG_VERSION"),
                "account": ACCOUNT,
                "pid": std::process::id(),
            });
            plain(200, "application/json", health.to_string())
        }
        ("GET", Some(("code", sha256))) => download(cloud, sha256, query).await,
        _ => plain(404, "text/plain", "the local cloud has nothing here\n"),
    }
}

async fn download(cloud: &Cloud, sha256: &str, query: &str) -> Reply {
    let field = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .into_iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| form_decode(value))
    };
    let denied = || plain(403, "text/plain", "this address is wrong or has expired\n");
    let expires = field("expires").and_then(|text| text.parse::<i64>().ok());
    let Some(expires) = expires.filter(|expires| *expires > cloud.now()) else {
        return denied();
    };
    // The seal covers the digest, so only a digest that GetFunction returned passes here.
    let seal = cloud.store.read().keys.seal_download(sha256, expires);
    if field("seal") != Some(seal) {
        return denied();
    }
    match cloud.codes.read(sha256).await {
        Ok(bytes) => plain(200, "application/zip", bytes),
        Err(_) => plain(404, "text/plain", "the function's code no longer exists\n"),
    }
}
