//! Writes of a role's policies, which are in force and shown later than they are written.

use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::state::lagging::Lagging;

pub(crate) fn write<T: Clone>(policies: &mut Lagging<T>, value: T, cloud: &Cloud, call: &Call) {
    let seen_at = cloud.faults.after(call.now, Delay::PolicyInForce);
    let shown_at = cloud.faults.after(call.now, Delay::PolicyShown);
    policies.write_late(value, call.now, seen_at, shown_at);
}
