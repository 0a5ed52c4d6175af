//! A value whose change takes effect later than it is written.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// The value that was written last, and those that are still in force or shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lagging<T> {
    written: T,
    /// In force until their moment.
    #[serde(default, skip_serializing_if = "Stale::is_empty")]
    before: Stale<T>,
    /// Shown by reads until their moment.
    #[serde(default, skip_serializing_if = "Stale::is_empty")]
    shown: Stale<T>,
}

/// Earlier values, each until its moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Stale<T>(Vec<Before<T>>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Before<T> {
    until: Millis,
    value: T,
}

impl<T> Default for Stale<T> {
    fn default() -> Stale<T> {
        Stale(Vec::new())
    }
}

impl<T> Stale<T> {
    /// The earlier value that counts at `now`, if there is one.
    pub(crate) fn at(&self, now: Millis) -> Option<&T> {
        let found = self.0.iter().find(|before| before.until > now);
        found.map(|before| &before.value)
    }

    /// Keeps the value that is replaced at `now`.
    pub(crate) fn keep(&mut self, value: T, now: Millis, until: Millis) {
        if until > now {
            self.0.retain(|before| before.until > now);
            self.0.push(Before { until, value });
        } else {
            // The new value counts at once, also before earlier ones that waited.
            self.0.clear();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Clone> Lagging<T> {
    pub(crate) fn new(value: T) -> Lagging<T> {
        Lagging {
            written: value,
            before: Stale::default(),
            shown: Stale::default(),
        }
    }

    /// The value of the last write, on which the next one is based.
    pub(crate) fn written(&self) -> &T {
        &self.written
    }

    /// The value that is in force at `now`.
    pub(crate) fn seen(&self, now: Millis) -> &T {
        self.before.at(now).unwrap_or(&self.written)
    }

    /// The value that reads show at `now`.
    pub(crate) fn shown(&self, now: Millis) -> &T {
        self.shown.at(now).unwrap_or(&self.written)
    }

    /// Writes a value that is in force from `seen_at` on, and shown at once.
    pub(crate) fn write(&mut self, value: T, now: Millis, seen_at: Millis) {
        self.write_late(value, now, seen_at, now);
    }

    /// Writes a value that is in force from `seen_at` on, and shown from `shown_at` on.
    pub(crate) fn write_late(&mut self, value: T, now: Millis, seen_at: Millis, shown_at: Millis) {
        let old = std::mem::replace(&mut self.written, value);
        self.shown.keep(old.clone(), now, shown_at);
        self.before.keep(old, now, seen_at);
    }
}

#[cfg(test)]
mod tests {
    use super::Lagging;

    #[test]
    fn a_change_is_seen_when_its_moment_has_come() {
        let mut value = Lagging::new(1);
        value.write(2, 0, 10);
        value.write(3, 5, 12);
        assert_eq!(*value.written(), 3);
        for (now, seen) in [(5, 1), (9, 1), (10, 2), (11, 2), (12, 3)] {
            assert_eq!(*value.seen(now), seen, "at {now}");
        }
    }

    #[test]
    fn a_change_is_shown_when_its_moment_has_come() {
        let mut value = Lagging::new(1);
        value.write_late(2, 0, 0, 10);
        assert_eq!((*value.shown(9), *value.seen(9)), (1, 2));
        assert_eq!(*value.shown(10), 2);
    }

    #[test]
    fn a_change_without_delay_is_seen_at_once() {
        let mut value = Lagging::new(1);
        value.write(2, 7, 7);
        assert_eq!(*value.seen(7), 2);
        assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"written":2}"#);
    }
}
