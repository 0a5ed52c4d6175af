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
    holds: usize,
    /// How often the earliest sleeper was polled since anything else happened.
    idle_polls: u32,
}

/// So many polls let the others of this moment register their deadlines too, also those that yield first.
const IDLE_POLLS: u32 = 8;

impl VirtualClock {
    pub fn starting_at(now: SystemTime) -> VirtualClock {
        let timeline = Timeline {
            now,
            next_sleeper: 0,
            sleepers: BTreeSet::new(),
            holds: 0,
            idle_polls: 0,
        };
        VirtualClock(Arc::new(Mutex::new(timeline)))
    }

    /// Stops the clock until the result is dropped: during real I/O, which takes no virtual time.
    pub fn hold(&self) -> Hold {
        self.timeline().holds += 1;
        Hold(self.clone())
    }

    fn timeline(&self) -> std::sync::MutexGuard<'_, Timeline> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While it exists, its clock stands still.
#[derive(Debug)]
pub struct Hold(VirtualClock);

impl Drop for Hold {
    fn drop(&mut self) {
        let mut timeline = self.0.timeline();
        timeline.holds -= 1;
        timeline.idle_polls = 0;
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
            timeline.idle_polls = 0;
            sleeper
        };
        Box::pin(VirtualSleep {
            clock: self.clone(),
            sleeper,
        })
    }

    fn is_real(&self) -> bool {
        false
    }
}

struct VirtualSleep {
    clock: VirtualClock,
    sleeper: (SystemTime, u64),
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut timeline = self.clock.timeline();
        if timeline.holds == 0 && timeline.sleepers.first() == Some(&self.sleeper) {
            timeline.idle_polls += 1;
            if timeline.idle_polls > IDLE_POLLS {
                timeline.now = timeline.now.max(self.sleeper.0);
            }
        }
        if timeline.now >= self.sleeper.0 {
            timeline.idle_polls = 0;
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
    async fn a_held_clock_stands_still() {
        let clock = VirtualClock::starting_at(UNIX_EPOCH);
        let hold = clock.hold();
        let release = async {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            let now = clock.now();
            drop(hold);
            now
        };
        let ((), held) = join(clock.sleep(Duration::from_secs(5)), release).await;
        assert_eq!(held, UNIX_EPOCH);
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
