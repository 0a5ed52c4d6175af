//! Real time, for what the cloud's clock doesn't move: sockets and processes. A client or a function
//! that says nothing is given up in real time; whatever belongs to AWS's life cycles follows the
//! cloud's clock and never sleeps.

use std::time::Duration;

/// Ends after this much real time.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate, see above"
)]
pub(crate) fn wait(duration: Duration) -> tokio::time::Sleep {
    tokio::time::sleep(duration)
}

/// The result of `work`, unless it takes longer.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate, see above"
)]
pub(crate) async fn within<F: Future>(limit: Duration, work: F) -> Option<F::Output> {
    tokio::time::timeout(limit, work).await.ok()
}
