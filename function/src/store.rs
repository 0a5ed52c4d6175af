//! The function's only outside call, as the handler sees it.

use crate::ride::{Ride, StoredRide};

/// Where rides are kept.
pub trait RideStore {
    /// Stores `ride`, or finds out that its id is taken when that is `guarded`.
    fn put(&self, ride: &Ride<'_>, guard: Guard)
    -> impl Future<Output = Result<Put, WriteFailure>>;
}

/// What happens to a ride that is there already.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Guard {
    /// It is replaced: right for a random id, where it can only be the same ride, sent twice by a
    /// client that lost the first answer.
    None,
    /// It stays and is given back: right for an id that a retry asks for again.
    KeepFirst,
}

/// How a write went.
#[derive(Debug)]
pub enum Put {
    Stored,
    Taken(StoredRide),
}

/// Why a write failed, for the log.
#[derive(Debug)]
pub struct WriteFailure {
    /// AWS's error code, such as `AccessDeniedException`; a word of our own where the call never
    /// got an answer.
    pub code: String,
    pub message: String,
}
