//! One run of the program: the flags, checked, and the means to wait, report and ask.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::artifact::{self, Arch};
use crate::cli::{ArchName, Color, Global, Identity, Output, WeatherName};
use crate::clock::SharedClock;
use crate::cloud::{self, Cloud, Target, Weather};
use crate::error::Error;
use crate::report::style::Style;
use crate::report::terminal::Terminal;
use crate::report::{Event, Reporter};
use crate::resource::Context;
use crate::stack::Stage;
use crate::wait::{Stop, Wait};

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
    /// The flags that lead to the same stack again, with a space before each.
    pub same_stack: String,
}

impl Session {
    pub fn new(global: &Global, clock: SharedClock, stop: Stop) -> Result<Session, Error> {
        let stage = Stage::parse(&global.stage)?;
        if let Some(region) = &global.region {
            cloud::aws::check_region(region)?;
        }
        if let Some(url) = &global.endpoint_url {
            check_url(url)?;
        }
        if let Some(account) = &global.account {
            check_account(account)?;
        }
        let folder = std::env::current_dir()
            .map_err(|error| Error::failed("find the current folder").because(error))?;
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
            same_stack: same_stack(global),
            stage,
        })
    }

    pub async fn connect(&self, arch: Arch) -> Result<Cloud, Error> {
        cloud::connect(&self.target, arch, &self.clock).await
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
            .hint("choose other credentials with `--profile`, or mend `--account`")),
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
                    .hint("add `--yes` to agree"),
            );
        }
        match self
            .ask(&format!("This will\n  {list}\nGo on? [y/N] "))?
            .as_str()
        {
            "y" | "Y" | "yes" => Ok(()),
            _ => Err(Error::refused("not agreed: nothing was changed")),
        }
    }

    /// A name typed in full; `None` where nobody can be asked.
    pub fn ask_name(&self, question: &str) -> Result<Option<String>, Error> {
        if self.asks {
            self.ask(question).map(Some)
        } else {
            Ok(None)
        }
    }

    fn ask(&self, question: &str) -> Result<String, Error> {
        let failed = |error| Error::failed("ask on the terminal").because(error);
        let mut stderr = std::io::stderr();
        write!(stderr, "{question}").map_err(failed)?;
        stderr.flush().map_err(failed)?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map_err(failed)?;
        Ok(answer.trim().to_owned())
    }
}

pub fn arch(name: Option<ArchName>) -> Arch {
    match name {
        None | Some(ArchName::X86_64) => Arch::X86_64,
        Some(ArchName::Arm64) => Arch::Arm64,
    }
}

fn same_stack(global: &Global) -> String {
    let stage = Some(&global.stage).filter(|stage| *stage != Stage::DEFAULT);
    let local_dir = global
        .local_dir
        .as_ref()
        .map(|folder| folder.display().to_string());
    let flags = [
        ("--stage", stage),
        ("--region", global.region.as_ref()),
        ("--profile", global.profile.as_ref()),
        ("--endpoint-url", global.endpoint_url.as_ref()),
        ("--local-dir", local_dir.as_ref()),
    ];
    let flags = flags
        .into_iter()
        .filter_map(|(flag, value)| Some(format!(" {flag} {}", value?)));
    let local = if global.local { " --local" } else { "" };
    format!("{local}{}", flags.collect::<String>())
}

fn target(global: &Global, home: &Path) -> Result<Target, Error> {
    if !global.local {
        if global.weather.is_some() {
            return Err(Error::usage("`--weather` is for the embedded cloud").hint("add `--local`"));
        }
        return Ok(Target::Aws(cloud::aws::Options {
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
                .hint("leave it out: the local cloud's owner may do everything"));
        }
    };
    Ok(Target::Local(cloud::local::Options {
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
    match host {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => Ok(()),
        _ => Err(Error::usage(format!("the endpoint `{url}` is malformed"))
            .hint("an endpoint looks like `--endpoint-url http://127.0.0.1:5000`")),
    }
}

fn check_account(account: &str) -> Result<(), Error> {
    if account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()) {
        return Ok(());
    }
    Err(
        Error::usage(format!("the account `{account}` is malformed"))
            .hint("an account id has twelve digits: `--account 123456789012`"),
    )
}
