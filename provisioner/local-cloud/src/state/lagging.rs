//! A value whose change takes effect later than it is written.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// The value that was written last, and those that are still in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lagging<T> {
    written: T,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    before: Vec<Before<T>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Before<T> {
    until: Millis,
    value: T,
}

impl<T: Clone> Lagging<T> {
    pub(crate) fn new(value: T) -> Lagging<T> {
        Lagging {
            written: value,
            before: Vec::new(),
        }
    }

    /// The value of the last write, which the control plane shows.
    pub(crate) fn written(&self) -> &T {
        &self.written
    }

    /// The value that is in force at `now`.
    pub(crate) fn seen(&self, now: Millis) -> &T {
        self.before
            .iter()
            .find(|b| b.until > now)
            .map_or(&self.written, |b| &b.value)
    }

    /// Writes a value that is in force from `seen_at` on.
    pub(crate) fn write(&mut self, value: T, now: Millis, seen_at: Millis) {
        self.before.retain(|b| b.until > now);
        let old = std::mem::replace(&mut self.written, value);
        if seen_at > now {
            self.before.push(Before {
                until: seen_at,
                value: old,
            });
        } else {
            // Without a delay this value is in force at once, also before earlier ones that waited.
            self.before.clear();
        }
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
    fn a_change_without_delay_is_seen_at_once() {
        let mut value = Lagging::new(1);
        value.write(2, 7, 7);
        assert_eq!(*value.seen(7), 2);
        assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"written":2}"#);
    }
}
