//! Work on the state folder: off the async threads, and only as long as this cloud lives. A request
//! can outlive the cloud that took it; by then the folder may belong to another.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::error::{ApiError, ApiResult};

/// Shared by everything that touches the state folder.
#[derive(Debug, Clone)]
pub(crate) struct Alive(Arc<RwLock<bool>>);

impl Alive {
    pub(crate) fn new() -> Alive {
        Alive(Arc::new(RwLock::new(true)))
    }

    /// Does work that may wait for the disk.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> ApiResult<T> + Send + 'static,
    ) -> ApiResult<T> {
        let alive = self.clone();
        let work = move || {
            let _alive = alive.enter()?;
            work()
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => Err(ApiError::internal(format!(
                "the local cloud failed: {error}"
            ))),
        }
    }

    /// Held while working; refused once the cloud has ended.
    fn enter(&self) -> ApiResult<RwLockReadGuard<'_, bool>> {
        let alive = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if *alive {
            Ok(alive)
        } else {
            Err(ApiError::internal("the local cloud has ended"))
        }
    }

    /// Returns when whatever is being done is done, and lets nothing begin after.
    pub(crate) fn end(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = false;
    }
}

#[cfg(test)]
mod tests {
    use super::Alive;

    #[test]
    fn nobody_writes_after_the_end() {
        let alive = Alive::new();
        assert!(alive.enter().is_ok());
        alive.end();
        assert!(alive.enter().is_err());
    }
}
