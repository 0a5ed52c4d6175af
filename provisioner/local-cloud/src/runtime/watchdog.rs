//! Ends a function when the cloud is killed, where the kernel does not: macOS has no parent death signal.
//!
//! A shell waits for the end of a pipe that only the cloud could write to, and that closes with the cloud, however it
//! ends. Then the shell kills the function's process group.

use std::io;
use std::process::Stdio;

use rustix::process::Pid;
use tokio::process::{Child, Command};

/// Dropped, it ends without doing anything.
#[derive(Debug)]
pub(crate) struct Watchdog(Child);

impl Watchdog {
    pub(crate) fn of(group: Pid) -> io::Result<Watchdog> {
        let script = "read -r _; kill -9 \"-$0\"";
        let child = Command::new("/bin/sh")
            .args(["-c", script, &group.as_raw_nonzero().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-c in the terminal is for the cloud.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Watchdog(child))
    }
}

impl Drop for Watchdog {
    /// Killed before its pipe closes: the group has ended, and its number may be that of another one.
    fn drop(&mut self) {
        let _ = self.0.start_kill();
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use rustix::process::Pid;
    use tokio::process::{Child, Command};

    use super::Watchdog;

    /// A process that ends with its input, in a group of its own.
    fn function() -> (Child, Pid) {
        let mut command = Command::new("/bin/cat");
        let command = command.stdin(std::process::Stdio::piped());
        let child = command.process_group(0).kill_on_drop(true).spawn();
        let child = child.expect("a process");
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let group = id.and_then(Pid::from_raw).expect("a group");
        (child, group)
    }

    #[tokio::test]
    async fn a_function_ends_with_the_pipe_of_the_cloud() {
        let (mut function, group) = function();
        let mut watchdog = Watchdog::of(group).expect("a watchdog");
        // As if the cloud had been killed: the kernel closes its files.
        drop(watchdog.0.stdin.take());
        // `wait` would close its input.
        let input = function.stdin.take();
        let status = function.wait().await.expect("its end");
        assert_eq!(status.signal(), Some(9));
        drop(input);
    }

    #[tokio::test]
    async fn a_watchdog_that_is_not_needed_any_more_does_nothing() {
        let (mut function, group) = function();
        let watchdog = Watchdog::of(group).expect("a watchdog");
        drop(watchdog);
        drop(function.stdin.take());
        let status = function.wait().await.expect("its end");
        assert_eq!(status.code(), Some(0));
    }
}
