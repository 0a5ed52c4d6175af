//! Requests as bytes, signed by hand, since no SDK sends what these tests send.

use std::time::SystemTime;

use hmac::{Hmac, KeyInit as _, Mac as _};
use local_cloud::{Credentials, LocalCloud};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::REGION;

/// A request before it is signed.
#[derive(Debug, Clone)]
pub struct Request {
    pub service: &'static str,
    pub method: String,
    pub path: String,
    pub query: String,
    /// All of them are signed, beside `host` and `x-amz-date`.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The parts of a signed request, in the order they are sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Request {
    pub fn json(service: &'static str, action: &str, body: &str) -> Request {
        let target = match service {
            "dynamodb" => "DynamoDB_20120810",
            _ => "Logs_20140328",
        };
        Request {
            service,
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers: vec![("x-amz-target".to_owned(), format!("{target}.{action}"))],
            body: body.as_bytes().to_vec(),
        }
    }

    pub fn form(service: &'static str, body: &str) -> Request {
        let kind = "application/x-www-form-urlencoded";
        Request {
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            ..Request::rest(service, "POST", "/", body)
        }
    }

    pub fn rest(service: &'static str, method: &str, target: &str, body: &str) -> Request {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Request {
            service,
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    /// Signs it, as of now.
    pub fn sign(&self, host: &str, keys: &Credentials) -> Sent {
        let date = chrono::DateTime::<chrono::Utc>::from(SystemTime::now());
        let date = date.format("%Y%m%dT%H%M%SZ").to_string();
        let mut headers = self.headers.clone();
        headers.push(("host".to_owned(), host.to_owned()));
        headers.push(("x-amz-date".to_owned(), date.clone()));
        headers.sort();
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}:{}\n", value.trim()))
            .collect();
        let mut query: Vec<String> = self
            .query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| match pair.contains('=') {
                true => pair.to_owned(),
                false => format!("{pair}="),
            })
            .collect();
        query.sort();
        let canonical = [
            &self.method,
            &canonical_path(&self.path),
            &query.join("&"),
            &lines,
            &names,
            &hex(&Sha256::digest(&self.body)),
        ]
        .map(String::as_str)
        .join("\n");
        let day = &date[..8];
        let scope = format!("{day}/{REGION}/{}/aws4_request", self.service);
        let hash = hex(&Sha256::digest(&canonical));
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}");
        let mut key = format!("AWS4{}", keys.secret_access_key).into_bytes();
        for part in [day, REGION, self.service, "aws4_request", &to_sign] {
            key = mac(&key, part);
        }
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
            keys.access_key_id,
            hex(&key)
        );
        headers.push(("authorization".to_owned(), authorization));
        let target = match self.query.is_empty() {
            true => self.path.clone(),
            false => format!("{}?{}", self.path, self.query),
        };
        Sent {
            method: self.method.clone(),
            target,
            headers,
            body: self.body.clone(),
        }
    }

    /// Signs it with the owner's keys and sends it.
    pub async fn send(&self, cloud: &LocalCloud) -> Option<Answer> {
        let sent = self.sign(&host(cloud), cloud.owner());
        sent.send(&host(cloud)).await
    }
}

impl Sent {
    pub fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        head.push_str("connection: close\r\n\r\n");
        [head.as_bytes(), &self.body].concat()
    }

    /// The response, or `None` if the connection ended without one.
    pub async fn send(&self, host: &str) -> Option<Answer> {
        answer(&raw(host, &self.bytes()).await)
    }
}

pub fn host(cloud: &LocalCloud) -> String {
    format!("127.0.0.1:{}", cloud.port())
}

/// Sends bytes as they are, ends its side, and reads whatever comes.
pub async fn raw(host: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(host).await.expect("a connection");
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

pub fn answer(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    Some(Answer {
        status: head.split(' ').nth(1)?.parse().ok()?,
        body: String::from_utf8_lossy(&bytes[end..]).into_owned(),
        head,
    })
}

/// Without empty and dot segments, percent-encoded once more.
fn canonical_path(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    let end = if path.ends_with('/') && !segments.is_empty() {
        "/"
    } else {
        ""
    };
    let path = format!("/{}{end}", segments.join("/"));
    path.replace('%', "%25").replace(':', "%3A")
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mac(key: &[u8], data: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(data.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
