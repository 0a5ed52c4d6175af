//! How often each operation was called: reading and mutating ones.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Calls by `service:Action` since the cloud started, refused ones included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requests {
    pub reading: BTreeMap<String, u64>,
    pub mutating: BTreeMap<String, u64>,
}

impl Requests {
    /// Calls that change nothing.
    pub fn reads(&self) -> u64 {
        self.reading.values().sum()
    }

    /// Calls that may change something.
    pub fn mutations(&self) -> u64 {
        self.mutating.values().sum()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<Requests>);

impl Counts {
    pub(crate) fn add(&self, service: &str, action: &str) {
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = if is_read(action) {
            &mut requests.reading
        } else {
            &mut requests.mutating
        };
        *kind.entry(format!("{service}:{action}")).or_default() += 1;
    }

    pub(crate) fn read(&self) -> Requests {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Whether an action only reads, judged by its name. AssumeRole returns credentials and changes nothing.
fn is_read(action: &str) -> bool {
    const WORDS: &[&str] = &[
        "Get",
        "List",
        "Describe",
        "BatchGet",
        "TransactGet",
        "Query",
        "Scan",
        "Filter",
        "Simulate",
        "AssumeRole",
    ];
    WORDS.iter().any(|word| action.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn reads_and_mutations_are_counted_separately() {
        let counts = Counts::default();
        for action in [
            "GetItem",
            "Scan",
            "PutItem",
            "Invoke",
            "GetItem",
            "BatchWriteItem",
        ] {
            counts.add("x", action);
        }
        let requests = counts.read();
        assert_eq!((requests.reads(), requests.mutations()), (3, 3));
        assert_eq!(requests.reading["x:GetItem"], 2);
    }
}
