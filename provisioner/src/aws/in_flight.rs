//! The requests that have no response yet: a slow run says what it waits for, and a canceled run what it
//! gives up on. After the signal the SDK repeats none of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::RetryConfig;

use super::operation::{Attempt, Operation};
use crate::engine::clock::SharedClock;
use crate::engine::stop::Stop;

/// Shared by the clients of one run.
#[derive(Clone, Debug)]
pub struct InFlight {
    stop: Stop,
    clock: SharedClock,
    requests: Requests,
}

/// By their number, in the order in which they were begun.
#[derive(Clone, Debug, Default)]
struct Requests {
    begun: Arc<AtomicU64>,
    list: Arc<Mutex<BTreeMap<u64, Request>>>,
}

#[derive(Clone, Debug)]
struct Request {
    operation: Operation,
    attempt: Attempt,
    began: SystemTime,
}

/// A request that has been without a response for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub operation: Operation,
    pub attempt: Attempt,
    /// Since the first attempt began.
    pub waited: Duration,
}

impl InFlight {
    pub fn new(stop: Stop, clock: SharedClock) -> InFlight {
        InFlight {
            stop,
            clock,
            requests: Requests::default(),
        }
    }

    /// Such as `Lambda CreateFunction`.
    pub fn names(&self) -> Vec<String> {
        let requests = self.requests.lock();
        let names = requests
            .values()
            .map(|request| request.operation.to_string());
        names.collect()
    }

    pub fn waiting(&self) -> BTreeMap<u64, Waiting> {
        let now = self.clock.now();
        let requests = self.requests.lock();
        let waiting = requests.iter().map(|(number, request)| {
            let waiting = Waiting {
                operation: request.operation.clone(),
                attempt: request.attempt,
                waited: now.duration_since(request.began).unwrap_or_default(),
            };
            (*number, waiting)
        });
        waiting.collect()
    }
}

impl Requests {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Request>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, request: Request) -> Entry {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, request);
        Entry {
            number,
            requests: self.clone(),
        }
    }
}

/// Kept with the request's configuration, which ends with the request, also where it is dropped halfway.
#[derive(Debug)]
struct Entry {
    number: u64,
    requests: Requests,
}

impl Storable for Entry {
    type Storer = StoreReplace<Entry>;
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.requests.lock().remove(&self.number);
    }
}

impl Intercept for InFlight {
    fn name(&self) -> &'static str {
        "InFlight"
    }

    fn modify_before_retry_loop(
        &self,
        _context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let entry = self.requests.begin(Request {
            operation: Operation::of(config),
            attempt: Attempt::of(config),
            began: self.clock.now(),
        });
        config.interceptor_state().store_put(entry);
        Ok(())
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let number = config.load::<Entry>().map(|entry| entry.number);
        let mut requests = self.requests.lock();
        if let Some(request) = number.and_then(|number| requests.get_mut(&number)) {
            request.attempt = Attempt::of(config);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        _context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.stop.is_set() {
            let never = RetryConfig::disabled();
            config.interceptor_state().store_put(never);
        }
        Ok(())
    }
}
