//! Which environments are warm, how many may run, and when they go.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::clock::Millis;
use crate::runtime::environment::{After, Environment, Outcome};
use crate::runtime::{Blueprint, Job};
use crate::state::State;

/// Processes of one version at a time. AWS runs a thousand; this is one machine, so more calls wait.
const PROCESSES: usize = 8;
/// Idle processes of all versions together.
const IDLE: usize = 24;
/// Warm processes whose credentials end sooner than this are not used again.
const CREDENTIALS_MARGIN: Millis = 15 * 60 * 1000;

/// A version in one of its revisions: a change of the function leaves its old environments behind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) function_id: String,
    pub(crate) revision: String,
}

#[derive(Debug)]
pub(crate) struct Environments {
    fleets: Mutex<HashMap<Key, Arc<Fleet>>>,
    /// Invocations under way, by function.
    under_way: Mutex<HashMap<String, i64>>,
    /// Turns true when the cloud ends, which ends invocations under way.
    closed: watch::Sender<bool>,
}

impl Default for Environments {
    fn default() -> Environments {
        Environments {
            fleets: Mutex::default(),
            under_way: Mutex::default(),
            closed: watch::Sender::new(false),
        }
    }
}

#[derive(Debug)]
struct Fleet {
    running: Arc<Semaphore>,
    idle: Mutex<Vec<Environment>>,
}

impl Environments {
    /// Runs an invocation on a warm environment, or on a new one made from the blueprint. None if
    /// the cloud ends meanwhile.
    pub(crate) async fn invoke<F, E>(
        &self,
        key: Key,
        job: Job,
        now: Millis,
        blueprint: F,
    ) -> Option<Result<Outcome, E>>
    where
        F: AsyncFnOnce() -> Result<Blueprint, E>,
    {
        let mut closed = self.closed.subscribe();
        tokio::select! {
            // Dropping the work ends the process that it runs on.
            _ = closed.wait_for(|closed| *closed) => None,
            outcome = self.run(key, job, now, blueprint) => Some(outcome),
        }
    }

    /// A place for one more invocation of a function; none if its limit is reached.
    pub(crate) fn admit(self: &Arc<Self>, function_id: &str, limit: Option<i64>) -> Option<Place> {
        let mut under_way = lock(&self.under_way);
        let count = under_way.entry(function_id.to_owned()).or_default();
        if limit.is_some_and(|limit| *count >= limit) {
            return None;
        }
        *count += 1;
        Some(Place {
            environments: Arc::clone(self),
            function_id: function_id.to_owned(),
        })
    }

    async fn run<F, E>(&self, key: Key, job: Job, now: Millis, blueprint: F) -> Result<Outcome, E>
    where
        F: AsyncFnOnce() -> Result<Blueprint, E>,
    {
        let fleet = self.fleet(&key);
        let running = Arc::clone(&fleet.running);
        // The semaphore is never closed, so a permit always comes.
        let _permit: Option<OwnedSemaphorePermit> = running.acquire_owned().await.ok();
        let warm = loop {
            let candidate = lock(&fleet.idle).pop();
            match candidate {
                Some(environment) if environment.blueprint.expires < now + CREDENTIALS_MARGIN => {}
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
            None => match Environment::start(blueprint().await?, &job.request_id).await {
                Ok(environment) => environment,
                Err(not_started) => return Ok(not_started.0),
            },
        };
        let (outcome, after) = environment.invoke(job).await;
        if matches!(after, After::Warm) {
            self.keep(&key, &fleet, environment);
        }
        Ok(outcome)
    }

    fn fleet(&self, key: &Key) -> Arc<Fleet> {
        let mut fleets = lock(&self.fleets);
        let fleet = fleets.entry(key.clone()).or_insert_with(|| {
            Arc::new(Fleet {
                running: Arc::new(Semaphore::new(PROCESSES)),
                idle: Mutex::default(),
            })
        });
        Arc::clone(fleet)
    }

    /// Keeps a warm environment, unless its version was retired meanwhile.
    fn keep(&self, key: &Key, fleet: &Arc<Fleet>, environment: Environment) {
        let fleets = lock(&self.fleets);
        if !fleets
            .get(key)
            .is_some_and(|current| Arc::ptr_eq(current, fleet))
        {
            return;
        }
        let idle: usize = fleets.values().map(|fleet| lock(&fleet.idle).len()).sum();
        if idle >= IDLE {
            let other = fleets
                .iter()
                .find(|(other, fleet)| *other != key && !lock(&fleet.idle).is_empty());
            match other {
                Some((_, other)) => drop(lock(&other.idle).pop()),
                None => return,
            }
        }
        lock(&fleet.idle).push(environment);
    }

    /// Ends the environments of what a function no longer is.
    pub(crate) fn retire(&self, function_id: &str, state: &State) {
        let functions = state
            .regions
            .values()
            .flat_map(|region| region.functions.values());
        let current: HashSet<&str> = functions
            .filter(|function| function.id == function_id)
            .flat_map(|function| function.versions())
            .flat_map(|version| std::iter::once(version).chain(version.before.as_deref()))
            .map(|version| version.revision.as_str())
            .collect();
        lock(&self.fleets).retain(|key, _| {
            key.function_id != function_id || current.contains(key.revision.as_str())
        });
    }

    /// Ends them all.
    pub(crate) fn close(&self) {
        self.closed.send_replace(true);
        lock(&self.fleets).clear();
    }
}

/// Given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    environments: Arc<Environments>,
    function_id: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut under_way = lock(&self.environments.under_way);
        if let Some(count) = under_way.get_mut(&self.function_id) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.function_id);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
