//! When a wait checks its condition again. Pure.

use std::time::Duration;

/// The pause between two checks where nothing is known about the condition.
const SHORTEST: Duration = Duration::from_millis(100);

/// After its usual time a condition is checked at pauses of a twentieth of the time waited, so a wait is
/// longer than it must be by at most 5 %.
const PART: u32 = 20;
const LONGEST: Duration = Duration::from_secs(5);

/// How a wait spreads its checks: one at once, one or two before the usual time, then one in each interval.
///
/// Each check is a request, and one that could not have succeeded yet is wasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The range in which the condition is usually met, counted from the start of the wait.
    from: Duration,
    to: Duration,
    /// The interval of the checks within the range, and the shortest one after it.
    interval: Duration,
    /// The shortest pause between two checks: as long as the last one took, where checking is expensive.
    least: Duration,
}

impl Pace {
    /// For conditions that are usually met between two points in time.
    pub const fn usually(from: Duration, to: Duration, interval: Duration) -> Pace {
        Pace {
            from,
            to,
            interval,
            least: Duration::ZERO,
        }
    }

    /// For conditions of which no usual time is known: pauses of at least this length.
    pub const fn every(interval: Duration) -> Pace {
        Pace::usually(Duration::ZERO, Duration::ZERO, interval)
    }

    pub const UNKNOWN: Pace = Pace::every(SHORTEST);

    /// The same, with a pause of at least this length after each check.
    pub fn at_least(self, least: Duration) -> Pace {
        Pace { least, ..self }
    }

    /// The range in which the condition is usually met, if it is known.
    pub fn usual(self) -> Option<(Duration, Duration)> {
        (self.to > Duration::ZERO).then_some((self.from, self.to))
    }

    /// The time of the next check, after a check at `waited`. Both are counted from the start of the wait.
    pub fn next(self, waited: Duration) -> Duration {
        self.scheduled(waited).max(waited + self.least)
    }

    fn scheduled(self, waited: Duration) -> Duration {
        let Pace {
            from, to, interval, ..
        } = self;
        // Half of the usual time: not every endpoint is as slow as AWS.
        if waited < from / 2 {
            from / 2
        } else if waited < from {
            from
        } else if waited < to {
            let passed = (waited - from).as_millis() / interval.as_millis().max(1);
            let passed = u32::try_from(passed).unwrap_or(u32::MAX - 1);
            from + interval * (passed + 1)
        } else {
            waited + (waited / PART).clamp(interval, LONGEST.max(interval))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pace;

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    const USUAL: Pace = Pace::usually(millis(5_000), millis(10_000), millis(500));

    /// The times of all checks until the condition is met, in milliseconds.
    fn checks(pace: Pace, met: Duration) -> Vec<u128> {
        let mut waited = Duration::ZERO;
        let mut checks = vec![0];
        while waited < met {
            waited = pace.next(waited);
            checks.push(waited.as_millis());
        }
        checks
    }

    #[test]
    fn the_usual_time_is_checked_densely_and_the_time_before_it_hardly() {
        let expected = [0, 2_500, 5_000, 5_500, 6_000, 6_500, 7_000];
        assert_eq!(checks(USUAL, millis(7_000)), expected);
        assert_eq!(checks(USUAL, millis(10)), [0, 2_500]);
        assert_eq!(checks(USUAL, Duration::ZERO), [0]);
    }

    #[test]
    fn a_check_that_takes_time_does_not_move_the_next_ones() {
        assert_eq!(USUAL.next(millis(40)), millis(2_500));
        assert_eq!(USUAL.next(millis(5_040)), millis(5_500));
        assert_eq!(USUAL.next(millis(5_600)), millis(6_000));
    }

    #[test]
    fn an_expensive_check_is_repeated_only_after_its_pause() {
        let slow = USUAL.at_least(millis(3_000));
        assert_eq!(slow.next(millis(3_000)), millis(6_000));
        assert_eq!(slow.next(millis(100)), millis(3_100));
    }

    /// The condition is met at any time up to five minutes.
    #[test]
    fn a_wait_is_hardly_longer_than_it_must_be_and_checks_seldom() {
        for met in (0..300_000).step_by(37).map(millis) {
            let checks = checks(Pace::UNKNOWN, met);
            let waited = checks.last().copied().unwrap_or_default();
            let late = waited - met.as_millis();
            assert!(late <= (met.as_millis() / 20).max(100), "{met:?}: {waited}");
            assert!(checks.len() <= 150, "{met:?}: {}", checks.len());
        }
        for met in (5_000..300_000).step_by(37).map(millis) {
            let checks = checks(USUAL, met);
            let waited = checks.last().copied().unwrap_or_default();
            let late = waited - met.as_millis();
            assert!(late <= (met.as_millis() / 20).max(500), "{met:?}: {waited}");
        }
    }

    #[test]
    fn pauses_are_never_longer_than_five_seconds_unless_asked_for() {
        assert_eq!(Pace::UNKNOWN.next(millis(600_000)), millis(605_000));
        let minute = Pace::every(millis(60_000));
        assert_eq!(minute.next(Duration::ZERO), millis(60_000));
    }
}
