//! The embedded cloud: in this process for one command, or somebody's `provision cloud`.
//!
//! Whoever serves it holds a lock on its folder; `endpoint.json` tells the others where it is.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
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

use crate::artifact::Runs;
use crate::clock::{Clock, SdkClock, SharedClock};
use crate::cloud::{ATTEMPT_LIMIT, Cloud, Weather};
use crate::command_line::quoted;
use crate::error::Error;
use crate::wait::{Look, Wait};

/// How long a second command waits for the first.
const LOCK_LIMIT: Duration = Duration::from_secs(10);

/// The way out where the folder can't be used.
const ELSEWHERE: &str = "choose a folder that you may write to: `… --local-dir ~/provision-local`";

/// `provision cloud` answers at once; a program that doesn't is not it.
const HEALTH_LIMIT: Duration = Duration::from_secs(2);

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
) -> Result<Cloud, Error> {
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
            let holder = fs::read_to_string(&lock).unwrap_or_default();
            Ok(Look::NotYet(format!(
                "process {} is using it",
                holder.trim()
            )))
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
        let holder = fs::read_to_string(&path).unwrap_or_default();
        return Err(Error::failed(format!(
            "the local cloud in `{}` is in use by process {}",
            options.folder.display(),
            holder.trim()
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

async fn in_process(options: &Options, lock: File, clock: &SharedClock) -> Result<Cloud, Error> {
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
    Ok(cloud(options, &url, credentials, clock, Guard(Some(held))))
}

fn beside(options: &Options, endpoint: Endpoint, clock: &SharedClock) -> Result<Cloud, Error> {
    if options.identity.is_some() {
        return Err(Error::usage("`--as` needs the local cloud to itself")
            .hint("end the other one, then run this again: `…`"));
    }
    if options.weather.is_some() {
        return Err(
            Error::usage("`--weather` is up to the `provision cloud` that is running").hint(
                "end it and start it again with `--weather`, or leave the flag out: \
                     `… without --weather`",
            ),
        );
    }
    let credentials =
        Credentials::from_keys(endpoint.access_key_id, endpoint.secret_access_key, None);
    Ok(cloud(
        options,
        &endpoint.url,
        credentials,
        clock,
        Guard::none(),
    ))
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
        weather: match options.weather {
            None | Some(Weather::Calm) => local_cloud::Weather::calm(),
            Some(Weather::Aws { seed }) => local_cloud::Weather::aws(seed),
            Some(Weather::Storm { seed }) => local_cloud::Weather::storm(seed),
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

fn cloud(
    options: &Options,
    url: &str,
    credentials: Credentials,
    clock: &SharedClock,
    guard: Guard,
) -> Cloud {
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
        Runs::this_machine(),
        guard,
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

fn read_endpoint(path: &Path) -> Option<Endpoint> {
    let mut text = String::new();
    File::open(path).ok()?.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a limit on real I/O, whatever the clock"
)]
async fn is_healthy(url: &str) -> bool {
    let asked = tokio::time::timeout(HEALTH_LIMIT, ask_health(url)).await;
    matches!(asked, Ok(Some(())))
}

async fn ask_health(url: &str) -> Option<()> {
    let address = url.strip_prefix("http://")?;
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request =
        format!("GET /_local/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    answer.starts_with("HTTP/1.1 200").then_some(())
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
