//! One run of the program: its checked flags, and the means to wait, report and prompt.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use console::Term;
use serde::Serialize;
use serde_json::Value;

use crate::artifact::{self, Arch, BuildTarget};
use crate::aws;
use crate::aws::clients::Cloud;
use crate::aws::credentials::{ChosenBy, Source};
use crate::aws::interceptors::Interceptors;
use crate::aws::request_log::{Detail, RequestLog};
use crate::cli::{self, Cli, Color, Command, Global, NoEffect, Output};
use crate::engine::clock::SharedClock;
use crate::engine::observed::{Context, ResourceId};
use crate::engine::progress::Progress;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::error::Error;
use crate::hints::CommandLine;
use crate::log_file::log_file;
use crate::report::calls::Calls;
use crate::report::recorder::Recorder;
use crate::report::style::Style;
use crate::report::terminal::Terminal;
use crate::report::{Event, Reporter};
use crate::report::{output, render};
use crate::settings::Layer;
use crate::stack::declaration::Stack;
use crate::stack::stage::Stage;
use crate::stack::values::Values;
use crate::stack::workspace::Declaration;
use crate::target::{self, Connection, Target};
use crate::target_flags;
use crate::timings_file;

pub struct Session {
    pub stage: Stage,
    pub target: Target,
    pub clock: SharedClock,
    pub stop: Stop,
    pub wait: Wait<'static>,
    pub interceptors: Interceptors,
    pub reporter: Rc<dyn Reporter>,
    /// Keeps what the reporter is given.
    pub recorder: Rc<Recorder>,
    /// Of stderr.
    pub style: Style,
    /// Of stdout.
    pub data_style: Style,
    pub output: Output,
    /// Whether commands that list items write lines of JSON: unless a terminal shows them, or text was asked for.
    pub streams_json: bool,
    pub verbose: bool,
    pub yes: bool,
    /// Prompts are possible: stdin and stderr are a terminal, and not `--no-input`.
    pub asks: bool,
    /// The root of the project, if the current directory is in one.
    pub workspace: Option<PathBuf>,
    declaration: Declaration,
    account: Option<String>,
    /// Completes the commands in hints.
    pub command_line: CommandLine,
}

impl Session {
    /// Fails if a global flag has a malformed value, or one that does not fit the target.
    pub fn new(
        cli: &Cli,
        command_line: CommandLine,
        clock: SharedClock,
        stop: Stop,
    ) -> Result<Session, Error> {
        let global = &cli.global;
        if let Some(NoEffect { flag, why }) = cli::no_effect(command_line.arguments()) {
            return Err(Error::usage(format!("`{flag}` has no effect: {why}"))
                .hint(format!("omit it: `… without {flag}`")));
        }
        let stage = match cli.command {
            Command::Policy(_) | Command::Sweep(_) => Stage::parse_pattern(&global.stage)?,
            _ => Stage::parse(&global.stage)?,
        };
        if let Some(region) = &global.region {
            aws::connect::check_region(region)?;
        }
        if let Some(url) = &global.endpoint_url {
            aws::endpoints::check_flag(url)?;
        }
        if let Some(account) = &global.account {
            check_account(account)?;
        }
        let folder = std::env::current_dir().map_err(|error| {
            Error::failed("read the current directory")
                .because(error)
                .hint("change to a directory that exists: `cd ~`")
        })?;
        let workspace = artifact::workspace(&folder);
        let style = style(global.color, &std::io::stderr());
        let output = global.output.unwrap_or_default();
        let is_terminal = std::io::stderr().is_terminal() && output == Output::Text;
        let live = is_terminal && !is_dumb();
        let terminal = Rc::new(Terminal::new(style, live, global.verbose || global.debug));
        let log = RequestLog::new(
            (detail(global), terminal.lines()),
            log_file(global, &command_line)?,
            clock.clone(),
        );
        let limit = global.wait_limit.map(Duration::from_secs);
        let recorder = Rc::new(Recorder::new(clock.clone(), terminal));
        let declaration = match cli.command {
            // They do nothing with the stack.
            Command::Cloud(_) | Command::Completions { .. } | Command::Man { .. } => {
                Declaration::default()
            }
            _ => Declaration::of(workspace.as_deref())?,
        };
        let home = workspace.as_ref().unwrap_or(&folder);
        let stop_of_requests = ends_requests(&cli.command, &stop);
        let mut interceptors = Interceptors::new(stop_of_requests, clock.clone(), log);
        if let Some(path) = cli.timings() {
            timings_file::check(path)?;
            let calls = Calls::default();
            interceptors = interceptors.recording(calls.clone(), clock.clone());
            recorder.record_mut().calls = Some(calls);
        }
        Ok(Session {
            target: target_flags::target(global, home, &stage, &declaration)?,
            wait: Wait::new(clock.clone(), stop.clone(), limit),
            interceptors,
            clock,
            stop,
            reporter: recorder.clone(),
            recorder,
            style,
            data_style: self::style(global.color, &std::io::stdout()),
            output,
            streams_json: match global.output {
                Some(output) => output == Output::Json,
                None => !std::io::stdout().is_terminal(),
            },
            verbose: global.verbose,
            yes: global.yes,
            asks: is_terminal && !global.no_input && std::io::stdin().is_terminal(),
            workspace,
            account: global.account.clone(),
            command_line,
            stage,
            declaration,
        })
    }

    /// A session for commands that another one runs: it confirms everything, its documents go to `reporter`,
    /// and the settings of the workspace do not count.
    pub fn inner(
        &self,
        stage: Stage,
        clock: SharedClock,
        stop: Stop,
        reporter: Rc<dyn Reporter>,
    ) -> Session {
        let recorder = Rc::new(Recorder::new(clock.clone(), reporter));
        Session {
            wait: self.wait.on(clock.clone(), stop.clone()),
            interceptors: self.interceptors.clone(),
            target: self.target.clone(),
            style: self.style,
            data_style: self.data_style,
            output: Output::Json,
            streams_json: true,
            verbose: self.verbose,
            yes: true,
            asks: false,
            workspace: self.workspace.clone(),
            declaration: Declaration::default(),
            account: None,
            command_line: self.command_line.clone(),
            stage,
            clock,
            stop,
            reporter: recorder.clone(),
            recorder,
        }
    }

    /// A session for a stage that `sweep` deletes, which was confirmed.
    pub fn of_swept(&self, stage: Stage) -> Session {
        let command_line = self.command_line.as_down(stage.as_str());
        let (clock, stop) = (self.clock.clone(), self.stop.clone());
        Session {
            output: self.output,
            command_line,
            declaration: self.declaration.clone(),
            ..self.inner(stage, clock, stop, Rc::clone(&self.reporter))
        }
    }

    /// The declared values of this stage, under these flags.
    pub fn values(&self, flags: &Layer) -> Result<Values, Error> {
        self.declaration.values(&self.stage, flags)
    }

    /// The declared stack, under these flags.
    pub fn stack(&self, flags: &Layer, target: &BuildTarget) -> Result<Stack, Error> {
        self.declaration.stack(&self.stage, flags, target.arch)
    }

    /// The stack, for commands that need only its names.
    pub fn named_stack(&self, target: &BuildTarget) -> Result<Stack, Error> {
        self.declaration.named_stack(&self.stage, target.arch)
    }

    /// What may be wrong with the policies that count. Fails if IAM would refuse one.
    pub fn policy_doubts(&self) -> Result<Vec<String>, Error> {
        self.declaration.policy_doubts()
    }

    /// The folder of the policies that count, unless those that are embedded do.
    pub fn policies(&self) -> Option<&Path> {
        self.declaration.policies.as_deref()
    }

    pub async fn connect(&self, arch: Arch) -> Result<Connection, Error> {
        // As long as another command uses the local cloud, this one waits.
        let folder = match &self.target {
            Target::Local(options) => options.folder.display().to_string(),
            Target::Aws(_) => String::new(),
        };
        let id = ResourceId::new("local cloud", folder);
        let progress = Progress {
            id: id.clone(),
            reporter: &*self.reporter,
        };
        let wait = self.wait.watched(Rc::new(progress));
        let interceptors = &self.interceptors;
        let connection =
            target::connect(&self.target, arch, &self.clock, &wait, interceptors).await;
        self.reporter.report(&Event::Settled { id: &id });
        connection
    }

    /// Reports the target. Refuses an account other than that of `--account`.
    pub fn enter(&self, context: &Context, cloud: &Cloud) -> Result<(), Error> {
        self.reporter.report(&Event::Target {
            context,
            endpoints: &cloud.endpoints,
        });
        match &self.account {
            Some(account) if *account != context.account => Err(Error::refused(format!(
                "the credentials belong to account {}, not to {account}",
                context.account
            ))
            .hint(format!(
                "{}; `provision status --account {1}` shows the stack in account {1}",
                self.other_credentials(account, &cloud.credentials),
                context.account
            ))),
            _ => Ok(()),
        }
    }

    /// How to choose credentials of another account, other than by what was done already.
    fn other_credentials(&self, account: &str, source: &Source) -> String {
        match (&self.target, source) {
            (Target::Local(_), _) => {
                "the local cloud has one account; `… without --local` uses AWS".to_owned()
            }
            (Target::Aws(_), Source::Variables) => format!(
                "AWS_ACCESS_KEY_ID and its like are used: set keys of account {account}, or pass --profile"
            ),
            (
                Target::Aws(_),
                Source::Profile {
                    name,
                    chosen_by: ChosenBy::Variable(variable),
                },
            ) => {
                format!(
                    "{variable} names the profile `{name}`: name one of account {account}, or pass --profile"
                )
            }
            (Target::Aws(_), Source::Profile { name, .. }) => {
                format!("the profile `{name}` was chosen: choose one of account {account}")
            }
            (Target::Aws(_), Source::Other) => {
                format!("use credentials of account {account}, for example with `--profile`")
            }
        }
    }

    /// As `enter`, for commands that need no context: reads it only if `--account` is given.
    pub async fn guard(&self, cloud: &Cloud) -> Result<(), Error> {
        if self.account.is_none() {
            return Ok(());
        }
        let context = cloud.context(&self.stage).await?;
        self.enter(&context, cloud)
    }

    /// Data on stdout.
    pub fn text(&self, text: &str) {
        self.reporter.data(text);
    }

    pub fn json(&self, document: &Value) {
        self.text(&output::json(document));
    }

    /// One value of a stream, on a line of its own.
    pub fn json_line(&self, value: &impl Serialize) {
        self.text(&output::json_line(value));
    }

    /// Reports that all changes are done and verified, or that some failed. A run that was interrupted has not
    /// come to its end.
    pub fn ended(&self) {
        if !self.stop.is_set() {
            let (record, at) = (&*self.recorder.record(), self.recorder.now());
            self.reporter.report(&Event::Ended { record, at });
        }
    }

    /// Reports an error beside the command's own output.
    pub fn report_error(&self, error: Error) {
        let error = self.command_line.complete(error);
        let text = render::error(&error, self.style);
        self.reporter.report(&Event::Info { text: &text });
        self.recorder.record_mut().errors.push(error);
    }
}

fn detail(global: &Global) -> Detail {
    match (global.debug, global.verbose) {
        (true, _) => Detail::Full,
        (false, true) => Detail::Short,
        (false, false) => Detail::Nothing,
    }
}

/// The signal after which the SDK repeats no request: none for `certify`, which then begins to clean up.
fn ends_requests(command: &Command, stop: &Stop) -> Stop {
    match command {
        Command::Certify(_) => Stop::never(),
        _ => stop.clone(),
    }
}

/// The style of stdout or stderr: `--color` decides, else `NO_COLOR`, else `CLICOLOR_FORCE`, else whether
/// it is a terminal that has colors.
pub fn style(color: Color, stream: &impl IsTerminal) -> Style {
    let is_set = |name, off: &str| {
        std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != off)
    };
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if is_set("NO_COLOR", "") => false,
        Color::Auto if is_set("CLICOLOR_FORCE", "0") => true,
        Color::Auto => stream.is_terminal() && !is_dumb(),
    };
    Style {
        color,
        columns: columns(stream),
    }
}

fn columns(stream: &impl IsTerminal) -> Option<usize> {
    // If both are terminals, they are the same one.
    let sizes = [Term::stdout(), Term::stderr()].map(|terminal| terminal.size_checked());
    let size = sizes.into_iter().flatten().next();
    let size = size.filter(|_| stream.is_terminal());
    size.map(|(_, columns)| columns.into())
}

/// A terminal that cannot move its cursor and has no colors. On Windows `TERM` is not set.
fn is_dumb() -> bool {
    std::env::var("TERM").map_or(cfg!(unix), |term| term == "dumb")
}

fn check_account(account: &str) -> Result<(), Error> {
    if account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()) {
        return Ok(());
    }
    Err(
        Error::usage(format!("the account `{account}` is malformed"))
            .hint("an account ID has twelve digits; `provision status` shows yours"),
    )
}
