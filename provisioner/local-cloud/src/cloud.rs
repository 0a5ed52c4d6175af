//! The parts of a running cloud, shared by all requests.

use std::ops::Deref;
use std::sync::Arc;

use crate::clock::{Clock, Millis, to_millis};
use crate::count::Counts;
use crate::faults::FaultInjector;
use crate::runtime::Environments;
use crate::state::Store;
use crate::storage::code_files::CodeFiles;
use crate::storage::databases::Databases;
use crate::storage::log_files::LogFiles;

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
    pub(crate) counts: Counts,
}

impl Cloud {
    pub(crate) fn new(parts: Parts) -> Cloud {
        Cloud(Arc::new(parts))
    }

    /// The cloud's clock.
    pub(crate) fn now(&self) -> Millis {
        to_millis(self.clock.now())
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
