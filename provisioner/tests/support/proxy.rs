//! Stands between a client and the local cloud, counts its calls and does something at one of them.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::cloud::CloudProcess;
use crate::world::World;

/// What happens at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Tells the test, and lets nothing through until it says so.
    Hold(When),
    /// Tells the test, and answers as a service in trouble once the test says so.
    HoldThenFail,
    /// Closes the connection without an answer: before the effect, or losing the response.
    Drop(When),
    /// Answers as a service in trouble.
    Error,
    /// Answers as a service that is asked too often.
    Throttle,
    /// Answers that it won't: a code and a message.
    Refuse(&'static str, &'static str),
    /// Answers with a page, as a captive portal does.
    Page(&'static str),
    /// Lets the call through, and puts another text into its answer.
    Edit(&'static str, &'static str),
}

/// The call that it happens at, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The first whose name ends so.
    Name(&'static str),
    /// The one after so many of that name.
    Later(usize, &'static str),
    /// The one after so many of any name.
    Number(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Before,
    After,
}

impl At {
    fn is(&mut self, name: &str) -> bool {
        match self {
            At::Name(end) | At::Later(0, end) => name.ends_with(*end),
            At::Number(0) => true,
            At::Number(left) => {
                *left -= 1;
                false
            }
            At::Later(left, end) => {
                *left -= usize::from(name.ends_with(*end));
                false
            }
        }
    }
}

impl World {
    /// From now on, commands with `--local` go through a proxy with these faults.
    pub fn behind(&self, cloud: &CloudProcess, faults: &[(At, Fault)]) -> Proxy {
        let proxy = Proxy::to(&cloud.url, faults);
        self.point_at(cloud.keys(), &proxy.url);
        proxy
    }

    /// Id and secret of the cloud's owner, and where to find it.
    pub fn point_at(&self, (access_key_id, secret_access_key): (&str, &str), url: &str) {
        let endpoint = serde_json::json!({
            "url": url,
            "access_key_id": access_key_id,
            "secret_access_key": secret_access_key,
            "pid": 0,
        });
        self.write(".provision/local/endpoint.json", endpoint.to_string());
    }
}

pub struct Proxy {
    pub url: String,
    shared: Arc<Shared>,
    reached: Receiver<()>,
    release: Sender<()>,
}

struct Shared {
    upstream: SocketAddr,
    faults: Mutex<Vec<(At, Fault)>>,
    /// Names, and sizes of the bodies.
    calls: Mutex<Vec<(String, usize)>>,
    latency: Duration,
    tell: Mutex<Sender<()>>,
    wait: Mutex<Receiver<()>>,
}

impl Proxy {
    pub fn to(upstream: &str, faults: &[(At, Fault)]) -> Proxy {
        Proxy::at_a_distance(upstream, faults, Duration::ZERO)
    }

    /// Each call takes so much longer.
    pub fn at_a_distance(upstream: &str, faults: &[(At, Fault)], latency: Duration) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (tell, reached) = channel();
        let (release, wait) = channel();
        let upstream = upstream
            .trim_start_matches("http://")
            .parse()
            .expect("an address");
        let shared = Arc::new(Shared {
            upstream,
            faults: Mutex::new(faults.to_vec()),
            calls: Mutex::default(),
            latency,
            tell: Mutex::new(tell),
            wait: Mutex::new(wait),
        });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                // A connection that breaks is what this is about.
                std::thread::spawn(move || drop(serve(client, &shared)));
            }
        });
        Proxy {
            url,
            shared,
            reached,
            release,
        }
    }

    /// Blocks until the held call is reached; false where it never is.
    pub fn wait_for_hold(&self, mut ended: impl FnMut() -> bool) -> bool {
        let look = Duration::from_millis(20);
        loop {
            if self.reached.recv_timeout(look).is_ok() {
                return true;
            }
            if ended() {
                return self.reached.try_recv().is_ok();
            }
        }
    }

    /// A further fault.
    pub fn at(&self, at: At, fault: Fault) {
        let mut faults = self.shared.faults.lock().expect("no panic");
        faults.push((at, fault));
    }

    pub fn release(&self) {
        let _ = self.release.send(());
    }

    /// The calls so far, by name.
    pub fn names(&self) -> Vec<String> {
        let calls = self.shared.calls.lock().expect("no panic");
        calls.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The calls since the last time, with the sizes of their bodies.
    pub fn take(&self) -> Vec<(String, usize)> {
        std::mem::take(&mut *self.shared.calls.lock().expect("no panic"))
    }
}

fn serve(client: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut client = client;
    while let Some(request) = Message::read(&mut reader)? {
        let name = name(&request);
        let fault = name.as_ref().and_then(|name| {
            let mut calls = shared.calls.lock().expect("no panic");
            calls.push((name.clone(), request.body.len()));
            let mut faults = shared.faults.lock().expect("no panic");
            let found = faults.iter_mut().position(|(at, _)| at.is(name))?;
            Some(faults.remove(found).1)
        });
        shared.travel();
        match fault {
            Some(Fault::Drop(When::Before)) => return Ok(()),
            Some(Fault::Hold(When::Before)) => shared.hold(),
            Some(fault @ (Fault::Error | Fault::HoldThenFail)) => {
                if fault == Fault::HoldThenFail {
                    shared.hold();
                }
                client.write_all(
                    b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
                )?;
                continue;
            }
            Some(Fault::Throttle) => {
                let answer = refused(&request, "ThrottlingException", "Rate exceeded");
                client.write_all(answer.as_bytes())?;
                continue;
            }
            Some(Fault::Refuse(code, message)) => {
                let answer = refused(&request, code, message);
                client.write_all(answer.as_bytes())?;
                continue;
            }
            Some(Fault::Page(page)) => {
                let length = page.len();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n{page}"
                );
                client.write_all(answer.as_bytes())?;
                continue;
            }
            Some(Fault::Drop(When::After) | Fault::Hold(When::After) | Fault::Edit(..)) | None => {}
        }
        let mut upstream = TcpStream::connect(shared.upstream)?;
        upstream.write_all(&request.bytes)?;
        let Some(mut answer) = Message::read(&mut BufReader::new(upstream))? else {
            return Ok(());
        };
        match fault {
            Some(Fault::Edit(from, to)) => {
                answer = answer.edited(from, to);
            }
            Some(Fault::Drop(When::After)) => return Ok(()),
            Some(Fault::Hold(When::After)) => shared.hold(),
            _ => {}
        }
        client.write_all(&answer.bytes)?;
        if request
            .head
            .to_ascii_lowercase()
            .contains("connection: close")
        {
            break;
        }
    }
    Ok(())
}

impl Shared {
    #[expect(clippy::disallowed_methods, reason = "a distance takes real time")]
    fn travel(&self) {
        if !self.latency.is_zero() {
            std::thread::sleep(self.latency);
        }
    }

    fn hold(&self) {
        let _ = self.tell.lock().expect("no panic").send(());
        let _ = self.wait.lock().expect("no panic").recv();
    }
}

/// In the form of the service: JSON by default, XML for IAM and STS.
fn refused(request: &Message, code: &str, message: &str) -> String {
    let (kind, body) = if request.head.contains("x-www-form-urlencoded") {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error></ErrorResponse>"
        );
        ("text/xml", body)
    } else {
        let body = serde_json::json!({"__type": code, "message": message});
        ("application/json", body.to_string())
    };
    let length = body.len();
    format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: {kind}\r\nx-amzn-errortype: {code}\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

/// A whole request or answer; both sides send a `content-length` or no body.
struct Message {
    head: String,
    bytes: Vec<u8>,
    body: Vec<u8>,
}

impl Message {
    fn edited(self, from: &str, to: &str) -> Message {
        let body = String::from_utf8_lossy(&self.body).replace(from, to);
        let head = self.head.replace(from, to);
        let lines = head.lines().filter(|line| {
            let line = line.to_ascii_lowercase();
            !line.is_empty() && !line.starts_with("content-length:")
        });
        let head: String = lines.map(|line| format!("{line}\r\n")).collect();
        let head = format!("{head}content-length: {}\r\n\r\n", body.len());
        let bytes = [head.as_bytes(), body.as_bytes()].concat();
        let body = body.into_bytes();
        Message { head, bytes, body }
    }

    fn read(reader: &mut impl BufRead) -> io::Result<Option<Message>> {
        let mut head = String::new();
        loop {
            let before = head.len();
            if reader.read_line(&mut head)? == 0 {
                return Ok(None);
            }
            if &head[before..] == "\r\n" {
                break;
            }
        }
        let length = head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            let length = key.eq_ignore_ascii_case("content-length");
            length.then(|| value.trim().parse().ok()).flatten()
        });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let bytes = [head.as_bytes(), &body].concat();
        Ok(Some(Message { head, bytes, body }))
    }
}

/// `dynamodb_CreateTable`; none for a health check.
fn name(request: &Message) -> Option<String> {
    let line = request.head.lines().next()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    let target = request.head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case("x-amz-target")
            .then(|| value.trim())
    });
    call_name(method, path, target, &request.body)
}

/// The same, from the parts of a request; `target` is the header `x-amz-target`.
pub fn call_name(method: &str, path: &str, target: Option<&str>, body: &[u8]) -> Option<String> {
    if path.starts_with("/_local") {
        return None;
    }
    if let Some(target) = target {
        let (service, action) = target.split_once('.')?;
        let service = service.split('_').next()?.to_ascii_lowercase();
        return Some(format!("{service}_{action}"));
    }
    let body = String::from_utf8_lossy(body);
    if let Some(action) = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("Action="))
    {
        let service = match action {
            "GetCallerIdentity" | "AssumeRole" => "sts",
            _ => "iam",
        };
        return Some(format!("{service}_{action}"));
    }
    Some(format!("lambda_{}", lambda_action(method, path)))
}

/// `CreateFunction` for `POST /2015-03-31/functions`.
fn lambda_action(method: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let action = match (method, &parts[1..]) {
        ("GET", ["account-settings"]) => "GetAccountSettings",
        ("GET", ["functions"]) => "ListFunctions",
        ("POST", ["functions"]) => "CreateFunction",
        ("GET", ["functions", _]) => "GetFunction",
        ("DELETE", ["functions", _]) => "DeleteFunction",
        ("GET", ["functions", _, "configuration"]) => "GetFunctionConfiguration",
        ("PUT", ["functions", _, "configuration"]) => "UpdateFunctionConfiguration",
        ("PUT", ["functions", _, "code"]) => "UpdateFunctionCode",
        ("POST", ["functions", _, "invocations"]) => "Invoke",
        ("GET", ["functions", _, "versions"]) => "ListVersionsByFunction",
        ("POST", ["functions", _, "versions"]) => "PublishVersion",
        ("GET", ["functions", _, "aliases"]) => "ListAliases",
        ("POST", ["functions", _, "aliases"]) => "CreateAlias",
        ("GET", ["functions", _, "aliases", _]) => "GetAlias",
        ("PUT", ["functions", _, "aliases", _]) => "UpdateAlias",
        ("DELETE", ["functions", _, "aliases", _]) => "DeleteAlias",
        ("GET", ["tags", ..]) => "ListTags",
        ("POST", ["tags", ..]) => "TagResource",
        ("DELETE", ["tags", ..]) => "UntagResource",
        _ => return format!("{method} {path}"),
    };
    action.to_owned()
}

/// Whether a call of this name only reads.
pub fn reads(name: &str) -> bool {
    let action = name.split_once('_').map_or(name, |(_, action)| action);
    [
        "Get", "List", "Describe", "Scan", "Filter", "Simulate", "GET ",
    ]
    .iter()
    .any(|prefix| action.starts_with(prefix))
}
