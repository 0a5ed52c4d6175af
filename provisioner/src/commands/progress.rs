//! What a run waits for while AWS is silent.

use std::time::Duration;

use crate::aws::in_flight::Waiting;
use crate::report::Event;
use crate::session::Session;
use crate::target::Target;

/// A wait is worth a line after this time, and then once in every `INTERVAL`.
const FIRST: Duration = Duration::from_secs(5);
const INTERVAL: Duration = Duration::from_secs(10);

/// Between two looks at the requests.
const TICK: Duration = Duration::from_secs(1);

/// Says while the clients are created where credentials are loaded from: a request to SSO or STS, or a program.
pub async fn connecting<T>(work: impl Future<Output = T>, session: &Session) -> T {
    // It needs none, and the wait for another command that uses it has its own line.
    if matches!(session.target, Target::Local(_)) {
        return work.await;
    }
    let mut ticks = 0;
    let mut said = None;
    let lines = || {
        ticks += 1;
        let is_due = is_due(&mut said, TICK * ticks);
        let host = session.interceptors.credential_requests.host();
        let from = host.map(|host| format!(" from {host}"));
        is_due
            .then(|| format!("still waiting for credentials{}", from.unwrap_or_default()))
            .into_iter()
            .collect()
    };
    saying(work, lines, session).await
}

/// Says which requests have no response yet.
pub async fn requesting<T>(work: impl Future<Output = T>, session: &Session) -> T {
    // The request that has waited longest, and when it got its last line.
    let mut longest = (0, None);
    let lines = || {
        let waiting = session.interceptors.in_flight.waiting();
        let Some((number, first)) = waiting.first_key_value() else {
            return Vec::new();
        };
        if longest.0 != *number {
            longest = (*number, None);
        }
        let is_due = is_due(&mut longest.1, first.waited);
        is_due
            .then(|| line(first, waiting.len() - 1))
            .into_iter()
            .collect()
    };
    saying(work, lines, session).await
}

fn line(waiting: &Waiting, others: usize) -> String {
    let Waiting {
        operation,
        attempt,
        waited,
    } = waiting;
    let others = match others {
        0 => String::new(),
        1 => " and another request".to_owned(),
        others => format!(" and {others} other requests"),
    };
    let seconds = waited.as_secs();
    format!("still waiting for {operation} ({attempt}, {seconds} s){others}")
}

async fn saying<T>(
    work: impl Future<Output = T>,
    mut lines: impl FnMut() -> Vec<String>,
    session: &Session,
) -> T {
    // On a virtual clock these ticks would be what moves the time.
    if !session.clock.is_real() {
        return work.await;
    }
    let ticks = async {
        loop {
            session.clock.sleep(TICK).await;
            for text in lines() {
                session.reporter.report(&Event::Info { text: &text });
            }
        }
    };
    tokio::select! {
        biased;
        result = work => result,
        () = ticks => unreachable!("it has no end"),
    }
}

/// Whether a wait of this length gets a line now; if so, it counts as said.
fn is_due(said: &mut Option<Duration>, waited: Duration) -> bool {
    let next = said.map_or(FIRST, |said| said + INTERVAL);
    let is_due = waited >= next;
    if is_due {
        *said = Some(waited);
    }
    is_due
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::is_due;

    #[test]
    fn a_silent_request_gets_a_line_after_5_seconds_and_then_every_10() {
        let mut said = None;
        let due = (0..40).filter(|second| is_due(&mut said, Duration::from_secs(*second)));
        assert_eq!(due.collect::<Vec<_>>(), [5, 15, 25, 35]);
    }
}
