//! The parts of a running cloud, shared by all requests.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::api::error::ApiResult;
use crate::clock::{Clock, Millis, to_millis};
use crate::count::Counts;
use crate::faults::{Delay, FaultInjector};
use crate::runtime::Environments;
use crate::state::{Store, set_back};
use crate::storage::code_files::CodeFiles;
use crate::storage::databases::Databases;
use crate::storage::log_files::LogFiles;
use crate::storage::provider_keys::ProviderKeys;

#[derive(Clone)]
pub(crate) struct Cloud(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) port: u16,
    pub(crate) faults: FaultInjector,
    pub(crate) store: Store,
    pub(crate) databases: Databases,
    /// Held while a table is created, updated or deleted, which changes the state and dynoxide.
    pub(crate) tables_writer: tokio::sync::Mutex<()>,
    pub(crate) codes: CodeFiles,
    pub(crate) environments: Arc<Environments>,
    pub(crate) logs: LogFiles,
    pub(crate) provider_keys: ProviderKeys,
    pub(crate) counts: Counts,
    /// The clock at the last call, by which a clock that was set back is noticed.
    pub(crate) last_call: AtomicI64,
}

const MINUTE: Millis = 60 * 1000;
/// Changes in progress end sooner, unless the profile says otherwise. The state may come from a run with
/// another profile.
const LONGEST_CHANGE: Millis = 10 * MINUTE;
/// Delays that may be longer, with the end of their member's name in the state.
const COOLDOWNS: [(&str, Delay); 2] = [
    ("ttl_until", Delay::TtlCooldown),
    ("assumable_at", Delay::RoleAssumable),
];

impl Cloud {
    pub(crate) fn new(parts: Parts) -> Cloud {
        Cloud(Arc::new(parts))
    }

    /// The cloud's clock.
    pub(crate) fn now(&self) -> Millis {
        to_millis(self.clock.now())
    }

    /// Ends the changes that a clock set back would postpone. At the start every change is looked at, since
    /// the clock may have been set back while no cloud was running.
    pub(crate) async fn settle_if_set_back(&self, now: Millis) -> ApiResult<()> {
        let last = self.last_call.swap(now, Ordering::Relaxed);
        if now >= last.saturating_sub(MINUTE) {
            return Ok(());
        }
        let longest = |name: &str| {
            let cooldown = COOLDOWNS.iter().find(|(member, _)| *member == name);
            let delay = cooldown.map_or(0, |(_, delay)| self.faults.longest(&[*delay]));
            delay.max(LONGEST_CHANGE)
        };
        if set_back::settled(&self.store.read(), now, longest).is_none() {
            return Ok(());
        }
        let settle = |state: &mut crate::state::State| {
            *state = set_back::settled(state, now, longest).unwrap_or_else(|| state.clone());
            Ok(())
        };
        self.store.change(settle).await
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn endpoint_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Deref for Cloud {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
