//! The function's only network call, as the handler sees it.

use crate::ride::{Ride, StoredRide};

/// Where rides are kept.
pub trait RideStore {
    /// Stores `ride`. With `Guard::KeepFirst`, an existing ride with the same id is returned instead.
    fn put(&self, ride: &Ride<'_>, guard: Guard)
    -> impl Future<Output = Result<Put, WriteFailure>>;
}

/// What happens to an existing ride with the same id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Guard {
    /// It is replaced. Right for a random id, where it can only be the same ride, written twice by an
    /// SDK that lost the first response.
    None,
    /// It is kept and returned. Right for an id that follows from an idempotency key.
    KeepFirst,
}

/// The outcome of a write that DynamoDB answered.
#[derive(Debug)]
pub enum Put {
    Stored,
    AlreadyExists(StoredRide),
}

/// Why a write failed, for the log.
#[derive(Debug)]
pub struct WriteFailure {
    /// AWS's error code, such as `AccessDeniedException`, or this program's own name for a call that
    /// got no response.
    pub code: String,
    pub message: String,
}
