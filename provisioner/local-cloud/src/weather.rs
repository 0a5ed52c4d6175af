//! How long AWS takes to make a change felt. In calm weather: no time at all.
//!
//! Every life cycle in this crate is a moment in the stored state, compared with the clock when it
//! is read. Nothing sleeps, and nothing has to run for a table to become ACTIVE.

use crate::clock::Millis;

/// The waits AWS imposes, one a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delay {
    /// CreateTable until ACTIVE.
    TableCreating,
    /// DeleteTable until the table is gone.
    TableDeleting,
    /// A change of tags until ListTagsOfResource shows it.
    TagsVisible,
    /// CreateRole until Lambda can assume the role.
    RoleAssumable,
    /// A change of policy until it is enforced.
    PolicyInForce,
    /// CreateFunction until Active.
    FunctionPending,
    /// An update of a function until Successful.
    FunctionUpdating,
}

/// The weather a cloud runs in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather;

impl Weather {
    /// When a change made `now` will be felt.
    pub(crate) fn after(self, now: Millis, delay: Delay) -> Millis {
        match delay {
            Delay::TableCreating
            | Delay::TableDeleting
            | Delay::TagsVisible
            | Delay::RoleAssumable
            | Delay::PolicyInForce
            | Delay::FunctionPending
            | Delay::FunctionUpdating => now,
        }
    }
}
