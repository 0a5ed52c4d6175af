//! The health check of a running `provision cloud`.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::local::endpoint::address;

/// How long the check waits. `provision cloud` answers at once.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// The largest size of the response, in bytes.
const SIZE_LIMIT: u64 = 16 * 1024;

/// Whether a local cloud answers at this address.
#[expect(
    clippy::disallowed_methods,
    reason = "a limit on real I/O, whatever the clock"
)]
pub(super) async fn is_healthy(url: &str) -> bool {
    let response = tokio::time::timeout(TIME_LIMIT, request_health(url)).await;
    matches!(response, Ok(Some(text)) if is_local_cloud(&text))
}

async fn request_health(url: &str) -> Option<String> {
    let address = address(url)?;
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request =
        format!("GET /_local/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    let mut limited = stream.take(SIZE_LIMIT);
    limited.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

/// Whether the response is that of a local cloud: another program may use the port of a cloud that was
/// killed.
fn is_local_cloud(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return false;
    };
    let health: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    head.starts_with("HTTP/1.1 200") && health["service"] == "provision local cloud"
}

#[cfg(test)]
mod tests {
    use super::is_local_cloud;

    #[test]
    fn only_a_local_cloud_is_healthy() {
        let ok = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n";
        let health = "{\"service\":\"provision local cloud\"}";
        assert!(is_local_cloud(&format!("{ok}{health}")));
        for other in [
            String::new(),
            ok.to_owned(),
            format!("{ok}<html>"),
            format!("{ok}{{\"service\":\"another\"}}"),
            format!("{}{health}", ok.replace("200", "404")),
        ] {
            assert!(!is_local_cloud(&other), "{other}");
        }
    }
}
