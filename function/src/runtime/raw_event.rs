//! Passes an event's bytes to the handler unparsed. lambda_runtime would parse them first and answer
//! those that it cannot parse by itself; this way every event is parsed once, and answered as the
//! contract says.

use lambda_runtime::tower::Layer;
use lambda_runtime::{LambdaInvocation, Service};
use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll};

/// The event that is being processed; there is never more than one.
#[derive(Clone, Default)]
pub struct EventSlot(Rc<Cell<Vec<u8>>>);

impl EventSlot {
    pub fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

/// A layer that moves each event into the slot and passes a `null` in its place.
pub struct RawEventLayer(pub EventSlot);

impl<S> Layer<S> for RawEventLayer {
    type Service = RawEvent<S>;

    fn layer(&self, inner: S) -> RawEvent<S> {
        RawEvent {
            inner,
            slot: self.0.clone(),
        }
    }
}

pub struct RawEvent<S> {
    inner: S,
    slot: EventSlot,
}

impl<S: Service<LambdaInvocation>> Service<LambdaInvocation> for RawEvent<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> S::Future {
        let event = std::mem::replace(&mut invocation.body, "null".into());
        self.slot.0.set(event.into());
        self.inner.call(invocation)
    }
}
