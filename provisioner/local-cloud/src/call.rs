//! One authenticated call.

use crate::clock::Millis;
use crate::identity::caller::Caller;

/// What every operation may ask about the call it serves.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) caller: Caller,
    /// From the credential scope: a region exists as soon as somebody signs for it.
    pub(crate) region: String,
    pub(crate) request_id: String,
    /// The cloud's clock when the call arrived.
    pub(crate) now: Millis,
}
