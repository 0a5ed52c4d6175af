//! `provision cloud`: a local cloud in the foreground, for other commands and programs.

use std::path::PathBuf;

use crate::engine::clock::SharedClock;
use crate::error::Error;
use crate::local::endpoint::{self, Endpoint};
use crate::local::folder::{OTHER_FOLDER, holder, prepare, try_lock};
use crate::local::options::Options;
use crate::local::process::{RunningCloud, start};

#[derive(Debug)]
pub struct Serving {
    pub endpoint: Endpoint,
    folder: PathBuf,
    running: RunningCloud,
}

impl Serving {
    pub async fn stop(self) {
        // Removed before the lock is released, so that no command connects to a cloud that has ended.
        endpoint::remove(&self.folder);
        self.running.cloud.stop().await;
    }
}

/// Starts a local cloud and writes its endpoint.
pub async fn serve(options: &Options, port: u16, clock: &SharedClock) -> Result<Serving, Error> {
    options.without_identity()?;
    prepare(&options.folder)?;
    let path = options.folder.join("lock");
    let Some(lock) = try_lock(&path)? else {
        return Err(Error::failed(format!(
            "the local cloud in `{}` is in use by {}",
            options.folder.display(),
            holder(&path)
        ))
        .hint(format!(
            "commands with `--local` use it; for another one, {OTHER_FOLDER}"
        )));
    };
    let running = start(options, port, lock, clock).await?;
    let owner = running.cloud.owner();
    let endpoint = Endpoint {
        url: running.cloud.endpoint_url(),
        access_key_id: owner.access_key_id.clone(),
        secret_access_key: owner.secret_access_key.clone(),
        pid: std::process::id(),
    };
    endpoint::write(&options.folder, &endpoint)?;
    Ok(Serving {
        endpoint,
        folder: options.folder.clone(),
        running,
    })
}
