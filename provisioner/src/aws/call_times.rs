//! Records when each attempt of a request began and ended, and what it was for.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::attempt_end::AttemptEnd;
use super::operation::{Attempt, Operation};
use crate::engine::clock::SharedClock;
use crate::engine::purpose::Purpose;
use crate::report::calls::{Answer, Call, Calls};

/// Shared by the clients of one run.
#[derive(Clone, Debug)]
pub struct CallTimes {
    /// `None` if nothing wants to know.
    calls: Option<Calls>,
    clock: SharedClock,
}

impl CallTimes {
    pub fn new(calls: Option<Calls>, clock: SharedClock) -> CallTimes {
        CallTimes { calls, clock }
    }
}

/// The number of the attempt in the list.
#[derive(Debug)]
struct Number(usize);

impl Storable for Number {
    type Storer = StoreReplace<Number>;
}

impl Intercept for CallTimes {
    fn name(&self) -> &'static str {
        "CallTimes"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(calls) = &self.calls {
            let Operation { service, name } = Operation::of(config);
            let number = calls.begin(Call {
                service,
                operation: name,
                // The SDK calls interceptors in the task of the caller.
                purpose: Purpose::current(),
                attempt: Attempt::of(config).number,
                began: self.clock.now(),
                answer: None,
            });
            config.interceptor_state().store_put(Number(number));
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Some(calls), Some(Number(number))) = (&self.calls, config.load::<Number>()) {
            let AttemptEnd {
                status,
                code,
                request_id,
            } = AttemptEnd::of(context);
            calls.end(
                *number,
                Answer {
                    at: self.clock.now(),
                    status,
                    code,
                    request_id,
                },
            );
        }
        Ok(())
    }
}
