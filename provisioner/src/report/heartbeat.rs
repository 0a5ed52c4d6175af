//! When a wait is worth another line, where lines can only be appended.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::observed::ResourceId;

/// A wait gets a line when its status changes, and then this often.
const INTERVAL: Duration = Duration::from_secs(10);

/// The last line of each wait.
#[derive(Default)]
pub struct Heartbeat(RefCell<BTreeMap<ResourceId, (String, Duration)>>);

impl Heartbeat {
    /// Whether this wait gets a line now; if so, it counts as written.
    pub fn is_due(&self, id: &ResourceId, status: &str, waited: Duration) -> bool {
        let mut lines = self.0.borrow_mut();
        let is_due = lines
            .get(id)
            .is_none_or(|(last, at)| last != status || waited >= *at + INTERVAL);
        if is_due {
            lines.insert(id.clone(), (status.to_owned(), waited));
        }
        is_due
    }

    pub fn forget(&self, id: &ResourceId) {
        self.0.borrow_mut().remove(id);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Heartbeat;
    use crate::engine::observed::ResourceId;

    #[test]
    fn a_wait_gets_a_line_on_a_new_status_and_every_ten_seconds() {
        let heartbeat = Heartbeat::default();
        let id = ResourceId::new("table", "Rides");
        let is_due = |status, seconds| heartbeat.is_due(&id, status, Duration::from_secs(seconds));
        assert!(is_due("CREATING", 0));
        assert!(!is_due("CREATING", 9));
        assert!(is_due("CREATING", 10));
        assert!(!is_due("CREATING", 19));
        assert!(is_due("UPDATING", 19));
        heartbeat.forget(&id);
        assert!(is_due("UPDATING", 20));
    }
}
