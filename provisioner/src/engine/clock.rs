//! One clock for waiting, for the SDK's signatures and backoff, and for the local cloud.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;

pub type SharedClock = Arc<dyn Clock>;

pub trait Clock: fmt::Debug + Send + Sync {
    fn now(&self) -> SystemTime;

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

    /// Whether sleeping takes real time. If it does not, a timeout must not race real I/O: every timeout
    /// would win.
    fn is_real(&self) -> bool;
}

#[derive(Debug)]
pub struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the clock is what sleeping goes through"
    )]
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn is_real(&self) -> bool {
        true
    }
}

/// A clock for tests: advances only while a task sleeps, to the earliest deadline of all sleepers.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<Mutex<Timeline>>);

#[derive(Debug)]
struct Timeline {
    now: SystemTime,
    next_sleeper: u64,
    sleepers: BTreeSet<(SystemTime, u64)>,
}

impl VirtualClock {
    pub fn starting_at(now: SystemTime) -> VirtualClock {
        let timeline = Timeline {
            now,
            next_sleeper: 0,
            sleepers: BTreeSet::new(),
        };
        VirtualClock(Arc::new(Mutex::new(timeline)))
    }

    fn timeline(&self) -> std::sync::MutexGuard<'_, Timeline> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> SystemTime {
        self.timeline().now
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        let sleeper = {
            let mut timeline = self.timeline();
            let sleeper = (timeline.now + duration, timeline.next_sleeper);
            timeline.next_sleeper += 1;
            timeline.sleepers.insert(sleeper);
            sleeper
        };
        Box::pin(VirtualSleep {
            clock: self.clone(),
            sleeper,
            polled: false,
        })
    }

    fn is_real(&self) -> bool {
        false
    }
}

struct VirtualSleep {
    clock: VirtualClock,
    sleeper: (SystemTime, u64),
    polled: bool,
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // The first poll lets the others of this round register their deadlines too.
        let first_poll = !std::mem::replace(&mut self.polled, true);
        let mut timeline = self.clock.timeline();
        let earliest = timeline.sleepers.first() == Some(&self.sleeper);
        if timeline.now >= self.sleeper.0 || (earliest && !first_poll) {
            timeline.now = timeline.now.max(self.sleeper.0);
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for VirtualSleep {
    fn drop(&mut self) {
        let sleeper = self.sleeper;
        self.clock.timeline().sleepers.remove(&sleeper);
    }
}

/// The clock in the form that the SDK requires.
#[derive(Clone, Debug)]
pub struct SdkClock(pub SharedClock);

impl TimeSource for SdkClock {
    fn now(&self) -> SystemTime {
        self.0.now()
    }
}

impl AsyncSleep for SdkClock {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(self.0.sleep(duration))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use futures::future::join;

    use super::{Clock, VirtualClock};

    #[tokio::test]
    async fn two_virtual_sleepers_take_as_long_as_the_longer_one() {
        let clock = VirtualClock::starting_at(UNIX_EPOCH);
        join(
            clock.sleep(Duration::from_secs(5)),
            clock.sleep(Duration::from_secs(2)),
        )
        .await;
        assert_eq!(clock.now(), UNIX_EPOCH + Duration::from_secs(5));
    }

    #[tokio::test]
    async fn a_dropped_sleeper_delays_no_other() {
        let clock = VirtualClock::starting_at(UNIX_EPOCH);
        drop(clock.sleep(Duration::from_secs(1)));
        clock.sleep(Duration::from_secs(3)).await;
        assert_eq!(clock.now(), UNIX_EPOCH + Duration::from_secs(3));
    }
}
