//! What is known of one invocation besides its event.

/// The circumstances of one request, which the handler stores, answers and logs.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext<'a> {
    pub request_id: &'a str,
    /// When it was received: UTC, RFC 3339, milliseconds.
    pub time: &'a str,
    /// For the ride's id, unless the request has an idempotency key.
    pub random: [u8; 16],
    /// Whether this is the first event of its process (a cold start).
    pub cold: bool,
}
