//! Real time, for sockets and processes: a client or a function that does not respond times out in real
//! time. AWS's life cycles go by the cloud's clock instead, and never sleep.

use std::time::Duration;

/// Completes after this real time.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate, see above"
)]
pub(crate) fn wait(duration: Duration) -> tokio::time::Sleep {
    tokio::time::sleep(duration)
}

/// The result of `work`, or `None` if it takes longer.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate, see above"
)]
pub(crate) async fn within<F: Future>(limit: Duration, work: F) -> Option<F::Output> {
    tokio::time::timeout(limit, work).await.ok()
}
