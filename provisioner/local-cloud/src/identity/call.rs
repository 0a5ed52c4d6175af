//! One authenticated call.

use crate::clock::Millis;
use crate::identity::caller::Caller;

/// The facts about a call that its operation may need.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) caller: Caller,
    /// From the credential scope of the signature. A region needs no setup before its first use.
    pub(crate) region: String,
    pub(crate) request_id: String,
    /// The cloud's clock when the call arrived.
    pub(crate) now: Millis,
}
