//! The requests of a run, attempt by attempt, for `--timings`. Never a body, or a header but the request ID.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::engine::purpose::Purpose;

/// One attempt of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub service: String,
    pub operation: String,
    pub purpose: Purpose,
    /// 1 is the first.
    pub attempt: u32,
    pub began: SystemTime,
    /// `None` if the run ended before.
    pub answer: Option<Answer>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub at: SystemTime,
    /// The status, or why there is no response.
    pub status: Result<u16, String>,
    /// AWS's code of an error.
    pub code: Option<String>,
    pub request_id: Option<String>,
}

/// Shared by the clients of one run, which add to it.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<Vec<Call>>>);

impl Calls {
    /// Returns the number by which its answer is added.
    pub fn begin(&self, call: Call) -> usize {
        let mut list = self.lock();
        list.push(call);
        list.len() - 1
    }

    pub fn end(&self, number: usize, answer: Answer) {
        if let Some(call) = self.lock().get_mut(number) {
            call.answer = Some(answer);
        }
    }

    /// In the order in which they began.
    pub fn list(&self) -> Vec<Call> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
