//! One warm process of one version: started, given one invocation after another, and ended.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;
use tokio::sync::oneshot;

use crate::patience;
use crate::runtime::api::{Api, Said};
use crate::runtime::format::EXEC_FORMAT_ERROR;
use crate::runtime::output::Output;
use crate::runtime::process::Process;
use crate::runtime::report::{self, Measured};
use crate::runtime::{Blueprint, Job};

/// As long as Lambda lets a function take before its first call for work.
const INIT_LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) blueprint: Blueprint,
    // Before the rest, so that the process is gone before its Runtime API is.
    process: Process,
    output: Output,
    api: Api,
    waiting: Option<oneshot::Sender<(Job, Duration)>>,
    /// Told in the report of the first invocation.
    init: Option<Duration>,
}

/// What came of an invocation.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) payload: Bytes,
    pub(crate) failed: bool,
    pub(crate) log: String,
    pub(crate) log_group: String,
    pub(crate) log_stream: String,
}

/// An error as Lambda hands it to the caller.
#[derive(Debug)]
struct Failure {
    payload: Bytes,
    /// A line for the log.
    note: Option<String>,
}

impl Failure {
    fn new(request_id: &str, kind: &str, what: &str) -> Failure {
        let message = format!("RequestId: {request_id} Error: {what}");
        let payload = json!({ "errorType": kind, "errorMessage": message }).to_string();
        Failure {
            payload: Bytes::from(payload),
            note: Some(message),
        }
    }
}

/// Why no environment came to be, told like an invocation that failed.
pub(crate) struct NotStarted(pub(crate) Outcome);

/// Whether an environment can take another invocation.
pub(crate) enum After {
    Warm,
    Gone,
}

impl Environment {
    /// Starts a process and waits until it asks for work.
    pub(crate) async fn start(
        blueprint: Blueprint,
        request_id: &str,
    ) -> Result<Environment, Box<NotStarted>> {
        let started = Instant::now();
        let told = |failure: Failure, output: String, blueprint: &Blueprint| {
            let measured = Measured {
                duration: started.elapsed(),
                init: None,
                peak_megabytes: 0,
            };
            Box::new(NotStarted(outcome(
                blueprint,
                request_id,
                output,
                Err(failure),
                &measured,
            )))
        };
        let api = match Api::listen().await {
            Ok(api) => api,
            Err(error) => {
                let text = format!("the local cloud cannot listen: {error}");
                let failure = Failure::new(request_id, "Runtime.Unknown", &text);
                return Err(told(failure, String::new(), &blueprint));
            }
        };
        let begun = begin(&blueprint, &api.address.to_string()).await;
        let begun = begun.and_then(|(process, pipe)| Ok((process, Output::new(pipe)?)));
        let (process, output) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                let failure = not_runnable(request_id, &blueprint.root, &error);
                return Err(told(failure, String::new(), &blueprint));
            }
        };
        let mut environment = Environment {
            blueprint,
            process,
            output,
            api,
            waiting: None,
            init: None,
        };
        match environment.initialise(request_id).await {
            Ok(()) => {
                environment.init = Some(started.elapsed());
                Ok(environment)
            }
            Err(failure) => {
                environment.process.kill();
                let output = environment.output.take();
                Err(told(failure, output, &environment.blueprint))
            }
        }
    }

    async fn initialise(&mut self, request_id: &str) -> Result<(), Failure> {
        let limit = patience::wait(INIT_LIMIT);
        tokio::pin!(limit);
        loop {
            tokio::select! {
                said = self.api.said.recv() => match said {
                    Some(Said::Next(waiting)) => {
                        self.waiting = Some(waiting);
                        return Ok(());
                    }
                    Some(Said::InitFailed { payload }) => {
                        return Err(Failure { payload, note: None });
                    }
                    // Answers to nothing: as at AWS they lead to nothing.
                    Some(Said::Answer { .. } | Said::TooLarge { .. } | Said::Failed { .. }) => {}
                    None => return Err(Failure::new(request_id, "Runtime.Unknown", "no Runtime API")),
                },
                status = self.process.exited() => {
                    return Err(exit_failure(request_id, status));
                }
                () = &mut limit => {
                    let seconds = INIT_LIMIT.as_secs();
                    return Err(timed_out(request_id, &format!("{seconds}.00")));
                }
            }
        }
    }

    /// True if the process waits for work. One that ended while it was idle is replaced without
    /// anybody noticing, as at AWS.
    pub(crate) async fn is_ready(&mut self) -> bool {
        // A process that answers and then neither asks for work nor ends is of no use either.
        let patience = patience::wait(INIT_LIMIT);
        tokio::pin!(patience);
        loop {
            if self
                .waiting
                .as_ref()
                .is_some_and(|waiting| !waiting.is_closed())
            {
                return true;
            }
            tokio::select! {
                biased;
                said = self.api.said.recv() => match said {
                    Some(Said::Next(waiting)) => self.waiting = Some(waiting),
                    Some(_) => {}
                    None => return false,
                },
                _ = self.process.exited() => return false,
                () = &mut patience => return false,
            }
        }
    }

    /// Runs one invocation to its end: an answer, an error, an exit or the function's time limit.
    pub(crate) async fn invoke(&mut self, job: Job) -> (Outcome, After) {
        let request_id = job.request_id.clone();
        let timeout = self.blueprint.timeout;
        // What it printed while it started, or since its last answer.
        let before = self.output.take();
        let started = Instant::now();
        let sent = self
            .waiting
            .take()
            .is_some_and(|waiting| waiting.send((job, timeout)).is_ok());
        let result = match sent {
            true => self.wait_for_answer(&request_id, timeout).await,
            false => (Err(exit_failure(&request_id, None)), After::Gone),
        };
        let measured = Measured {
            duration: started.elapsed().min(timeout),
            init: self.init.take(),
            peak_megabytes: self.process.peak_megabytes(),
        };
        let (answer, after) = result;
        if matches!(after, After::Gone) {
            self.process.kill();
        }
        let output = self.output.take();
        let mut outcome = outcome(&self.blueprint, &request_id, output, answer, &measured);
        if !before.is_empty() {
            let newline = if before.ends_with('\n') { "" } else { "\n" };
            outcome.log = format!("{before}{newline}{}", outcome.log);
        }
        (outcome, after)
    }

    async fn wait_for_answer(
        &mut self,
        request_id: &str,
        timeout: Duration,
    ) -> (Result<Bytes, Failure>, After) {
        let limit = patience::wait(timeout);
        tokio::pin!(limit);
        loop {
            tokio::select! {
                // An answer counts even if the process ended right after it.
                biased;
                said = self.api.said.recv() => match said {
                    Some(Said::Answer { request_id: of, payload }) if of == request_id => {
                        return (Ok(payload), After::Warm);
                    }
                    Some(Said::Failed { request_id: of, payload }) if of == request_id => {
                        return (Err(Failure { payload, note: None }), After::Warm);
                    }
                    Some(Said::TooLarge { request_id: of }) if of == request_id => {
                        let failure = Failure::new(
                            request_id,
                            "Function.ResponseSizeTooLarge",
                            "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
                        );
                        return (Err(failure), After::Warm);
                    }
                    // It asks for work without having answered: this invocation will get none.
                    Some(Said::Next(waiting)) => self.waiting = Some(waiting),
                    Some(_) => {}
                    None => return (Err(exit_failure(request_id, None)), After::Gone),
                },
                status = self.process.exited() => {
                    return (Err(exit_failure(request_id, status)), After::Gone);
                }
                () = &mut limit => {
                    let seconds = format!("{}.{:02}", timeout.as_secs(), timeout.subsec_millis() / 10);
                    return (Err(timed_out(request_id, &seconds)), After::Gone);
                }
            }
        }
    }
}

/// Starts the process. A file that was just unpacked can be held open for a moment by another
/// process on its way from fork to exec, and is then "busy".
async fn begin(blueprint: &Blueprint, api: &str) -> io::Result<(Process, OwnedFd)> {
    const TRIES: u32 = 200;
    for _ in 0..TRIES {
        match Process::start(blueprint, api) {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                patience::wait(Duration::from_millis(5)).await;
            }
            begun => return begun,
        }
    }
    Process::start(blueprint, api)
}

fn timed_out(request_id: &str, seconds: &str) -> Failure {
    Failure::new(
        request_id,
        "Sandbox.Timedout",
        &format!("Task timed out after {seconds} seconds"),
    )
}

fn exit_failure(request_id: &str, status: Option<std::process::ExitStatus>) -> Failure {
    use std::os::unix::process::ExitStatusExt as _;
    let what = match status {
        Some(status) => match (status.code(), status.signal()) {
            (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
            (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
            (None, Some(signal)) => {
                format!("Runtime exited with error: signal: {}", signal_name(signal))
            }
            (None, None) => "Runtime exited without providing a reason".to_owned(),
        },
        None => "Runtime exited without providing a reason".to_owned(),
    };
    Failure::new(request_id, "Runtime.ExitError", &what)
}

fn signal_name(signal: i32) -> String {
    match signal {
        4 => "illegal instruction".to_owned(),
        6 => "aborted".to_owned(),
        9 => "killed".to_owned(),
        11 => "segmentation fault".to_owned(),
        15 => "terminated".to_owned(),
        other => format!("signal {other}"),
    }
}

/// The `bootstrap` isn't there, isn't executable, or is no program for this machine.
fn not_runnable(request_id: &str, root: &Path, error: &io::Error) -> Failure {
    let what = match (error.kind(), error.raw_os_error()) {
        // A script or program whose interpreter isn't on this machine.
        (io::ErrorKind::NotFound, _) if root.join("bootstrap").exists() => {
            "fork/exec /var/task/bootstrap: no such file or directory (its interpreter is missing)"
                .to_owned()
        }
        (io::ErrorKind::NotFound, _) => {
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned()
        }
        (io::ErrorKind::PermissionDenied, _) => {
            "fork/exec /var/task/bootstrap: permission denied (its mode in the zip must be 755)"
                .to_owned()
        }
        (_, Some(EXEC_FORMAT_ERROR)) => {
            "fork/exec /var/task/bootstrap: exec format error (it is built for \
                               another CPU or system)"
                .to_owned()
        }
        _ => format!("fork/exec /var/task/bootstrap: {error}"),
    };
    Failure::new(request_id, "Runtime.InvalidEntrypoint", &what)
}

fn outcome(
    blueprint: &Blueprint,
    request_id: &str,
    mut output: String,
    answer: Result<Bytes, Failure>,
    measured: &Measured,
) -> Outcome {
    let (payload, failed) = match answer {
        Ok(payload) => (payload, false),
        Err(Failure { payload, note }) => {
            if let Some(note) = note {
                if !output.is_empty() && !output.ends_with('\n') {
                    output.push('\n');
                }
                output.push_str(&note);
            }
            (payload, true)
        }
    };
    Outcome {
        payload,
        failed,
        log: report::log(blueprint, request_id, &output, measured),
        log_group: blueprint.log_group.clone(),
        log_stream: blueprint.log_stream.clone(),
    }
}
