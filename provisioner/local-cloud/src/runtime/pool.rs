//! The pool of warm environments: how many may run, which are reused, when they end.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::clock::Millis;
use crate::runtime::environment::{After, Environment};
use crate::runtime::invocation::{EnvironmentSpec, Invocation, Outcome};

/// How many processes of one version run at a time. AWS runs a thousand; on this one machine further
/// invocations wait.
const PROCESSES: usize = 8;
/// How many processes are idle, of all versions together.
const IDLE: usize = 24;
/// A warm process whose credentials expire sooner than this, the longest timeout, is not reused.
const CREDENTIALS_MARGIN: Millis = 30 * 60 * 1000;

/// A version in one of its revisions: after a change of the function its old environments are not
/// reused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct VersionKey {
    pub(crate) function_id: String,
    pub(crate) revision: String,
}

#[derive(Debug)]
pub(crate) struct Environments {
    versions: Mutex<HashMap<VersionKey, Arc<VersionPool>>>,
    /// How many invocations are running, by function.
    running: Mutex<HashMap<String, i64>>,
    /// True once the cloud shuts down, which ends running invocations.
    closed: watch::Sender<bool>,
}

impl Default for Environments {
    fn default() -> Environments {
        Environments {
            versions: Mutex::default(),
            running: Mutex::default(),
            closed: watch::Sender::new(false),
        }
    }
}

#[derive(Debug)]
struct VersionPool {
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Environment>>,
}

impl Environments {
    /// Runs an invocation on a warm environment, or on a new one started from the spec. `None` if
    /// the cloud shuts down meanwhile.
    pub(crate) async fn invoke<F, E>(
        &self,
        key: VersionKey,
        invocation: Invocation,
        now: Millis,
        spec: F,
    ) -> Option<Result<Outcome, E>>
    where
        F: AsyncFnOnce() -> Result<EnvironmentSpec, E>,
    {
        let mut closed = self.closed.subscribe();
        tokio::select! {
            // Dropping the other future ends the process that it runs on.
            _ = closed.wait_for(|closed| *closed) => None,
            outcome = self.run(key, invocation, now, spec) => Some(outcome),
        }
    }

    /// Reserves a slot for one more invocation of a function. `None` if its limit is reached.
    pub(crate) fn admit(
        self: &Arc<Self>,
        function_id: &str,
        limit: Option<i64>,
    ) -> Option<ConcurrencySlot> {
        let mut running = lock(&self.running);
        let count = running.entry(function_id.to_owned()).or_default();
        if limit.is_some_and(|limit| *count >= limit) {
            return None;
        }
        *count += 1;
        Some(ConcurrencySlot {
            environments: Arc::clone(self),
            function_id: function_id.to_owned(),
        })
    }

    async fn run<F, E>(
        &self,
        key: VersionKey,
        invocation: Invocation,
        now: Millis,
        spec: F,
    ) -> Result<Outcome, E>
    where
        F: AsyncFnOnce() -> Result<EnvironmentSpec, E>,
    {
        let pool = self.pool(&key);
        let permits = Arc::clone(&pool.permits);
        // The semaphore is never closed, so a permit always comes.
        let _permit: Option<OwnedSemaphorePermit> = permits.acquire_owned().await.ok();
        let warm = loop {
            let candidate = lock(&pool.idle).pop();
            match candidate {
                Some(environment) if environment.spec.expires < now + CREDENTIALS_MARGIN => {}
                Some(mut environment) => {
                    if environment.is_ready().await {
                        break Some(environment);
                    }
                }
                None => break None,
            }
        };
        let mut environment = match warm {
            Some(environment) => environment,
            None => match Environment::start(spec().await?, &invocation.request_id).await {
                Ok(environment) => environment,
                Err(not_started) => return Ok(not_started.0),
            },
        };
        let (outcome, after) = environment.invoke(invocation).await;
        if matches!(after, After::Warm) {
            self.keep(&key, &pool, environment);
        }
        Ok(outcome)
    }

    fn pool(&self, key: &VersionKey) -> Arc<VersionPool> {
        let mut versions = lock(&self.versions);
        let pool = versions.entry(key.clone()).or_insert_with(|| {
            Arc::new(VersionPool {
                permits: Arc::new(Semaphore::new(PROCESSES)),
                idle: Mutex::default(),
            })
        });
        Arc::clone(pool)
    }

    /// Keeps a warm environment, unless its revision was retired meanwhile.
    fn keep(&self, key: &VersionKey, pool: &Arc<VersionPool>, environment: Environment) {
        let versions = lock(&self.versions);
        if !versions
            .get(key)
            .is_some_and(|current| Arc::ptr_eq(current, pool))
        {
            return;
        }
        let idle: usize = versions.values().map(|pool| lock(&pool.idle).len()).sum();
        if idle >= IDLE {
            let other = versions
                .iter()
                .find(|(other, pool)| *other != key && !lock(&pool.idle).is_empty());
            match other {
                Some((_, other)) => drop(lock(&other.idle).pop()),
                None => return,
            }
        }
        lock(&pool.idle).push(environment);
    }

    /// Ends the idle environments of a function, but for those of its current revisions.
    pub(crate) fn retire(&self, function_id: &str, current: &HashSet<&str>) {
        lock(&self.versions).retain(|key, _| {
            key.function_id != function_id || current.contains(key.revision.as_str())
        });
    }

    /// Ends all environments, and running invocations with them.
    pub(crate) fn close(&self) {
        self.closed.send_replace(true);
        lock(&self.versions).clear();
    }
}

/// Counts as one running invocation of a function until it is dropped.
#[derive(Debug)]
pub(crate) struct ConcurrencySlot {
    environments: Arc<Environments>,
    function_id: String,
}

impl Drop for ConcurrencySlot {
    fn drop(&mut self) {
        let mut running = lock(&self.environments.running);
        if let Some(count) = running.get_mut(&self.function_id) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.function_id);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
