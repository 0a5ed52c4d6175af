//! One run of the program: the flags, checked, and the means to wait, report and ask.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::artifact::{self, Arch};
use crate::aws;
use crate::aws::clients::Cloud;
use crate::cli::{ArchName, Color, Global, Identity, Output, WeatherName};
use crate::command_line::CommandLine;
use crate::engine::clock::SharedClock;
use crate::engine::observed::Context;
use crate::engine::wait::{Stop, Wait};
use crate::error::Error;
use crate::local::{self, Weather};
use crate::report::render;
use crate::report::style::Style;
use crate::report::terminal::Terminal;
use crate::report::{Event, Reporter};
use crate::stack::stage::Stage;
use crate::target::{self, Connection, Target};

/// Where the embedded cloud thinks it is.
const LOCAL_REGION: &str = "us-east-1";

pub struct Session {
    pub stage: Stage,
    pub target: Target,
    pub clock: SharedClock,
    pub stop: Stop,
    pub wait: Wait<'static>,
    pub reporter: Rc<dyn Reporter>,
    pub style: Style,
    pub output: Output,
    pub yes: bool,
    pub asks: bool,
    /// The folder with the function's source, if we are in one.
    pub workspace: Option<PathBuf>,
    account: Option<String>,
    /// Completes the commands in hints.
    pub command_line: CommandLine,
}

impl Session {
    pub fn new(global: &Global, clock: SharedClock, stop: Stop) -> Result<Session, Error> {
        let stage = Stage::parse(&global.stage)?;
        if let Some(region) = &global.region {
            aws::connect::check_region(region)?;
        }
        if let Some(url) = &global.endpoint_url {
            check_url(url)?;
        }
        if let Some(account) = &global.account {
            check_account(account)?;
        }
        let folder = std::env::current_dir().map_err(|error| {
            Error::failed("find the current folder")
                .because(error)
                .hint("go to one that is there: `cd ~`")
        })?;
        let workspace = artifact::workspace(&folder);
        let style = style(global.color);
        let live = std::io::stderr().is_terminal() && global.output == Output::Text;
        let limit = global.wait_limit.map(Duration::from_secs);
        Ok(Session {
            target: target(global, workspace.as_ref().unwrap_or(&folder))?,
            wait: Wait::new(clock.clone(), stop.clone(), limit),
            clock,
            stop,
            reporter: Rc::new(Terminal::new(style, live, global.verbose)),
            style,
            output: global.output,
            yes: global.yes,
            asks: live && !global.no_input && std::io::stdin().is_terminal(),
            workspace,
            account: global.account.clone(),
            command_line: CommandLine::of_this_process(global),
            stage,
        })
    }

    pub async fn connect(&self, arch: Arch) -> Result<Connection, Error> {
        target::connect(&self.target, arch, &self.clock, &self.wait).await
    }

    /// Tells where we are, and refuses any account but the one that is meant.
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
                "choose the credentials of {account} with `--profile`; \
                 `provision status --account {}` shows what is in the other one",
                context.account
            ))),
            _ => Ok(()),
        }
    }

    /// As `enter`, for commands that need no survey: asks who we are only where it matters.
    pub async fn guard(&self, cloud: &Cloud) -> Result<(), Error> {
        if self.account.is_none() {
            return Ok(());
        }
        let context = cloud.context(&self.stage).await?;
        self.enter(&context, cloud)
    }

    /// Asks on a terminal; elsewhere only `--yes` will do.
    pub fn agree(&self, to: &[String]) -> Result<(), Error> {
        if to.is_empty() || self.yes {
            return Ok(());
        }
        let list = to.join("\n  ");
        if !self.asks {
            return Err(
                Error::refused(format!("this needs your consent:\n  {list}"))
                    .hint("to agree: `… --yes`"),
            );
        }
        match self
            .ask(&format!("This will\n  {list}\nGo on? [y/N] "))
            .as_str()
        {
            "y" | "Y" | "yes" => Ok(()),
            _ => {
                Err(Error::refused("not agreed: nothing was changed")
                    .hint("to be asked again: `…`"))
            }
        }
    }

    /// A name typed in full; `None` where nobody can be asked.
    pub fn ask_name(&self, question: &str) -> Option<String> {
        self.asks.then(|| self.ask(question))
    }

    /// Who can't be asked has not agreed: a terminal that fails answers nothing.
    fn ask(&self, question: &str) -> String {
        let mut stderr = std::io::stderr();
        let asked = write!(stderr, "{question}").and_then(|()| stderr.flush());
        let mut answer = String::new();
        match asked.and_then(|()| std::io::stdin().read_line(&mut answer)) {
            Ok(_) => answer.trim().to_owned(),
            Err(_) => String::new(),
        }
    }

    /// An error that does not end the run, or not alone.
    pub fn tell(&self, error: Error) {
        let error = self.command_line.complete(error);
        let text = render::error(&error, self.style);
        self.reporter.report(&Event::Info { text: &text });
    }
}

pub fn arch(name: Option<ArchName>) -> Arch {
    match name {
        None | Some(ArchName::X86_64) => Arch::X86_64,
        Some(ArchName::Arm64) => Arch::Arm64,
    }
}

fn target(global: &Global, home: &Path) -> Result<Target, Error> {
    if !global.local {
        let misplaced = [
            ("--as", global.identity.is_some()),
            ("--weather", global.weather.is_some()),
        ];
        if let Some((flag, _)) = misplaced.into_iter().find(|(_, given)| *given) {
            let text = format!("`{flag}` is for the embedded cloud");
            return Err(Error::usage(text).hint("add `--local`: `… --local`"));
        }
        return Ok(Target::Aws(aws::connect::Options {
            region: global.region.clone(),
            profile: global.profile.clone(),
            endpoint_url: global.endpoint_url.clone(),
        }));
    }
    let region = global
        .region
        .clone()
        .unwrap_or_else(|| LOCAL_REGION.to_owned());
    let folder = global
        .local_dir
        .clone()
        .unwrap_or_else(|| home.join(".provision/local"));
    let identity = match global.identity {
        None => None,
        Some(Identity::Deployer | Identity::Planner | Identity::Operator) => {
            return Err(Error::usage("`--as` is not available yet")
                .hint("the local cloud's owner may do everything: `… without --as`"));
        }
    };
    Ok(Target::Local(local::Options {
        region,
        folder,
        identity,
        weather: global
            .weather
            .map(|name| weather(name, global.weather_seed)),
    }))
}

fn weather(name: WeatherName, seed: u64) -> Weather {
    match name {
        WeatherName::Calm => Weather::Calm,
        WeatherName::Aws => Weather::Aws { seed },
        WeatherName::Storm => Weather::Storm { seed },
    }
}

pub fn style(color: Color) -> Style {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let colour = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => wanted && std::io::stderr().is_terminal(),
    };
    Style { colour }
}

fn check_url(url: &str) -> Result<(), Error> {
    let host = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    let well_formed = |host: &&str| !host.is_empty() && !host.contains(char::is_whitespace);
    if host.as_ref().is_some_and(well_formed) {
        return Ok(());
    }
    let host = url.rsplit("://").next().filter(well_formed);
    Err(
        Error::usage(format!("the endpoint `{url}` is malformed")).hint(format!(
            "an endpoint looks like this: `… --endpoint-url http://{}`",
            host.unwrap_or("127.0.0.1:5000")
        )),
    )
}

fn check_account(account: &str) -> Result<(), Error> {
    if account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()) {
        return Ok(());
    }
    Err(
        Error::usage(format!("the account `{account}` is malformed"))
            .hint("an account id has twelve digits; `provision status` tells yours"),
    )
}
