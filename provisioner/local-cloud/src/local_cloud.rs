//! The public interface: start a cloud, get its address and credentials, stop it.

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::cloud::{Cloud, Parts};
use crate::count::{Counts, Requests};
use crate::faults::{FaultInjector, FaultProfile};
use crate::http::server;
use crate::issued_role::{self, LIFETIME};
use crate::start_error::StartError;
use crate::state::keys::{Credentials, Keys, Session};
use crate::state::{State, Store};
use crate::storage::code_files::CodeFiles;
use crate::storage::databases::Databases;
use crate::storage::file;
use crate::storage::lock::FolderLock;
use crate::storage::log_files::LogFiles;
use crate::storage::provider_keys::ProviderKeys;
use crate::storage::shutdown_guard::ShutdownGuard;

/// What a cloud is started with.
pub struct Settings {
    /// The folder for everything that it stores. Created if it does not exist.
    pub state_dir: PathBuf,
    /// The port on 127.0.0.1, or 0 for any free one.
    pub port: u16,
    /// The clock of the cloud.
    pub clock: Arc<dyn Clock>,
    /// The delays and failures to inject.
    pub faults: FaultProfile,
}

/// A running cloud. Dropping it ends it at once; what it has acknowledged is on disk either way.
pub struct LocalCloud {
    cloud: Cloud,
    owner: Credentials,
    stop: watch::Sender<bool>,
    server: Option<tokio::task::JoinHandle<()>>,
    guard: ShutdownGuard,
    /// Held until the end: two clouds on one folder would overwrite each other's changes.
    _lock: FolderLock,
}

impl LocalCloud {
    /// Opens the state, or creates a new one, and listens.
    pub async fn start(settings: Settings) -> Result<LocalCloud, StartError> {
        let Settings {
            state_dir,
            port,
            clock,
            faults,
        } = settings;
        // Functions run in a folder of their own, where a relative path would lead elsewhere.
        let state_dir =
            std::path::absolute(&state_dir).map_err(|e| StartError::io(&state_dir, e))?;
        file::make_folder(&state_dir).map_err(|e| StartError::io(&state_dir, e))?;
        let lock = FolderLock::acquire(&state_dir)?;
        let guard = ShutdownGuard::new();
        let store = Store::open(&state_dir.join("state.json"), guard.clone(), || {
            State::new(Keys::generate())
        })?;
        let databases = Databases::new(&state_dir, guard.clone());
        let state = store.read();
        let regions = state.regions.iter();
        databases.check(regions.map(|(name, region)| (name.clone(), !region.tables.is_empty())))?;
        let (listener, port) = listen(port).await?;
        let cloud = Cloud::new(Parts {
            clock,
            port,
            faults: FaultInjector::new(faults),
            store,
            databases,
            tables_writer: tokio::sync::Mutex::default(),
            codes: CodeFiles::new(&state_dir, guard.clone()),
            environments: Arc::default(),
            logs: LogFiles::new(&state_dir, guard.clone()),
            provider_keys: ProviderKeys::new(&state_dir),
            counts: Counts::default(),
            last_call: AtomicI64::new(i64::MAX),
        });
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(server::serve(cloud.clone(), listener, stopped));
        let owner = state.keys.owner();
        Ok(LocalCloud {
            cloud,
            owner,
            stop,
            server: Some(server),
            guard,
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

    /// The credentials of the account's administrator, who may do everything. They stay the same as
    /// long as the state exists.
    pub fn owner(&self) -> &Credentials {
        &self.owner
    }

    /// Credentials that allow just what this policy allows, for twelve hours. Clients get the same
    /// with `sts:GetFederationToken`.
    pub fn issue(&self, policy: &Value, session_name: &str) -> Credentials {
        let now = self.cloud.now();
        self.cloud.store.read().keys.seal(&Session::Federated {
            name: session_name.to_owned(),
            policy: Some(policy.to_string()),
            issued: now,
            expires: now + LIFETIME,
        })
    }

    /// Credentials of a session of the role with this name, which gets just this policy.
    pub async fn issue_role(
        &self,
        role: &str,
        policy: &Value,
        session_name: &str,
    ) -> io::Result<Credentials> {
        let issued = issued_role::issue(&self.cloud, role, policy, session_name).await;
        // Only the state file can fail.
        issued.map_err(|error| io::Error::other(error.message))
    }

    /// The calls so far.
    pub fn requests(&self) -> Requests {
        self.cloud.counts.read()
    }

    /// Shuts down in order: accepts no more requests, responds to those in progress, ends the
    /// functions.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        if let Some(server) = self.server.take() {
            let _ = server.await;
        }
        self.cloud.environments.close();
        self.cloud.databases.close();
    }
}

/// Listens on 127.0.0.1. Returns the port too, which the system chooses for 0.
async fn listen(port: u16) -> Result<(TcpListener, u16), StartError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => StartError::PortInUse { port },
        _ => StartError::Listen {
            port,
            source: error,
        },
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address.port()))
}

impl Drop for LocalCloud {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
        }
        self.cloud.environments.close();
        self.guard.shut_down();
    }
}

impl std::fmt::Debug for LocalCloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalCloud")
            .field("port", &self.cloud.port)
            .finish_non_exhaustive()
    }
}
