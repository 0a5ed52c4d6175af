//! Waits that have ended.

use std::time::{Duration, SystemTime};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waited {
    pub start: SystemTime,
    pub end: SystemTime,
    /// When it was to end: completes "waiting until". `None` if it was not for AWS.
    pub until: Option<&'static str>,
    /// The service that took the time, if it is known.
    pub service: Option<&'static str>,
}

/// For how long at least one of the waits lasted.
pub fn together<'a>(waits: impl IntoIterator<Item = &'a Waited>) -> Duration {
    let mut waits: Vec<&Waited> = waits.into_iter().collect();
    waits.sort_by_key(|waited| waited.start);
    let mut total = Duration::ZERO;
    let mut until = SystemTime::UNIX_EPOCH;
    for waited in waits {
        let start = waited.start.max(until);
        total += waited.end.duration_since(start).unwrap_or_default();
        until = until.max(waited.end);
    }
    total
}

/// Whose time most of the waits were. AWS's, if no service is known.
pub fn service(waits: &[Waited]) -> &'static str {
    let mut names: Vec<&'static str> = waits.iter().filter_map(|waited| waited.service).collect();
    names.sort_unstable();
    names.dedup();
    let took = |name: &&str| together(waits.iter().filter(|waited| waited.service == Some(*name)));
    names.into_iter().max_by_key(took).unwrap_or("AWS")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Waited, service, together};

    fn waited(service: Option<&'static str>, start: u64, end: u64) -> Waited {
        Waited {
            start: UNIX_EPOCH + Duration::from_secs(start),
            end: UNIX_EPOCH + Duration::from_secs(end),
            until: None,
            service,
        }
    }

    #[test]
    fn time_in_which_several_waits_last_counts_once() {
        let check = |waits: &[(u64, u64)], seconds| {
            let waits = waits.iter().map(|(start, end)| waited(None, *start, *end));
            let waits: Vec<Waited> = waits.collect();
            assert_eq!(together(&waits).as_secs(), seconds, "{waits:?}");
        };
        check(&[], 0);
        check(&[(1, 3), (5, 6)], 3);
        check(&[(2, 6), (1, 3)], 5);
        check(&[(1, 9), (2, 3), (4, 5)], 8);
    }

    #[test]
    fn the_service_that_took_most_is_named() {
        let iam = waited(Some("IAM"), 0, 5);
        let dynamodb = waited(Some("DynamoDB"), 0, 3);
        assert_eq!(service(&[waited(None, 0, 9), dynamodb, iam]), "IAM");
        assert_eq!(service(&[waited(None, 0, 9)]), "AWS");
    }
}
