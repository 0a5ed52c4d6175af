//! The process of an environment, in a process group of its own, which never outlives the cloud.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use crate::runtime::executable;
use crate::runtime::invocation::EnvironmentSpec;
#[cfg(not(target_os = "linux"))]
use crate::runtime::watchdog::Watchdog;

#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    group: Option<Pid>,
    #[cfg(not(target_os = "linux"))]
    _watchdog: Option<Watchdog>,
}

impl Process {
    /// Starts the `bootstrap` with exactly the given variables. Returns also the reading end of the
    /// pipe that takes its output.
    pub(crate) fn start(spec: &EnvironmentSpec, api: &str) -> io::Result<(Process, OwnedFd)> {
        let bootstrap = spec.root.join("bootstrap");
        executable::check(&bootstrap)?;
        let (read_end, write_end) = io::pipe()?;
        let mut command = Command::new(bootstrap);
        command
            .env_clear()
            .envs(spec.variables.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", api)
            .current_dir(&spec.root)
            .stdin(Stdio::null())
            .stdout(write_end.try_clone()?)
            .stderr(write_end)
            .process_group(0)
            .kill_on_drop(true);
        die_with_parent(&mut command);
        let child = command.spawn()?;
        let group = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        let process = Process {
            child,
            group,
            #[cfg(not(target_os = "linux"))]
            _watchdog: group.map(Watchdog::of).transpose()?,
        };
        Ok((process, read_end.into()))
    }

    /// Ends the process and all its children.
    pub(crate) fn kill(&mut self) {
        if let Some(group) = self.group.take() {
            // An error means that the process has ended already.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.start_kill();
    }

    pub(crate) async fn exited(&mut self) -> Option<ExitStatus> {
        self.child.wait().await.ok()
    }

    /// The peak of its memory in MB, which only Linux tells without unsafe code.
    pub(crate) fn peak_megabytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kilobytes.div_ceil(1024))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Has the kernel end the process when the cloud is killed with `kill -9`. A function that polls its
/// Runtime API would notice by itself; a function in a loop would not.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "there is no other way to set the signal in the child before it runs; the closure \
              makes two system calls, which are safe between fork and exec"
)]
fn die_with_parent(command: &mut Command) {
    let parent = rustix::process::getpid();
    let set = move || {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have died before the signal was set.
        if rustix::process::getppid() != Some(parent) {
            return Err(io::Error::other("the local cloud has ended"));
        }
        Ok(())
    };
    // SAFETY: between fork and exec `set` makes system calls only. It allocates only for its error
    // when the parent has ended, after which the child exits.
    unsafe {
        command.pre_exec(set);
    }
}

/// Elsewhere a `Watchdog` does it.
#[cfg(not(target_os = "linux"))]
fn die_with_parent(_command: &mut Command) {}
