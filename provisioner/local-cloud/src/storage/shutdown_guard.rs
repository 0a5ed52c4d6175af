//! Access to the state folder: off the async threads, and only while this cloud runs. A request can
//! outlive the cloud that accepted it; by then another cloud may use the folder.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::api::error::{ApiError, ApiResult};

/// Shared by everything that reads or writes the state folder.
#[derive(Debug, Clone)]
pub(crate) struct ShutdownGuard(Arc<RwLock<bool>>);

impl ShutdownGuard {
    pub(crate) fn new() -> ShutdownGuard {
        ShutdownGuard(Arc::new(RwLock::new(true)))
    }

    /// Runs blocking work, unless the cloud has shut down.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> ApiResult<T> + Send + 'static,
    ) -> ApiResult<T> {
        let guard = self.clone();
        let work = move || {
            let _running = guard.enter()?;
            work()
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => Err(ApiError::internal(format!(
                "the local cloud failed: {error}"
            ))),
        }
    }

    /// Delays a shutdown while it is held. An error once the cloud has shut down.
    fn enter(&self) -> ApiResult<RwLockReadGuard<'_, bool>> {
        let is_running = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if *is_running {
            Ok(is_running)
        } else {
            Err(ApiError::internal("the local cloud has ended"))
        }
    }

    /// Waits for work in progress and refuses all work from then on.
    pub(crate) fn shut_down(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = false;
    }
}

#[cfg(test)]
mod tests {
    use super::ShutdownGuard;

    #[test]
    fn nothing_is_written_after_the_shutdown() {
        let guard = ShutdownGuard::new();
        assert!(guard.enter().is_ok());
        guard.shut_down();
        assert!(guard.enter().is_err());
    }
}
