//! Counts the requests that a shutdown waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Requests that have arrived whole and have no response yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct InProgress(Arc<AtomicUsize>);

impl InProgress {
    /// Counts as in progress until it is dropped.
    pub(crate) fn begin(&self) -> Held {
        self.0.fetch_add(1, Ordering::SeqCst);
        Held(self.clone())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.load(Ordering::SeqCst) == 0
    }
}

#[derive(Debug)]
pub(crate) struct Held(InProgress);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}
