//! How waits are reported: those of a change, and those of the reads before and after all changes.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::observed::ResourceId;
use super::status::Status;
use super::wait::{Wait, Watcher};
use crate::report::{Event, Reporter};

/// Reports the wait of one resource.
pub struct Progress<'a> {
    pub id: ResourceId,
    pub reporter: &'a dyn Reporter,
}

impl Watcher for Progress<'_> {
    fn waiting(&self, status: &Status, waited: Duration) {
        self.reporter.report(&Event::Waiting {
            id: &self.id,
            status,
            waited,
        });
    }

    fn waited(&self, status: &Status, took: Duration) {
        self.reporter.report(&Event::Waited {
            id: &self.id,
            status,
            took,
        });
    }

    fn note(&self, text: &str) {
        self.reporter.report(&Event::Note { id: &self.id, text });
    }
}

/// Reports a wait for several resources, each of which is ready at its own time.
pub struct SeveralWaits<'a> {
    wait: &'a Wait<'a>,
    reporter: &'a dyn Reporter,
    /// Since when each is waited for, and its last status.
    since: BTreeMap<ResourceId, (SystemTime, Status)>,
}

impl<'a> SeveralWaits<'a> {
    pub fn new(wait: &'a Wait<'a>, reporter: &'a dyn Reporter) -> SeveralWaits<'a> {
        SeveralWaits {
            wait,
            reporter,
            since: BTreeMap::new(),
        }
    }

    /// Reports what is waited for now. Everything else is ready.
    pub fn report(&mut self, waiting: impl IntoIterator<Item = (ResourceId, Status)>) {
        let now = self.wait.now();
        let before = std::mem::take(&mut self.since);
        for (id, status) in waiting {
            let since = before.get(&id).map_or(now, |(since, _)| *since);
            self.reporter.report(&Event::Waiting {
                id: &id,
                status: &status,
                waited: now.duration_since(since).unwrap_or_default(),
            });
            self.since.insert(id, (since, status));
        }
        for (id, (since, status)) in before {
            if !self.since.contains_key(&id) {
                let took = now.duration_since(since).unwrap_or_default();
                let (id, status) = (&id, &status);
                self.reporter.report(&Event::Waited { id, status, took });
                self.reporter.report(&Event::Settled { id });
            }
        }
    }

    /// Reports that nothing is waited for any more.
    pub fn end(mut self) {
        self.report([]);
    }
}
