//! A command on credentials with just one policy, and what it came to.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use provisioner::commands::{self, Outcome};
use provisioner::error::{Exit, exit_of};
use provisioner::report::{Event, Reporter};
use provisioner::target::Target;
use serde_json::Value;

use super::scenarios::Scenario;
use crate::artifact::zip_of_headers;
use crate::in_process::{InProcess, told};
use crate::world::artifact_path;

/// What a run came to.
pub struct Ran {
    pub exit: Exit,
    pub text: String,
}

impl Ran {
    /// Whether it was denied this action, by an error that names the resource too.
    pub fn is_denied(&self, action: &str) -> bool {
        self.exit == Exit::Denied && self.names(action)
    }

    /// Whether the preflight refused it this action, before anything was changed.
    pub fn is_refused(&self, action: &str) -> bool {
        let mut lines = self.text.lines();
        let names = lines.any(|line| {
            let denied = line.split_once("it is not authorized to perform: ");
            let denied = denied.and_then(|(_, denied)| denied.split_once(" on resource: arn:"));
            denied.is_some_and(|(actions, _)| actions.split(", ").any(|one| one == action))
        });
        self.exit == Exit::Denied && names && self.text.contains("so nothing was changed")
    }

    fn names(&self, action: &str) -> bool {
        let denial = format!("is not authorized to perform: {action} on resource: ");
        let mut resources = self.text.split(&denial).skip(1);
        // Lists of all resources of a kind have no ARN.
        resources.any(|resource| resource.starts_with("arn:") || resource.starts_with("* "))
    }

    pub fn warns_of(&self, action: &str) -> bool {
        let mut lines = self.text.lines();
        lines.any(|line| line.starts_with("warning: ") && line.contains(action))
    }
}

/// Runs a scenario on credentials with just this policy.
pub fn run(scenario: &Scenario, policy: Value) -> Ran {
    let commands = InProcess::inside(scenario.start.world());
    in_world(&commands, scenario.command, policy)
}

/// As `run`, without the preflight of `up` and `down`: what is denied is denied at the call.
pub fn run_unchecked(scenario: &Scenario, policy: Value) -> Ran {
    let commands = InProcess::inside(scenario.start.world());
    let mut command = scenario.command.to_owned();
    if scenario.has_preflight() {
        command.push_str(" --no-preflight");
    }
    in_world(&commands, &command, policy)
}

/// Runs a command on credentials with just this policy. `ZIP` stands for the function of this workspace,
/// `BROKEN` for one that can't run,
/// `REPORT` for the path of a report.
pub fn in_world(commands: &InProcess, command: &str, policy: Value) -> Ran {
    let broken = commands.world.write("broken.zip", zip_of_headers());
    let report = report_path(commands);
    let words = command.split(' ').map(|word| match word {
        "ZIP" => artifact_path(),
        "BROKEN" => broken.to_str().expect("UTF-8"),
        "REPORT" => report.to_str().expect("UTF-8"),
        word => word,
    });
    let words: Vec<&str> = words.collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let running = run_with(commands, &words, policy);
    let (outcome, reported) = runtime.expect("a runtime").block_on(running);
    match outcome {
        Ok(exit) => Ran {
            exit,
            text: reported,
        },
        Err(errors) => Ran {
            exit: exit_of(&errors),
            text: reported + &told(&errors),
        },
    }
}

/// Where `certify` writes its report.
pub fn report_path(commands: &InProcess) -> PathBuf {
    commands.world.path().join("certify-report.json")
}

/// Returns what was reported too, line by line.
async fn run_with(commands: &InProcess, words: &[&str], policy: Value) -> (Outcome, String) {
    let (cli, mut session) = commands.session(words);
    let Target::Local(options) = &mut session.target else {
        panic!("the flags of a session name the local cloud");
    };
    options.identity = Some(("tester".to_owned(), policy));
    let recorder = Rc::new(Recorder::default());
    session.reporter = Rc::clone(&recorder) as Rc<dyn Reporter>;
    let outcome = commands::run(cli.command, &session).await;
    (outcome, recorder.0.take())
}

/// Keeps what is reported beside progress, and the data.
#[derive(Default)]
struct Recorder(RefCell<String>);

impl Recorder {
    fn add(&self, text: &str) {
        let mut all = self.0.borrow_mut();
        all.push_str(text.trim_end());
        all.push('\n');
    }
}

impl Reporter for Recorder {
    fn report(&self, event: &Event<'_>) {
        match event {
            Event::Warning { text } => self.add(&format!("warning: {text}")),
            Event::Info { text } | Event::Note { text, .. } => self.add(text),
            _ => {}
        }
    }

    fn data(&self, text: &str) {
        self.add(text);
    }
}
