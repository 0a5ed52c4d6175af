//! The embedded cloud: in this process for one command, or somebody's `provision cloud`.
//!
//! Whoever serves it holds a lock on its folder; `endpoint.json` tells the others where it is.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::retry::RetryConfig;
use local_cloud::{LocalCloud, Settings, StartError};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::artifact::BuildTarget;
use crate::aws::clients::{ATTEMPT_LIMIT, Cloud};
use crate::engine::clock::{Clock, SdkClock, SharedClock};
use crate::engine::wait::{Look, Wait};
use crate::error::Error;
use crate::hints::quoted;

/// How long a second command waits for the first.
const LOCK_LIMIT: Duration = Duration::from_secs(10);

/// The way out where the folder can't be used.
const ELSEWHERE: &str = "choose a folder that you may write to: `… --local-dir ~/provision-local`";

/// `provision cloud` answers at once; a program that doesn't is not it.
const HEALTH_LIMIT: Duration = Duration::from_secs(2);

/// More than `endpoint.json` or the answer to a look at its health has.
const ENDPOINT_LIMIT: u64 = 16 * 1024;

/// How slow and unsteady the local cloud is.
#[derive(Clone, Copy, Debug)]
pub enum Weather {
    Calm,
    Aws { seed: u64 },
    Storm { seed: u64 },
}

#[derive(Clone, Debug)]
pub struct Options {
    pub region: String,
    /// `.provision/local` of the workspace, or of the current folder.
    pub folder: PathBuf,
    /// `--as`: the name and the policy to be limited to.
    pub identity: Option<(String, serde_json::Value)>,
    /// `--weather`; none is calm.
    pub weather: Option<Weather>,
}

/// Ends the in-process cloud in order, if there is one.
#[derive(Debug, Default)]
pub struct Guard(Option<Held>);

#[derive(Debug)]
struct Held {
    cloud: LocalCloud,
    _lock: File,
}

impl Guard {
    pub fn none() -> Guard {
        Guard(None)
    }

    pub async fn stop(self) {
        if let Some(held) = self.0 {
            held.cloud.stop().await;
        }
    }
}

/// `provision cloud`'s whereabouts, for the commands beside it. Readable by its owner alone.
#[derive(Debug, Serialize, Deserialize)]
pub struct Endpoint {
    pub url: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub pid: u32,
}

pub async fn connect(
    options: &Options,
    clock: &SharedClock,
    wait: &Wait<'_>,
) -> Result<(Cloud, Guard), Error> {
    prepare(&options.folder)?;
    let endpoint = options.folder.join("endpoint.json");
    let lock = options.folder.join("lock");
    // Another process holds it, and that takes real time whatever our clock says.
    let wait = wait.in_real_time();
    let doing = format!("wait for the local cloud in `{}`", options.folder.display());
    let held = wait
        .until(&doing, LOCK_LIMIT, async || {
            if let Some(lock) = try_lock(&lock)? {
                return Ok(Look::Ready(Found::Free(lock)));
            }
            if let Some(endpoint) = read_endpoint(&endpoint)
                && is_healthy(&endpoint.url).await
            {
                return Ok(Look::Ready(Found::Serving(endpoint)));
            }
            Ok(Look::NotYet(format!("{} is using it", holder(&lock))))
        })
        .await?;
    match held {
        Found::Free(lock) => in_process(options, lock, clock).await,
        Found::Serving(endpoint) => beside(options, endpoint, clock),
    }
}

/// What the folder of a local cloud is found as.
enum Found {
    Free(File),
    Serving(Endpoint),
}

/// The foreground cloud of `provision cloud`.
#[derive(Debug)]
pub struct Serving {
    pub endpoint: Endpoint,
    folder: PathBuf,
    held: Held,
}

impl Serving {
    pub async fn stop(self) {
        // Gone before the lock is: nobody is sent to a cloud that has ended.
        let _ = fs::remove_file(self.folder.join("endpoint.json"));
        self.held.cloud.stop().await;
    }
}

pub async fn serve(options: &Options, port: u16, clock: &SharedClock) -> Result<Serving, Error> {
    prepare(&options.folder)?;
    let path = options.folder.join("lock");
    let Some(lock) = try_lock(&path)? else {
        return Err(Error::failed(format!(
            "the local cloud in `{}` is in use by {}",
            options.folder.display(),
            holder(&path)
        ))
        .hint(format!(
            "commands with `--local` use that one; for a second one, {ELSEWHERE}"
        )));
    };
    let held = start(options, port, lock, clock).await?;
    let owner = held.cloud.owner();
    let endpoint = Endpoint {
        url: held.cloud.endpoint_url(),
        access_key_id: owner.access_key_id.clone(),
        secret_access_key: owner.secret_access_key.clone(),
        pid: std::process::id(),
    };
    write_private(
        &options.folder.join("endpoint.json"),
        &serde_json::to_vec_pretty(&endpoint).expect("plain data"),
    )?;
    Ok(Serving {
        endpoint,
        folder: options.folder.clone(),
        held,
    })
}

async fn in_process(
    options: &Options,
    lock: File,
    clock: &SharedClock,
) -> Result<(Cloud, Guard), Error> {
    // Left behind by a `provision cloud` that was killed.
    let _ = fs::remove_file(options.folder.join("endpoint.json"));
    let held = start(options, 0, lock, clock).await?;
    let credentials = match &options.identity {
        None => held.cloud.owner().clone(),
        Some((name, policy)) => held.cloud.issue(policy, name),
    };
    let credentials = Credentials::new(
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token,
        None,
        "local cloud",
    );
    let url = held.cloud.endpoint_url();
    let cloud = cloud(options, &url, credentials, clock);
    Ok((cloud, Guard(Some(held))))
}

fn beside(
    options: &Options,
    endpoint: Endpoint,
    clock: &SharedClock,
) -> Result<(Cloud, Guard), Error> {
    if options.identity.is_some() {
        return Err(Error::usage("`--as` needs the local cloud to itself")
            .hint("end the other one, then run this again: `…`"));
    }
    if options.weather.is_some() {
        return Err(Error::usage(
            "`--faults` has no effect on a local cloud that is already running",
        )
        .hint(
            "restart `provision cloud` with `--faults`, or omit the flag: `… without --faults`",
        ));
    }
    let credentials =
        Credentials::from_keys(endpoint.access_key_id, endpoint.secret_access_key, None);
    let cloud = cloud(options, &endpoint.url, credentials, clock);
    Ok((cloud, Guard::none()))
}

async fn start(
    options: &Options,
    port: u16,
    lock: File,
    clock: &SharedClock,
) -> Result<Held, Error> {
    let settings = Settings {
        state_dir: options.folder.join("state"),
        port,
        clock: Arc::new(CloudClock(clock.clone())),
        faults: match options.weather {
            None | Some(Weather::Calm) => local_cloud::FaultProfile::calm(),
            Some(Weather::Aws { seed }) => local_cloud::FaultProfile::aws(seed),
            Some(Weather::Storm { seed }) => local_cloud::FaultProfile::storm(seed),
        },
    };
    let cloud = LocalCloud::start(settings).await.map_err(|error| {
        let hint = way_out(&error);
        Error::failed("start the local cloud")
            .because(error)
            .hint(hint)
    })?;
    Ok(Held { cloud, _lock: lock })
}

/// The local cloud knows nothing of our flags.
fn way_out(error: &StartError) -> String {
    match error {
        StartError::PortInUse { .. } | StartError::Listen { .. } => {
            "take any free one: `… --port 0`".to_owned()
        }
        StartError::StateInUse { .. } | StartError::Io { .. } => ELSEWHERE.to_owned(),
        StartError::Damaged { path, folder, .. } => {
            let damaged = format!("{}.damaged", folder.display());
            format!(
                "put a good copy of `{}` in its place; or start anew, losing everything in this \
                 local cloud: `mv {} {}`",
                path.display(),
                quoted(&folder.display().to_string()),
                quoted(&damaged)
            )
        }
    }
}

fn cloud(options: &Options, url: &str, credentials: Credentials, clock: &SharedClock) -> Cloud {
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(options.region.clone()))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        // Plain HTTP on this machine: no certificates to load.
        .http_client(Builder::new().build_http())
        .retry_config(RetryConfig::standard())
        .time_source(SdkClock(clock.clone()))
        .sleep_impl(SdkClock(clock.clone()));
    config = if clock.is_real() {
        let limits = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_LIMIT);
        config.timeout_config(limits.build())
    } else {
        // Their sleeps would race real I/O on a clock that takes no time.
        config
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
    };
    let config = config.build();
    let endpoints = vec![format!("{url} (the local cloud)")];
    Cloud::new(
        &config,
        options.region.clone(),
        endpoints,
        BuildTarget::this_machine(),
    )
}

fn prepare(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| {
        Error::failed(format!("make the folder `{}`", folder.display()))
            .because(error)
            .hint(ELSEWHERE)
    })
}

/// The lock goes with the process, however it ends; the pid in it is for people.
fn try_lock(path: &Path) -> Result<Option<File>, Error> {
    let failed = |error| {
        Error::failed(format!("lock `{}`", path.display()))
            .because(error)
            .hint(ELSEWHERE)
    };
    let mut file = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).map_err(failed)?;
            writeln!(file, "{}", std::process::id()).map_err(failed)?;
            Ok(Some(file))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// None if there is no such file, or if it isn't one of ours: `--local` talks to 127.0.0.1 alone.
fn read_endpoint(path: &Path) -> Option<Endpoint> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(ENDPOINT_LIMIT).read_to_string(&mut text).ok()?;
    let endpoint: Endpoint = serde_json::from_str(&text).ok()?;
    address(&endpoint.url).is_some().then_some(endpoint)
}

fn address(url: &str) -> Option<SocketAddr> {
    let address: SocketAddr = url.strip_prefix("http://")?.parse().ok()?;
    (address.ip() == Ipv4Addr::LOCALHOST).then_some(address)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a limit on real I/O, whatever the clock"
)]
async fn is_healthy(url: &str) -> bool {
    let asked = tokio::time::timeout(HEALTH_LIMIT, ask_health(url)).await;
    matches!(asked, Ok(Some(answer)) if is_local_cloud(&answer))
}

async fn ask_health(url: &str) -> Option<String> {
    let address = address(url)?;
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request =
        format!("GET /_local/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    let mut limited = stream.take(ENDPOINT_LIMIT);
    limited.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

/// Another program may have taken the port of a cloud that was killed, and answer there.
fn is_local_cloud(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return false;
    };
    let health: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    head.starts_with("HTTP/1.1 200") && health["service"] == "provision local cloud"
}

/// The process in the lock file, for people.
fn holder(lock: &Path) -> String {
    let text = fs::read_to_string(lock).unwrap_or_default();
    match text.trim().parse::<u32>() {
        Ok(pid) => format!("process {pid}"),
        Err(_) => "another process".to_owned(),
    }
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let failed = |error| {
        Error::failed(format!("write `{}`", path.display()))
            .because(error)
            .hint(ELSEWHERE)
    };
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    file.write_all(bytes).map_err(failed)
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(|error| {
        Error::failed(format!("write `{}`", path.display()))
            .because(error)
            .hint(ELSEWHERE)
    })
}

/// Our clock as the local cloud wants it.
#[derive(Debug)]
struct CloudClock(SharedClock);

impl local_cloud::Clock for CloudClock {
    fn now(&self) -> SystemTime {
        Clock::now(&*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, holder, is_local_cloud, read_endpoint};
    use proptest::prelude::{any, proptest};
    use proptest::sample::Index;
    use std::fs;

    fn endpoint(url: &str) -> String {
        let endpoint = Endpoint {
            url: url.to_owned(),
            access_key_id: "id".to_owned(),
            secret_access_key: "secret".to_owned(),
            pid: 7,
        };
        serde_json::to_string(&endpoint).expect("plain data")
    }

    #[test]
    fn an_endpoint_elsewhere_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("endpoint.json");
        for (url, is_ours) in [
            ("http://127.0.0.1:4566", true),
            ("http://127.0.0.1:4566/path", false),
            ("http://127.0.0.1", false),
            ("https://127.0.0.1:4566", false),
            ("http://localhost:4566", false),
            ("http://10.0.0.1:4566", false),
            ("http://127.0.0.1:4566@example.com:80", false),
            ("", false),
        ] {
            fs::write(&path, endpoint(url)).unwrap();
            assert_eq!(read_endpoint(&path).is_some(), is_ours, "{url}");
        }
        fs::remove_file(&path).unwrap();
        assert!(read_endpoint(&path).is_none());
        fs::create_dir(&path).unwrap();
        assert!(read_endpoint(&path).is_none());
    }

    #[test]
    fn only_a_cloud_is_healthy() {
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

    #[test]
    fn a_lock_file_of_anything_names_a_process_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert_eq!(holder(&path), "another process");
        for (text, named) in [
            (&b"12\n"[..], "process 12"),
            (b"", "another process"),
            (b"\x1b[31m1", "another process"),
            (b"\xff\xfe", "another process"),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(holder(&path), named);
        }
    }

    proptest! {
        #[test]
        fn no_endpoint_file_does_harm(
            at in any::<Index>(),
            to in any::<u8>(),
            cut in proptest::option::of(any::<Index>()),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("endpoint.json");
            let mut bytes = endpoint("http://127.0.0.1:4566").into_bytes();
            let length = bytes.len();
            bytes[at.index(length)] = to;
            if let Some(cut) = cut {
                bytes.truncate(cut.index(length));
            }
            fs::write(&path, &bytes).unwrap();
            if let Some(read) = read_endpoint(&path) {
                assert!(read.url.starts_with("http://127.0.0.1:"), "{}", read.url);
            }
        }
    }
}
