//! The command line. Nothing else knows clap; what leaves this file is checked.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::report::style::Style;

/// `PROVISION_LOCAL=1`, `true`, `yes`; 0, false and no are the opposite.
const BOOLISH: fn() -> BoolishValueParser = BoolishValueParser::new;

#[derive(Debug, Parser)]
#[command(
    name = "provision",
    version,
    about = "Deploys the Wild Rydes backend and owns it: table, role, log group, function, release",
    after_help = "Exit codes: 0 done or nothing to do, 1 failed, 2 usage, 3 `plan --exit-code` found \
                  changes, 4 refused, 5 denied or no credentials, 130 interrupted"
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args, Debug)]
pub struct Global {
    /// Use the embedded cloud: no account, no credentials, no network
    #[arg(long, global = true, env = "PROVISION_LOCAL", value_parser = BOOLISH())]
    pub local: bool,
    /// Where the embedded cloud keeps its state; `.provision/local` of the project otherwise
    #[arg(long, global = true, env = "PROVISION_LOCAL_DIR", value_name = "DIR")]
    pub local_dir: Option<PathBuf>,
    /// With --local: run on credentials that hold just this policy
    #[arg(
        long = "as",
        global = true,
        env = "PROVISION_AS",
        value_name = "POLICY"
    )]
    pub identity: Option<Identity>,
    /// With --local: how slow and unsteady the embedded cloud is; calm unless told
    #[arg(long, global = true, env = "PROVISION_WEATHER")]
    pub weather: Option<WeatherName>,
    /// The same seed brings the same weather
    #[arg(
        long,
        global = true,
        env = "PROVISION_WEATHER_SEED",
        value_name = "N",
        default_value_t
    )]
    pub weather_seed: u64,
    /// Which deployment of the stack; names end in it, `default` has the plain ones
    #[arg(
        long,
        global = true,
        env = "PROVISION_STAGE",
        default_value = "default"
    )]
    pub stage: String,
    #[arg(long, global = true, env = "PROVISION_REGION")]
    pub region: Option<String>,
    /// A profile of ~/.aws/config
    #[arg(
        long,
        global = true,
        env = "PROVISION_PROFILE",
        conflicts_with = "local"
    )]
    pub profile: Option<String>,
    /// Refuse to work in any other account
    #[arg(long, global = true, env = "PROVISION_ACCOUNT", value_name = "ID")]
    pub account: Option<String>,
    /// Send every call there instead of to AWS
    #[arg(
        long,
        global = true,
        env = "PROVISION_ENDPOINT_URL",
        value_name = "URL",
        conflicts_with = "local"
    )]
    pub endpoint_url: Option<String>,
    #[arg(
        long,
        global = true,
        env = "PROVISION_OUTPUT",
        value_enum,
        default_value_t
    )]
    pub output: Output,
    /// Agree to what would be asked; never covers rides
    #[arg(long, global = true, env = "PROVISION_YES", value_parser = BOOLISH())]
    pub yes: bool,
    /// Never ask: refuse instead
    #[arg(long, global = true, env = "PROVISION_NO_INPUT", value_parser = BOOLISH())]
    pub no_input: bool,
    /// Seconds that any one wait may take
    #[arg(
        long,
        global = true,
        env = "PROVISION_WAIT_LIMIT",
        value_name = "SECONDS"
    )]
    pub wait_limit: Option<u64>,
    #[arg(
        long,
        global = true,
        env = "PROVISION_COLOR",
        value_enum,
        default_value_t
    )]
    pub color: Color,
    /// Tell more of what is done
    #[arg(short, long, global = true, env = "PROVISION_VERBOSE", value_parser = BOOLISH())]
    pub verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Identity {
    Deployer,
    Planner,
    Operator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WeatherName {
    /// Every change is felt at once
    Calm,
    /// The delays measured at AWS
    Aws,
    /// Longer delays, and one call in ten throttled, failed or never answered
    Storm,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ArchName {
    #[value(name = "x86_64")]
    X86_64,
    #[value(name = "arm64")]
    Arm64,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Plan, apply, prove with a test ride, switch `live`; prints the outputs
    Up(Up),
    /// What `up` would do; changes nothing
    Plan(Plan),
    /// What is there, whose it is, whether it is healthy and runs this build
    Status,
    /// One ride through `live`, with the end of its log
    Invoke(Invoke),
    /// The newest rides
    Rides(Rides),
    /// The function's log
    Logs(Logs),
    /// Point `live` at an earlier proven version
    Rollback(Rollback),
    /// Remove what is ours, then show that nothing is left
    Down(Down),
    /// Build the function into a checked zip; prints its path
    Build(Build),
    /// Run the embedded cloud in the foreground, for the aws CLI and SDKs
    Cloud(CloudServer),
    /// Print an IAM policy, rendered
    Policy(Policy),
    /// Print a completion script
    Completions { shell: clap_complete::Shell },
}

impl Command {
    pub fn name(&self) -> &'static str {
        match self {
            Command::Up(_) => "up",
            Command::Plan(_) => "plan",
            Command::Status => "status",
            Command::Invoke(_) => "invoke",
            Command::Rides(_) => "rides",
            Command::Logs(_) => "logs",
            Command::Rollback(_) => "rollback",
            Command::Down(_) => "down",
            Command::Build(_) => "build",
            Command::Cloud(_) => "cloud",
            Command::Policy(_) => "policy",
            Command::Completions { .. } => "completions",
        }
    }
}

/// What `up` and `plan` share.
#[derive(Args, Debug, Default)]
pub struct Declared {
    /// Take over what somebody else made under our name
    #[arg(long, value_name = "KIND", value_parser = ["table", "role", "log-group", "function"])]
    pub adopt: Vec<String>,
    /// Deploy this zip instead of building one
    #[arg(long, value_name = "ZIP", env = "PROVISION_ARTIFACT")]
    pub artifact: Option<PathBuf>,
    /// Upload even where only the compiler differs
    #[arg(long)]
    pub upload: bool,
    /// For endpoints that can't run a zip: go live unproven
    #[arg(long)]
    pub skip_test_ride: bool,
    /// Go to the build that `live` was rolled back from
    #[arg(long)]
    pub forward: bool,
    /// Memory of the function, in MB
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(i32).range(128..=10_240))]
    pub memory: Option<i32>,
    /// Timeout of the function, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i32).range(1..=900))]
    pub timeout: Option<i32>,
    /// How long logs are kept
    #[arg(long, value_name = "DAYS", value_parser = retention_days)]
    pub retention_days: Option<i32>,
    /// Architecture of the function
    #[arg(long, value_enum)]
    pub arch: Option<ArchName>,
    /// Another environment variable of the function
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub env: Vec<(String, String)>,
}

#[derive(Args, Debug)]
pub struct Up {
    #[command(flatten)]
    pub declared: Declared,
}

#[derive(Args, Debug)]
pub struct Plan {
    #[command(flatten)]
    pub declared: Declared,
    /// Exit with 3 where there are changes
    #[arg(long)]
    pub exit_code: bool,
}

#[derive(Args, Debug)]
pub struct Invoke {
    /// An event to send as it is; - reads it from stdin
    #[arg(long, value_name = "FILE", conflicts_with = "at")]
    pub event: Option<PathBuf>,
    /// Where the rider stands, in degrees: 47.61,-122.33
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub at: Option<String>,
}

#[derive(Args, Debug)]
pub struct Rides {
    /// How many to show
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
    /// Every one, in the order of the table
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
}

#[derive(Args, Debug)]
pub struct Logs {
    /// Go on telling what is logged
    #[arg(long)]
    pub follow: bool,
    /// How far back: 30s, 10m, 2h, 1d
    #[arg(long, default_value = "10m", value_parser = age)]
    pub since: Duration,
}

#[derive(Args, Debug)]
pub struct Rollback {
    /// The highest proven version below `live` otherwise
    #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u64).range(1..))]
    pub to: Option<u64>,
}

#[derive(Args, Debug)]
pub struct Down {
    /// Leave the table and its rides
    #[arg(long, conflicts_with = "delete_data")]
    pub keep_data: bool,
    /// Delete the rides too
    #[arg(long)]
    pub delete_data: bool,
    /// The name of the production stage, typed out
    #[arg(long, value_name = "NAME")]
    pub confirm_stage: Option<String>,
}

#[derive(Args, Debug)]
pub struct Build {
    #[arg(long, value_enum, default_value = "x86_64")]
    pub arch: ArchName,
    /// Where to write the zip
    #[arg(long, value_name = "ZIP")]
    pub out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct CloudServer {
    #[arg(long, default_value_t = 0, env = "PROVISION_PORT")]
    pub port: u16,
}

#[derive(Args, Debug)]
pub struct Policy {
    #[arg(value_enum)]
    pub policy: PolicyName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PolicyName {
    Function,
}

/// clap's words on a command line that can't be read, with a way out that can be pasted.
pub fn complaint(error: clap::Error, style: Style) -> String {
    let told = without_secret(error).render();
    let told = if style.colour {
        told.ansi().to_string()
    } else {
        told.to_string()
    };
    match told.split_once("\n\nFor more information") {
        Some((told, _)) => format!("{told}\n\n{} `{}`\n", style.bold("hint:"), help()),
        None => told,
    }
}

/// clap tells the value that it could not read; that of `--env` is a secret.
fn without_secret(mut error: clap::Error) -> clap::Error {
    let flag = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    let value = error
        .get(ContextKind::InvalidValue)
        .map(ToString::to_string);
    if let (Some(flag), Some(value)) = (flag, value)
        && flag.starts_with("--env ")
    {
        let key = value.split_once('=').map_or("", |(key, _)| key);
        let told = ContextValue::String(format!("{key}=…"));
        error.insert(ContextKind::InvalidValue, told);
    }
    error
}

/// Of the verb that was called, where one was.
fn help() -> String {
    let command = Cli::command();
    let verbs: Vec<&str> = command
        .get_subcommands()
        .map(|verb| verb.get_name())
        .collect();
    let verb = std::env::args()
        .skip(1)
        .find(|word| verbs.contains(&word.as_str()));
    verb.map_or("provision --help".to_owned(), |verb| {
        format!("provision {verb} --help")
    })
}

/// CloudWatch Logs takes these and no others.
const RETENTION_DAYS: [i32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

fn retention_days(text: &str) -> Result<i32, String> {
    let days: i32 = text
        .parse()
        .map_err(|_| "not a number of days".to_owned())?;
    if RETENTION_DAYS.contains(&days) {
        return Ok(days);
    }
    let known: Vec<String> = RETENTION_DAYS.iter().map(i32::to_string).collect();
    Err(format!("CloudWatch Logs takes {}", known.join(", ")))
}

fn age(text: &str) -> Result<Duration, String> {
    let malformed = || "write it as 30s, 10m, 2h or 1d".to_owned();
    let unit = text.chars().last().ok_or_else(malformed)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(malformed()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| malformed())?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    let mut characters = key.chars();
    let starts_well = characters.next().is_some_and(|c| c.is_ascii_alphabetic());
    let goes_on_well = characters.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !starts_well || !goes_on_well || key.len() < 2 {
        return Err(
            "a key is a letter, then letters, digits and _, two characters at least".into(),
        );
    }
    if key.starts_with("AWS_") || key.starts_with("_") || key.starts_with("LAMBDA_") {
        return Err(format!("Lambda reserves {key}"));
    }
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use std::time::Duration;

    use super::{Cli, age, key_value, retention_days};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_flags_work_behind_the_command() {
        let cli = Cli::try_parse_from(["provision", "up", "--local", "--stage", "dev", "--yes"]);
        let cli = cli.expect("a good command line");
        assert!(cli.global.local && cli.global.yes);
        assert_eq!(cli.global.stage, "dev");
    }

    #[test]
    fn an_age_is_a_number_and_a_unit() {
        assert_eq!(age("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(age("1d"), Ok(Duration::from_secs(86_400)));
        for bad in ["", "m", "10", "-1m", "1.5h", "10é"] {
            assert!(age(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn values_that_aws_would_refuse_are_refused_here() {
        assert!(retention_days("14").is_ok());
        assert!(retention_days("15").is_err());
        assert!(retention_days("0").is_err());
        assert!(key_value("LOG_RIDER=off").is_ok());
        for bad in ["LOG_RIDER", "=x", "A=x", "1A=x", "AWS_REGION=x", "A-B=x"] {
            assert!(key_value(bad).is_err(), "{bad}");
        }
    }
}
