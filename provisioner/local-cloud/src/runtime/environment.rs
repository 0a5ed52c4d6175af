//! One warm process of one version, which runs one invocation after another.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::realtime;
use crate::runtime::failure::{Failure, exit_failure, not_runnable, timed_out};
use crate::runtime::invocation::{EnvironmentSpec, Invocation, Outcome};
use crate::runtime::output::Output;
use crate::runtime::process::Process;
use crate::runtime::report::{self, Measured};
use crate::runtime::runtime_api::{RuntimeApi, RuntimeEvent};

/// How long a function may take until it first asks for an invocation, as at Lambda.
const INIT_LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) spec: EnvironmentSpec,
    // Declared before its Runtime API, so that the process ends first when both are dropped.
    process: Process,
    output: Output,
    api: RuntimeApi,
    waiting: Option<oneshot::Sender<(Invocation, Duration)>>,
    /// Reported with the first invocation.
    init: Option<Duration>,
}

/// Why an environment did not start, in the form of a failed invocation.
pub(crate) struct NotStarted(pub(crate) Outcome);

/// Whether an environment can take another invocation.
pub(crate) enum After {
    Warm,
    Ended,
}

impl Environment {
    /// Starts a process and waits until it asks for an invocation.
    pub(crate) async fn start(
        spec: EnvironmentSpec,
        request_id: &str,
    ) -> Result<Environment, Box<NotStarted>> {
        let started = Instant::now();
        let not_started = |failure: Failure, output: String, spec: &EnvironmentSpec| {
            let measured = Measured {
                duration: started.elapsed(),
                init: None,
                peak_megabytes: Some(0),
            };
            Box::new(NotStarted(outcome(
                spec,
                request_id,
                output,
                Err(failure),
                &measured,
            )))
        };
        let api = match RuntimeApi::listen().await {
            Ok(api) => api,
            Err(error) => {
                let text = format!("the local cloud cannot listen: {error}");
                let failure = Failure::new(request_id, "Runtime.Unknown", &text);
                return Err(not_started(failure, String::new(), &spec));
            }
        };
        let started_process = start_process(&spec, &api.address.to_string()).await;
        let started_process =
            started_process.and_then(|(process, pipe)| Ok((process, Output::new(pipe)?)));
        let (process, output) = match started_process {
            Ok(started) => started,
            Err(error) => {
                let failure = not_runnable(request_id, &spec.root, &error);
                return Err(not_started(failure, String::new(), &spec));
            }
        };
        let mut environment = Environment {
            spec,
            process,
            output,
            api,
            waiting: None,
            init: None,
        };
        match environment.initialize(request_id).await {
            Ok(()) => {
                environment.init = Some(started.elapsed());
                Ok(environment)
            }
            Err(failure) => {
                environment.process.kill();
                let output = environment.output.take();
                Err(not_started(failure, output, &environment.spec))
            }
        }
    }

    async fn initialize(&mut self, request_id: &str) -> Result<(), Failure> {
        let limit = realtime::wait(INIT_LIMIT);
        tokio::pin!(limit);
        loop {
            tokio::select! {
                event = self.api.events.recv() => match event {
                    Some(RuntimeEvent::Next(waiting)) => {
                        self.waiting = Some(waiting);
                        return Ok(());
                    }
                    Some(RuntimeEvent::InitFailed { payload }) => {
                        return Err(Failure { payload, note: None });
                    }
                    // Responses to no invocation: ignored, as at AWS.
                    Some(RuntimeEvent::Response { .. } | RuntimeEvent::TooLarge { .. } | RuntimeEvent::Failed { .. }) => {}
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

    /// Whether the process waits for an invocation. A process that ended while it was idle is
    /// replaced and not reported, as at AWS.
    pub(crate) async fn is_ready(&mut self) -> bool {
        // A process that has responded and then neither asks for an invocation nor ends is not ready.
        let limit = realtime::wait(INIT_LIMIT);
        tokio::pin!(limit);
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
                event = self.api.events.recv() => match event {
                    Some(RuntimeEvent::Next(waiting)) => self.waiting = Some(waiting),
                    Some(_) => {}
                    None => return false,
                },
                _ = self.process.exited() => return false,
                () = &mut limit => return false,
            }
        }
    }

    /// Runs one invocation until a response, an error, an exit or the function's timeout.
    pub(crate) async fn invoke(&mut self, invocation: Invocation) -> (Outcome, After) {
        let request_id = invocation.request_id.clone();
        let timeout = self.spec.timeout;
        // The output of its start, or since its last response.
        let before = self.output.take();
        let started = Instant::now();
        let sent = self
            .waiting
            .take()
            .is_some_and(|waiting| waiting.send((invocation, timeout)).is_ok());
        let result = match sent {
            true => self.wait_for_response(&request_id, timeout).await,
            false => (Err(exit_failure(&request_id, None)), After::Ended),
        };
        let measured = Measured {
            duration: started.elapsed().min(timeout),
            init: self.init.take(),
            peak_megabytes: self.process.peak_megabytes(),
        };
        let (response, after) = result;
        if matches!(after, After::Ended) {
            self.process.kill();
        }
        let output = self.output.take();
        let mut outcome = outcome(&self.spec, &request_id, output, response, &measured);
        if !before.is_empty() {
            let newline = if before.ends_with('\n') { "" } else { "\n" };
            outcome.log = format!("{before}{newline}{}", outcome.log);
        }
        (outcome, after)
    }

    async fn wait_for_response(
        &mut self,
        request_id: &str,
        timeout: Duration,
    ) -> (Result<Bytes, Failure>, After) {
        let limit = realtime::wait(timeout);
        tokio::pin!(limit);
        loop {
            tokio::select! {
                // A response counts even if the process ended right after it.
                biased;
                event = self.api.events.recv() => match event {
                    Some(RuntimeEvent::Response { request_id: of, payload }) if of == request_id => {
                        return (Ok(payload), After::Warm);
                    }
                    Some(RuntimeEvent::Failed { request_id: of, payload }) if of == request_id => {
                        return (Err(Failure { payload, note: None }), After::Warm);
                    }
                    Some(RuntimeEvent::TooLarge { request_id: of }) if of == request_id => {
                        let failure = Failure::new(
                            request_id,
                            "Function.ResponseSizeTooLarge",
                            "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
                        );
                        return (Err(failure), After::Warm);
                    }
                    // It asks for the next invocation without a response to this one, which gets none.
                    Some(RuntimeEvent::Next(waiting)) => self.waiting = Some(waiting),
                    Some(_) => {}
                    None => return (Err(exit_failure(request_id, None)), After::Ended),
                },
                status = self.process.exited() => {
                    return (Err(exit_failure(request_id, status)), After::Ended);
                }
                () = &mut limit => {
                    let seconds = format!("{}.{:02}", timeout.as_secs(), timeout.subsec_millis() / 10);
                    return (Err(timed_out(request_id, &seconds)), After::Ended);
                }
            }
        }
    }
}

/// Starts the process. A file that was just unpacked is "busy" while another process, between fork
/// and exec, still holds it open.
async fn start_process(spec: &EnvironmentSpec, api: &str) -> io::Result<(Process, OwnedFd)> {
    const TRIES: u32 = 200;
    for _ in 0..TRIES {
        match Process::start(spec, api) {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                realtime::wait(Duration::from_millis(5)).await;
            }
            result => return result,
        }
    }
    Process::start(spec, api)
}

fn outcome(
    spec: &EnvironmentSpec,
    request_id: &str,
    mut output: String,
    response: Result<Bytes, Failure>,
    measured: &Measured,
) -> Outcome {
    let (payload, failed) = match response {
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
        log: report::log(spec, request_id, &output, measured),
        log_group: spec.log_group.clone(),
        log_stream: spec.log_stream.clone(),
    }
}
