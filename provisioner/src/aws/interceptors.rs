//! What every client of a run has besides its configuration.

use super::call_times::CallTimes;
use super::credential_requests::CredentialRequests;
use super::in_flight::InFlight;
use super::limits::Limits;
use super::request_log::{Detail, RequestLog};
use crate::engine::clock::SharedClock;
use crate::engine::stop::Stop;
use crate::report::calls::Calls;
use crate::report::live::Lines;

#[derive(Clone, Debug)]
pub struct Interceptors {
    pub limits: Limits,
    pub in_flight: InFlight,
    pub log: RequestLog,
    pub times: CallTimes,
    /// Those of the clients that take no interceptors.
    pub credential_requests: CredentialRequests,
}

impl Interceptors {
    pub fn new(stop: Stop, clock: SharedClock, log: RequestLog) -> Interceptors {
        Interceptors {
            limits: Limits,
            in_flight: InFlight::new(stop, clock.clone()),
            log,
            times: CallTimes::new(None, clock),
            credential_requests: CredentialRequests::default(),
        }
    }

    /// The same, and all attempts of requests are added to this list.
    pub fn recording(self, calls: Calls, clock: SharedClock) -> Interceptors {
        Interceptors {
            times: CallTimes::new(Some(calls), clock),
            ..self
        }
    }

    /// For clients that no signal ends and nothing reads along.
    pub fn silent(clock: SharedClock) -> Interceptors {
        let log = RequestLog::new((Detail::Nothing, Lines::default()), None, clock.clone());
        Interceptors::new(Stop::never(), clock, log)
    }
}
