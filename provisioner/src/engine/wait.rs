//! Waits for a condition: checks it at once, then as often as `pace.rs` says, until a deadline. Nothing else
//! sleeps.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::clock::{RealClock, SharedClock};
use super::pace::Pace;
use super::status::{Delay, Status};
use super::stop::{REQUEST_LIMIT, Stop};
use crate::error::{Error, Failure};

/// The result of one check.
#[derive(Debug)]
pub enum Look<T> {
    Ready(T),
    /// The current status, for the progress report and for the error at the deadline.
    NotYet(Status),
}

/// AWS limits how many requests it takes; the SDK has already repeated this one.
pub const THROTTLED: Delay = Delay::new("AWS accepts more requests", Pace::UNKNOWN);

/// Receives the progress of a wait.
pub trait Watcher {
    fn waiting(&self, status: &Status, waited: Duration);
    /// The wait has ended, whether or not what it waited for has come.
    fn waited(&self, status: &Status, took: Duration);
    fn note(&self, text: &str);
}

#[derive(Clone)]
pub struct Wait<'a> {
    clock: SharedClock,
    stop: Stop,
    /// `--wait-limit`: replaces every named limit.
    limit: Option<Duration>,
    watcher: Rc<dyn Watcher + 'a>,
}

impl fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl<'a> Wait<'a> {
    pub fn new(clock: SharedClock, stop: Stop, limit: Option<Duration>) -> Wait<'static> {
        Wait {
            clock,
            stop,
            limit,
            watcher: Rc::new(Silent),
        }
    }

    pub fn watched<'b>(&self, watcher: Rc<dyn Watcher + 'b>) -> Wait<'b> {
        Wait {
            clock: self.clock.clone(),
            stop: self.stop.clone(),
            limit: self.limit,
            watcher,
        }
    }

    /// The same wait on the real clock, for conditions that a virtual clock cannot influence.
    pub fn in_real_time(&self) -> Wait<'a> {
        Wait {
            clock: Arc::new(RealClock),
            ..self.clone()
        }
    }

    /// The same limits on another clock, and with another way to stop.
    pub fn on(&self, clock: SharedClock, stop: Stop) -> Wait<'a> {
        Wait {
            clock,
            stop,
            ..self.clone()
        }
    }

    /// How long a wait with this named limit may take.
    pub fn limit(&self, named: Duration) -> Duration {
        self.limit.unwrap_or(named)
    }

    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// Reports something that was done along the way.
    pub fn note(&self, text: impl AsRef<str>) {
        self.watcher.note(text.as_ref());
    }

    /// The same wait, which no signal ends: to put right what must not stay half done.
    pub fn unstoppable(&self) -> Wait<'a> {
        Wait {
            stop: Stop::never(),
            ..self.clone()
        }
    }

    /// Returns when a signal has come and requests in flight have had their time.
    pub async fn given_up(&self) {
        self.stop.expired(REQUEST_LIMIT, &*self.clock).await;
    }

    /// Ends a read early with ctrl-c.
    pub async fn read<T>(
        &self,
        reading: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.stop.unless_set(reading).await?
    }

    pub fn stopped(&self) -> Result<(), Error> {
        if self.stop.is_set() {
            Err(Error::interrupted())
        } else {
            Ok(())
        }
    }

    /// Checks until the result is `Ready` or an error, or until the limit or ctrl-c. `what` appears in the
    /// error at the deadline: `wait for table Rides`.
    pub async fn until<T>(
        &self,
        what: &str,
        limit: Duration,
        look: impl AsyncFnMut() -> Result<Look<T>, Error>,
    ) -> Result<T, Error> {
        let mut last = None;
        let result = self.poll(what, limit, look, &mut last).await;
        if let Some((since, status)) = last {
            let took = self.clock.now().duration_since(since).unwrap_or_default();
            self.watcher.waited(&status, took);
        }
        result
    }

    /// Sets `last` to when the first check failed, and to the last status.
    async fn poll<T>(
        &self,
        what: &str,
        limit: Duration,
        mut look: impl AsyncFnMut() -> Result<Look<T>, Error>,
        last: &mut Option<(SystemTime, Status)>,
    ) -> Result<T, Error> {
        let limit = self.limit(limit);
        let started = self.clock.now();
        loop {
            let status = match look().await {
                Ok(Look::Ready(value)) => return Ok(value),
                Ok(Look::NotYet(status)) => status,
                Err(error) if error.failure == Failure::Throttled => {
                    THROTTLED.shown_as(error.chain().join(": "))
                }
                Err(error) => return Err(error),
            };
            self.stopped()?;
            let now = self.clock.now();
            let waited = now.duration_since(started).unwrap_or_default();
            let since = last.as_ref().map_or(now, |(since, _)| *since);
            *last = Some((since, status.clone()));
            self.watcher.waiting(&status, waited);
            if waited >= limit {
                return Err(Error::failed(format!(
                    "{what}: timed out after {} s, last status: {}",
                    waited.as_secs(),
                    status.shown
                ))
                .of(Failure::TimedOut)
                .hint(format!(
                    "to continue with more time: `… --wait-limit {}`",
                    (2 * limit.as_secs()).max(60)
                )));
            }
            let next = status.pace.next(waited).min(limit);
            self.pause(next - waited).await;
        }
    }

    /// Ends early with ctrl-c.
    pub async fn pause(&self, duration: Duration) {
        // Either end of it will do.
        let _ = self.stop.unless_set(self.clock.sleep(duration)).await;
    }
}

struct Silent;

impl Watcher for Silent {
    fn waiting(&self, _status: &Status, _waited: Duration) {}
    fn waited(&self, _status: &Status, _took: Duration) {}
    fn note(&self, _text: &str) {}
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Look, Pace, Status, Wait};
    use crate::engine::clock::{Clock, VirtualClock};
    use crate::engine::stop::{Stop, Stopper};
    use crate::error::{Error, Exit, Failure};

    fn wait() -> (VirtualClock, Stopper, Wait<'static>) {
        let clock = VirtualClock::starting_at(UNIX_EPOCH);
        let (stopper, stop) = Stop::new();
        (
            clock.clone(),
            stopper,
            Wait::new(Arc::new(clock), stop, None),
        )
    }

    #[tokio::test]
    async fn what_is_ready_at_once_costs_no_sleep() {
        let (clock, _stopper, wait) = wait();
        let limit = Duration::from_secs(60);
        let found = wait.until("look", limit, async || Ok(Look::Ready(7))).await;
        assert_eq!(found.ok(), Some(7));
        assert_eq!(clock.now(), UNIX_EPOCH);
    }

    #[tokio::test]
    async fn a_throttled_check_is_repeated_and_another_error_is_not() {
        let (_clock, _stopper, wait) = wait();
        let limit = Duration::from_secs(60);
        let throttled = Error::failed("describe table Rides").of(Failure::Throttled);
        let mut answers = vec![Ok(Look::Ready(7)), Err(throttled)];
        let answer = async || answers.pop().expect("two looks");
        assert_eq!(wait.until("look", limit, answer).await.ok(), Some(7));
        let mut answers = vec![Ok(Look::Ready(7)), Err(Error::failed("no such table"))];
        let answer = async || answers.pop().expect("one look");
        assert!(wait.until("look", limit, answer).await.is_err());
    }

    #[tokio::test]
    async fn the_deadline_names_the_last_status() {
        let (clock, _stopper, wait) = wait();
        let limit = Duration::from_secs(60);
        let mut looks = 0;
        let error = wait
            .until::<()>("wait for table Rides", limit, async || {
                looks += 1;
                assert!(looks < 1000, "the deadline is never reached");
                Ok(Look::NotYet("CREATING".to_owned().into()))
            })
            .await
            .expect_err("nothing is ever ready");
        assert_eq!(
            error.text,
            "wait for table Rides: timed out after 60 s, last status: CREATING"
        );
        assert_eq!(clock.now(), UNIX_EPOCH + limit);
    }

    #[tokio::test]
    async fn an_expensive_look_is_repeated_only_after_its_pause() {
        let (clock, _stopper, wait) = wait();
        let second = Duration::from_secs(1);
        let refused = Status::from("refused".to_owned()).paced(Pace::every(second));
        let mut looks = vec![
            Look::Ready(()),
            Look::NotYet(refused.clone()),
            Look::NotYet(refused),
        ];
        let look = async || Ok(looks.pop().expect("three looks"));
        let limit = Duration::from_secs(60);
        assert!(wait.until("create the function", limit, look).await.is_ok());
        assert_eq!(clock.now(), UNIX_EPOCH + 2 * second);
    }

    #[tokio::test]
    async fn ctrl_c_ends_a_wait() {
        let (_clock, stopper, wait) = wait();
        stopper.stop();
        let error = wait
            .until::<()>("wait", Duration::from_secs(60), async || {
                Ok(Look::NotYet("still".to_owned().into()))
            })
            .await
            .expect_err("stopped");
        assert_eq!(error.exit, Exit::Interrupted);
    }
}
