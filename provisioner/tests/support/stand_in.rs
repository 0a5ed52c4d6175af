//! What hands out credentials, played on one port of 127.0.0.1: STS, SSO, a container, EC2, with TLS or without, and
//! a proxy that leads everywhere to itself.

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A name that no DNS server knows: only a proxy leads there.
pub const FAR: &str = "sts.provision.test";

/// Of an authority that only these tests trust. Its own key is gone: new certificates take a new authority
/// (`openssl req -x509 -days 36500`, with the names `sts.provision.test` and 127.0.0.1 in the server's).
pub const AUTHORITY: &str = include_str!("tls/authority.pem");

/// Which account an access key belongs to.
const ACCOUNTS: [(&str, &str); 7] = [
    ("AKIAENVIRONMENT", "111111111111"),
    ("AKIAPROFILE", "222222222222"),
    ("ASIAROLE", "333333333333"),
    ("ASIACONTAINER", "444444444444"),
    ("ASIAEC2", "555555555555"),
    ("ASIASSO", "666666666666"),
    ("ASIATOKEN", "777777777777"),
];

pub struct StandIn {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    requests: Mutex<Vec<String>>,
    /// The code and the text with which STS refuses.
    refusal: Mutex<Option<(&'static str, &'static str)>>,
    /// What a container's secret key ends in.
    key_ends_in: Mutex<&'static str>,
    tls: Arc<ServerConfig>,
}

impl StandIn {
    pub fn new() -> StandIn {
        let state = Arc::new(State {
            requests: Mutex::default(),
            refusal: Mutex::default(),
            key_ends_in: Mutex::default(),
            tls: Arc::new(tls()),
        });
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = state.clone();
        // Ends with the process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = shared.clone();
                thread::spawn(move || state.serve(stream, ""));
            }
        });
        StandIn { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn tls_url(&self) -> String {
        format!("https://{}", self.address)
    }

    pub fn refuse(&self, code: &'static str, message: &'static str) {
        *self.state.refusal.lock().expect("a lock") = Some((code, message));
    }

    pub fn end_key_in(&self, end: &'static str) {
        *self.state.key_ends_in.lock().expect("a lock") = end;
    }

    /// What was requested since the last call: `GetCallerIdentity by AKIAPROFILE`, `GET /container`.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.requests.lock().expect("a lock"))
    }
}

impl State {
    fn serve(&self, stream: TcpStream, through: &str) {
        let mut first = [0];
        // A handshake begins with this byte, and no request of HTTP does.
        if stream.peek(&mut first).is_ok() && first == [0x16] {
            if let Ok(connection) = ServerConnection::new(self.tls.clone()) {
                self.answer(
                    StreamOwned::new(connection, stream),
                    &format!("{through}TLS "),
                );
            }
            return;
        }
        let twin = stream.try_clone().expect("a socket");
        if let Some(host) = self.answer(stream, through) {
            self.serve(twin, &format!("proxy to {host}: "));
        }
    }

    /// The host of a `CONNECT`.
    fn answer(&self, stream: impl Read + Write, through: &str) -> Option<String> {
        let mut stream = BufReader::new(stream);
        let request = Request::read(&mut stream)?;
        if request.method == "CONNECT" {
            write!(stream.get_mut(), "HTTP/1.1 200 OK\r\n\r\n").ok()?;
            return Some(request.path);
        }
        let text = match request.parameter("Action") {
            Some(action) => format!("{action} by {}", request.access_key()),
            None => format!("{} {}", request.method, request.path),
        };
        self.requests
            .lock()
            .expect("a lock")
            .push(format!("{through}{text}"));
        let (status, body) = self.respond(&request);
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\
             x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n",
            body.len()
        );
        // Whoever does not trust the certificate has left.
        let _ = stream
            .get_mut()
            .write_all(format!("{head}{body}").as_bytes());
        let _ = stream.get_mut().flush();
        None
    }

    fn respond(&self, request: &Request) -> (&'static str, String) {
        if let Some(action) = request.parameter("Action") {
            let refusal = *self.refusal.lock().expect("a lock");
            return match refusal {
                Some((code, message)) => ("403 Forbidden", error(code, message)),
                None => ("200 OK", sts(&action, request.access_key())),
            };
        }
        let path = request.path.trim_start_matches("http://169.254.170.2");
        let end = *self.key_ends_in.lock().expect("a lock");
        let body = match path.split('?').next().unwrap_or_default() {
            "/container" => json("ASIACONTAINER", end),
            "/latest/api/token" => "token".to_owned(),
            "/latest/meta-data/placement/region" => "eu-west-3".to_owned(),
            path if path.ends_with("/security-credentials/") => "deployer".to_owned(),
            path if path.ends_with("/security-credentials/deployer") => json("ASIAEC2", end),
            "/federation/credentials" => {
                r#"{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"hunter2","sessionToken":"s","expiration":4102444800000}}"#
                    .to_owned()
            }
            _ => return ("404 Not Found", String::new()),
        };
        ("200 OK", body)
    }
}

struct Request {
    method: String,
    path: String,
    headers: String,
    body: String,
}

impl Request {
    fn read(stream: &mut impl std::io::BufRead) -> Option<Request> {
        let mut headers = String::new();
        while !headers.ends_with("\r\n\r\n") {
            if stream.read_line(&mut headers).ok()? == 0 {
                return None;
            }
        }
        let length = headers.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).ok()?;
        let mut words = headers.split(' ').map(str::to_owned);
        Some(Request {
            method: words.next()?,
            path: words.next()?,
            body: String::from_utf8_lossy(&body).into_owned(),
            headers,
        })
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let mut parameters = self.body.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = parameters.find(|(key, _)| *key == name)?;
        Some(value.to_owned())
    }

    fn access_key(&self) -> &str {
        let key = self.headers.split_once("Credential=");
        key.and_then(|(_, rest)| rest.split('/').next())
            .unwrap_or("nobody")
    }
}

fn sts(action: &str, access_key: &str) -> String {
    let key = if action == "AssumeRole" {
        "ASIAROLE"
    } else {
        "ASIATOKEN"
    };
    let account = ACCOUNTS.iter().find(|(known, _)| *known == access_key);
    let account = account.map_or("000000000000", |(_, account)| account);
    let result = match action {
        "GetCallerIdentity" => format!(
            "<Arn>arn:aws:iam::{account}:user/me</Arn><UserId>U</UserId><Account>{account}</Account>"
        ),
        _ => format!(
            "<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>hunter2</SecretAccessKey>\
             <SessionToken>s</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>\
             <AssumedRoleUser><Arn>arn:aws:sts::{account}:assumed-role/r/s</Arn>\
             <AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>"
        ),
    };
    format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>")
}

fn error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    )
}

fn json(access_key: &str, end: &str) -> String {
    format!(
        r#"{{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z","AccessKeyId":"{access_key}",
        "SecretAccessKey":"hunter2{end}","Token":"s","Expiration":"2100-01-01T00:00:00Z"}}"#
    )
}

fn tls() -> ServerConfig {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.expect("a certificate")],
            key.expect("a key"),
        );
    config.expect("a certificate and its key")
}
