//! An AWS in the process: DynamoDB, IAM, STS, Lambda and CloudWatch Logs on 127.0.0.1.
//!
//! It speaks AWS's wire protocols, so the `aws` CLI and every SDK work with it; it checks
//! signatures, enforces IAM for everybody but its owner, really runs functions, and keeps what it
//! answered through a crash. It knows nothing of who uses it.
//!
//! A request goes through these files: `front` (HTTP, signature, permission) → one of
//! `dynamodb`, `iam`, `sts`, `lambda`, `logs` → `state` (one document, saved before it is
//! seen). `runtime` holds the processes of functions.

mod front;

mod call;
mod identity;

mod dynamodb;
mod iam;
mod lambda;
mod logs;
mod runtime;
mod sts;

mod cloud;
mod state;
mod weather;

mod answer;
mod clock;
mod constraint;
mod count;
mod encode;
mod error;
mod input;
mod patience;
mod random;
mod start;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use clock::{Clock, SystemClock};
pub use count::Requests;
pub use identity::caller::ACCOUNT;
pub use identity::session::Credentials;
pub use start::StartError;
pub use weather::{Faults, Span, Weather};

use crate::cloud::{Cloud, Parts};
use crate::identity::session::{Keys, Session};
use crate::state::{Alive, State, Store, file};

/// What a cloud is started with.
pub struct Settings {
    /// Where it keeps everything. Made if it isn't there.
    pub state_dir: PathBuf,
    /// On 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// What it asks for the time.
    pub clock: Arc<dyn Clock>,
    /// How AWS's eventual consistency shows.
    pub weather: Weather,
}

/// A running cloud. Dropping it ends it at once; what it answered is on disk either way.
pub struct LocalCloud {
    cloud: Cloud,
    owner: Credentials,
    stop: watch::Sender<bool>,
    server: Option<tokio::task::JoinHandle<()>>,
    alive: Alive,
    /// Held until the end: two clouds on one folder would undo each other's changes.
    _lock: std::fs::File,
}

impl LocalCloud {
    /// Opens the state, or makes a new one, and listens.
    pub async fn start(settings: Settings) -> Result<LocalCloud, StartError> {
        let Settings {
            state_dir,
            port,
            clock,
            weather,
        } = settings;
        file::make_folder(&state_dir).map_err(|e| StartError::io(&state_dir, e))?;
        let lock = start::lock(&state_dir)?;
        let alive = Alive::new();
        let store = Store::open(&state_dir.join("state.json"), alive.clone(), || {
            State::new(Keys::generate())
        })?;
        let databases = dynamodb::Databases::new(&state_dir, alive.clone());
        let state = store.read();
        let regions = state.regions.iter();
        databases.check(regions.map(|(name, region)| (name.clone(), !region.tables.is_empty())))?;
        let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => listener,
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                return Err(StartError::PortInUse { port });
            }
            Err(error) => {
                return Err(StartError::Listen {
                    port,
                    source: error,
                });
            }
        };
        let port = match listener.local_addr() {
            Ok(address) => address.port(),
            Err(error) => {
                return Err(StartError::Listen {
                    port,
                    source: error,
                });
            }
        };
        let cloud = Cloud::new(Parts {
            clock,
            port,
            weather: weather::Sky::new(weather),
            store,
            databases,
            tables_writer: tokio::sync::Mutex::default(),
            codes: lambda::Codes::new(&state_dir, alive.clone()),
            environments: Arc::default(),
            logs: logs::LogFiles::new(&state_dir, alive.clone()),
            counts: count::Counts::default(),
        });
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(front::server::serve(cloud.clone(), listener, stopped));
        let owner = state.keys.owner();
        Ok(LocalCloud {
            cloud,
            owner,
            stop,
            server: Some(server),
            alive,
            _lock: lock,
        })
    }

    /// `http://127.0.0.1:PORT`
    pub fn endpoint_url(&self) -> String {
        self.cloud.endpoint_url()
    }

    pub fn port(&self) -> u16 {
        self.cloud.port
    }

    /// The keys of the account's administrator, who may do everything. Made once for a state.
    pub fn owner(&self) -> &Credentials {
        &self.owner
    }

    /// Credentials that hold just this policy, for twelve hours. The same can be had over the wire
    /// with `sts:GetFederationToken`.
    pub fn issue(&self, policy: &Value, session_name: &str) -> Credentials {
        const LIFE: i64 = 12 * 3600 * 1000;
        let now = self.cloud.now();
        self.cloud.store.read().keys.seal(&Session::Federated {
            name: session_name.to_owned(),
            policy: Some(policy.to_string()),
            issued: now,
            expires: now + LIFE,
        })
    }

    /// The calls so far.
    pub fn requests(&self) -> Requests {
        self.cloud.counts.read()
    }

    /// Ends in good order: takes no more requests, answers those it has, ends the functions.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        if let Some(server) = self.server.take() {
            let _ = server.await;
        }
        self.cloud.environments.close();
        self.cloud.databases.close();
    }
}

impl Drop for LocalCloud {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
        }
        self.cloud.environments.close();
        self.alive.end();
    }
}

impl std::fmt::Debug for LocalCloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalCloud")
            .field("port", &self.cloud.port)
            .finish_non_exhaustive()
    }
}
