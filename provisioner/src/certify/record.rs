//! Reads along what the SDK's clients send and receive: counts calls, keeps answers, and tells when a call
//! is reached at which a run is to be killed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use tokio::sync::Notify;

/// One response as it was received.
#[derive(Clone, Debug)]
pub struct Answer {
    /// `Lambda CreateFunction`
    pub operation: String,
    pub status: u16,
    /// `x-amzn-errortype`: where Lambda puts the code of an error.
    pub error_type: Option<String>,
    pub is_xml: bool,
    pub body: Vec<u8>,
}

/// Shared by the clients of one run.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    tape: Arc<Mutex<Tape>>,
    /// Tells of each changing call.
    changing: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Tape {
    /// The operation of every call so far.
    calls: Vec<String>,
    answers: Vec<Answer>,
    is_off: bool,
}

impl Recorder {
    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of calls so far.
    pub fn calls(&self) -> usize {
        self.tape().calls.len()
    }

    /// The operations of the calls after so many, those that change something.
    pub fn changing_since(&self, calls: usize) -> Vec<String> {
        let tape = self.tape();
        let since = tape.calls.iter().skip(calls);
        since.filter(|call| !reads(call)).cloned().collect()
    }

    /// From now on answers are kept, or not: those of other resources, and those that depend on chance.
    pub fn keep(&self, is_on: bool) {
        self.tape().is_off = !is_on;
    }

    pub fn take_answers(&self) -> Vec<Answer> {
        std::mem::take(&mut self.tape().answers)
    }

    /// Returns when the last of so many further changing calls is under way.
    pub async fn reaches(&self, further: usize) {
        let since = self.calls();
        // An earlier run may have left a notification behind.
        while self.changing_since(since).len() < further {
            self.changing.notified().await;
        }
    }
}

/// Whether an operation only reads.
fn reads(operation: &str) -> bool {
    let name = operation.split(' ').next_back().unwrap_or_default();
    ["Get", "List", "Describe", "Scan", "Simulate"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

fn operation(config: &ConfigBag) -> String {
    let metadata = config.load::<Metadata>();
    metadata.map_or_else(String::new, |of| format!("{} {}", of.service(), of.name()))
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = operation(config);
        if !reads(&operation) {
            self.changing.notify_one();
        }
        self.tape().calls.push(operation);
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let header = |name| response.headers().get(name).map(str::to_owned);
        let kind = header("content-type").unwrap_or_default();
        let mut tape = self.tape();
        if !tape.is_off {
            tape.answers.push(Answer {
                operation: operation(config),
                status: response.status().as_u16(),
                error_type: header("x-amzn-errortype"),
                is_xml: kind.contains("xml"),
                body: response.body().bytes().unwrap_or_default().to_vec(),
            });
        }
        Ok(())
    }
}
