//! The connection of one command to a local cloud.

use std::fs::File;
use std::time::Duration;

use aws_credential_types::Credentials;

use crate::aws::clients::Cloud;
use crate::aws::interceptors::Interceptors;
use crate::engine::clock::SharedClock;
use crate::engine::wait::{Look, Wait};
use crate::error::Error;
use crate::local::client::clients;
use crate::local::endpoint::{self, Endpoint};
use crate::local::folder::{holder, prepare, try_lock};
use crate::local::health::is_healthy;
use crate::local::options::Options;
use crate::local::process::{Guard, start};

/// How long a command waits for another one that uses the directory.
const LOCK_LIMIT: Duration = Duration::from_secs(10);

/// Starts a local cloud in this process, or connects to a running `provision cloud`.
pub async fn connect(
    options: &Options,
    clock: &SharedClock,
    wait: &Wait<'_>,
    interceptors: &Interceptors,
) -> Result<(Cloud, Guard), Error> {
    prepare(&options.folder)?;
    let lock = options.folder.join("lock");
    // The other process that holds the lock takes real time, whatever the clock of this run.
    let wait = wait.in_real_time();
    let doing = format!("wait for the local cloud in `{}`", options.folder.display());
    let found = wait
        .until(&doing, LOCK_LIMIT, async || {
            if let Some(lock) = try_lock(&lock)? {
                return Ok(Look::Ready(Folder::Free(lock)));
            }
            if let Some(endpoint) = endpoint::read(&options.folder)
                && is_healthy(&endpoint.url).await
            {
                return Ok(Look::Ready(Folder::Serving(endpoint)));
            }
            Ok(Look::NotYet(
                format!("{} is using it", holder(&lock)).into(),
            ))
        })
        .await?;
    match found {
        Folder::Free(lock) => in_process(options, lock, clock, interceptors).await,
        Folder::Serving(endpoint) => with_running(options, endpoint, clock, interceptors),
    }
}

/// The state of the directory.
enum Folder {
    /// Locked for this process.
    Free(File),
    /// A `provision cloud` runs there.
    Serving(Endpoint),
}

async fn in_process(
    options: &Options,
    lock: File,
    clock: &SharedClock,
    interceptors: &Interceptors,
) -> Result<(Cloud, Guard), Error> {
    // A `provision cloud` that was killed has left its endpoint behind.
    endpoint::remove(&options.folder);
    let running = start(options, 0, lock, clock).await?;
    let credentials = match &options.identity {
        None => running.cloud.owner().clone(),
        Some((name, policy)) => running.issue(options, name, policy).await?,
    };
    let credentials = Credentials::new(
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token,
        None,
        "local cloud",
    );
    let url = running.cloud.endpoint_url();
    let cloud = clients(&options.region, &url, credentials, clock, interceptors);
    Ok((cloud, Guard::of(running)))
}

fn with_running(
    options: &Options,
    endpoint: Endpoint,
    clock: &SharedClock,
    interceptors: &Interceptors,
) -> Result<(Cloud, Guard), Error> {
    options.without_identity()?;
    if options.faults.is_some() {
        return Err(Error::usage(
            "`--faults` has no effect on a local cloud that is already running",
        )
        .hint(
            "restart `provision cloud` with `--faults`, or omit the flag: `… without --faults`",
        ));
    }
    let credentials =
        Credentials::from_keys(endpoint.access_key_id, endpoint.secret_access_key, None);
    let cloud = clients(
        &options.region,
        &endpoint.url,
        credentials,
        clock,
        interceptors,
    );
    Ok((cloud, Guard::none()))
}
