//! The requests that are being sent, which a canceled run gives up on by name; after the signal the SDK
//! repeats none of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::RetryConfig;

use crate::engine::stop::Stop;

/// Shared by the clients of one run.
#[derive(Clone, Debug)]
pub struct InFlight {
    stop: Stop,
    requests: Requests,
}

/// Service and operation of each request, in the order in which they were begun.
#[derive(Clone, Debug, Default)]
struct Requests(Arc<Mutex<BTreeMap<u64, String>>>);

impl InFlight {
    pub fn new(stop: Stop) -> InFlight {
        InFlight {
            stop,
            requests: Requests::default(),
        }
    }

    /// Such as `Lambda CreateFunction`.
    pub fn names(&self) -> Vec<String> {
        self.requests.lock().values().cloned().collect()
    }
}

impl Requests {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, name: String) -> Entry {
        let mut requests = self.lock();
        let number = requests.last_key_value().map_or(0, |(last, _)| last + 1);
        requests.insert(number, name);
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
        let metadata = config.load::<Metadata>();
        let name = metadata.map(|of| format!("{} {}", of.service(), of.name()));
        let entry = self.requests.begin(name.unwrap_or_default());
        config.interceptor_state().store_put(entry);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        _context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.stop.is_set() {
            config
                .interceptor_state()
                .store_put(RetryConfig::disabled());
        }
        Ok(())
    }
}
