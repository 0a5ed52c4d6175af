//! A local cloud that runs in this process.

use std::fs::File;
use std::sync::Arc;
use std::time::SystemTime;

use local_cloud::{Credentials, FaultProfile, LocalCloud, Settings, StartError};
use serde_json::Value;

use crate::engine::clock::{Clock, SharedClock};
use crate::error::Error;
use crate::hints::quoted;
use crate::local::folder::OTHER_FOLDER;
use crate::local::options::{Faults, Options};

/// Ends the local cloud in order, if one runs in this process.
#[derive(Debug, Default)]
pub struct Guard(Option<RunningCloud>);

/// A local cloud with the lock on its directory, which is released after the cloud has ended.
#[derive(Debug)]
pub(super) struct RunningCloud {
    pub(super) cloud: LocalCloud,
    _lock: File,
}

impl Guard {
    pub fn none() -> Guard {
        Guard(None)
    }

    pub(super) fn of(running: RunningCloud) -> Guard {
        Guard(Some(running))
    }

    pub async fn stop(self) {
        if let Some(running) = self.0 {
            running.cloud.stop().await;
        }
    }
}

/// The session of the roles that `--as` uses, and what their names begin with.
const SESSION: &str = "provision";

impl RunningCloud {
    /// Credentials of a role that has just this policy, as a deployment in CI has them.
    pub(super) async fn issue(
        &self,
        options: &Options,
        name: &str,
        policy: &Value,
    ) -> Result<Credentials, Error> {
        let role = format!("{SESSION}-{name}");
        let issued = self.cloud.issue_role(&role, policy, SESSION).await;
        issued.map_err(|source| {
            let path = options.folder.join("state");
            not_started(StartError::Io { path, source })
        })
    }
}

/// Starts a local cloud in a directory that this process has locked.
pub(super) async fn start(
    options: &Options,
    port: u16,
    lock: File,
    clock: &SharedClock,
) -> Result<RunningCloud, Error> {
    let settings = Settings {
        state_dir: options.folder.join("state"),
        port,
        clock: Arc::new(CloudClock(clock.clone())),
        faults: match options.faults {
            None | Some(Faults::Calm) => FaultProfile::calm(),
            Some(Faults::Aws { seed }) => FaultProfile::aws(seed),
            Some(Faults::Storm { seed }) => FaultProfile::storm(seed),
        },
    };
    let cloud = LocalCloud::start(settings).await.map_err(not_started)?;
    Ok(RunningCloud { cloud, _lock: lock })
}

fn not_started(error: StartError) -> Error {
    let hint = hint_for(&error);
    Error::failed("start the local cloud")
        .because(error)
        .hint(hint)
}

/// The hint for a start that failed, in terms of the flags of `provision`.
fn hint_for(error: &StartError) -> String {
    match error {
        StartError::PortInUse { .. } | StartError::Listen { .. } => {
            "use any free port: `… --port 0`".to_owned()
        }
        StartError::StateInUse { .. } | StartError::Io { .. } => OTHER_FOLDER.to_owned(),
        StartError::Damaged { path, folder, .. } => {
            let damaged = format!("{}.damaged", folder.display());
            format!(
                "restore a good copy of `{}`; or start with an empty local cloud, which loses all its \
                 data: `mv {} {}`",
                path.display(),
                quoted(&folder.display().to_string()),
                quoted(&damaged)
            )
        }
    }
}

/// The clock of this run, as the local cloud reads it.
#[derive(Debug)]
struct CloudClock(SharedClock);

impl local_cloud::Clock for CloudClock {
    fn now(&self) -> SystemTime {
        Clock::now(&*self.0)
    }
}
