//! How a signal ends a run: no new change starts, waits end, and requests in flight get a few seconds.

use std::time::Duration;

use tokio::sync::watch;

use super::clock::Clock;
use crate::error::Error;

/// How long a request in flight may take after the signal. GitHub sends a second signal after 7.5 s and
/// SIGKILL 2.5 s later, and what is half done has to be printed before that.
pub const REQUEST_LIMIT: Duration = Duration::from_secs(5);

/// How long a command may take after the signal, whatever it does.
pub const COMMAND_LIMIT: Duration = Duration::from_secs(6);

/// Set by the first signal. Checked before each request that changes something and in each `Wait`.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// The other end of a `Stop`.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

impl Stop {
    pub fn new() -> (Stopper, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Stopper(sender), Stop(receiver))
    }

    /// For what no signal ends, such as cleaning up.
    pub fn never() -> Stop {
        Stop::new().1
    }

    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    pub async fn set(&self) {
        let mut receiver = self.0.clone();
        // A dropped stopper can never stop the run.
        if receiver.wait_for(|stopped| *stopped).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Returns so long after the signal. Never on a virtual clock, where that time would pass before a
    /// request that is answered at once.
    pub async fn expired(&self, limit: Duration, clock: &dyn Clock) {
        self.set().await;
        if !clock.is_real() {
            std::future::pending::<()>().await;
        }
        clock.sleep(limit).await;
    }

    /// Runs what may be dropped halfway, since it changes nothing.
    pub async fn unless_set<T>(&self, reading: impl Future<Output = T>) -> Result<T, Error> {
        tokio::select! {
            biased;
            result = reading => Ok(result),
            () = self.set() => Err(Error::interrupted()),
        }
    }
}

impl Stopper {
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}
