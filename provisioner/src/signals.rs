//! The signals that ask for an end: ctrl-c, the SIGTERM of a canceled job, and the SIGHUP of a terminal that
//! closes.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens from its creation on, so that no signal is lost between two.
#[cfg(unix)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Option<Signal>,
}

#[cfg(unix)]
impl Signals {
    pub fn listen() -> Signals {
        let listen = |kind| signal(kind).expect("a handler for a signal");
        Signals {
            interrupt: listen(SignalKind::interrupt()),
            terminate: listen(SignalKind::terminate()),
            hang_up: ends_with_terminal().then(|| listen(SignalKind::hangup())),
        }
    }

    /// Returns at the next signal.
    pub async fn next(&mut self) {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hang_up => {}
        }
    }
}

/// Whether SIGHUP is for this process: under `nohup` it is ignored, and a handler would end that. Only Linux
/// shows it without unsafe code; elsewhere SIGHUP keeps its default, which ends the process at once.
#[cfg(unix)]
fn ends_with_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // SIGHUP is number 1, the lowest bit.
    ignored.is_some_and(|mask| mask & 1 == 0)
}

#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub fn listen() -> Signals {
        Signals
    }

    /// Returns at the next ctrl-c.
    pub async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
