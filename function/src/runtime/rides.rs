//! What surrounds the handler: the clock, the randomness and the log.

use crate::answer::Answer;
use crate::handler;
use crate::log::Line;
use crate::request_context::RequestContext;
use crate::rfc3339;
use crate::store::RideStore;
use std::cell::Cell;
use std::io::Write as _;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Processes events, one at a time.
pub struct Rides<S> {
    store: S,
    log_rider: bool,
    cold: Cell<bool>,
}

impl<S: RideStore> Rides<S> {
    pub fn new(store: S, log_rider: bool) -> Rides<S> {
        Rides {
            store,
            log_rider,
            cold: Cell::new(true),
        }
    }

    pub async fn take(&self, event: &[u8], request_id: &str) -> Answer {
        let started = Instant::now();
        let now = SystemTime::now();
        let mut random = [0; 16];
        // The kernel's generator is ready long before a function starts; if it failed, the clock would
        // still give two rides different ids.
        if getrandom::fill(&mut random).is_err() {
            let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
            random = since.as_nanos().to_be_bytes();
        }
        let context = RequestContext {
            request_id,
            time: &rfc3339::format(now),
            random,
            cold: self.cold.replace(false),
        };
        let (answer, entry) = handler::handle(event, &context, &self.store).await;
        let line = Line {
            entry: &entry,
            context: &context,
            took: started.elapsed(),
            log_rider: self.log_rider,
        };
        // A ride that cannot be logged is still answered: `print!` would panic if stdout is closed.
        let _ = std::io::stdout().write_all(&line.render());
        answer
    }
}
