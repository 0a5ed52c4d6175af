//! Repeats a call for as long as its failure is the passing kind.

use std::time::Duration;

use crate::cloud::error::{CloudError, CloudErrorKind};
use crate::error::Error;
use crate::wait::{Look, Wait};

/// Repeats `call` while the resource is busy or the service throttles. The SDK has already retried
/// what broke on the way, so an endpoint that is not there is told at once.
pub async fn when_free<T>(
    wait: &Wait<'_>,
    what: &str,
    limit: Duration,
    call: impl AsyncFnMut() -> Result<T, CloudError>,
) -> Result<T, Error> {
    while_failing(wait, what, limit, is_busy, call).await
}

/// Something else is going on, or too much is asked: waiting helps.
pub fn is_busy(error: &CloudError) -> bool {
    matches!(error.kind, CloudErrorKind::Busy | CloudErrorKind::Throttled)
}

/// Repeats `call` while `passing` says that its failure will pass.
pub async fn while_failing<T>(
    wait: &Wait<'_>,
    what: &str,
    limit: Duration,
    passing: impl Fn(&CloudError) -> bool,
    mut call: impl AsyncFnMut() -> Result<T, CloudError>,
) -> Result<T, Error> {
    wait.until(what, limit, async || match call().await {
        Ok(value) => Ok(Look::Ready(value)),
        Err(error) if passing(&error) => Ok(Look::NotYet(error.into_cause().to_string())),
        Err(error) => Err(error.into()),
    })
    .await
}

/// Gone already is what a delete wants.
pub fn gone_is_fine(result: Result<(), CloudError>) -> Result<(), CloudError> {
    match result {
        Err(error) if error.kind == CloudErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// A read of something that may not be there.
pub fn absent_is_none<T>(result: Result<T, CloudError>) -> Result<Option<T>, CloudError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == CloudErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
