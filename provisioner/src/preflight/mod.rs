//! Checks, before the first change, what would stop a run in the middle and leave a half-made stack: missing
//! permissions of the caller, and a full code storage.
//!
//! IAM's simulation of the caller's policies decides. What it cannot tell never stops a run: a caller whose
//! policies it does not simulate, a condition that depends on the call itself, an endpoint without the
//! simulation. It does not know the policy of a session, so an action that it allows may still be denied.

mod decision;
mod needed;
mod permitted;
mod quota;
mod quotas;
mod refusal;
mod simulate;
mod source;
mod subject;

use futures::future::join;

use crate::engine::plan::Plan;
use crate::engine::purpose::Purpose;
use crate::error::Error;

pub use needed::Ride;
pub use subject::Preflight;

impl Preflight<'_> {
    /// Fails with all that would stop the plan. Everything is asked at once.
    pub async fn check(&self, plan: &Plan, ride: Ride) -> Result<(), Vec<Error>> {
        let asked = join(self.permitted(plan, ride), self.room_for_code(plan));
        let (permitted, code) = Purpose::Check.of(asked).await;
        let errors = [permitted, code].into_iter().filter_map(Result::err);
        match errors.collect::<Vec<_>>() {
            errors if errors.is_empty() => Ok(()),
            errors => Err(errors),
        }
    }
}
