//! The commands and the flags of each.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cli::global::{BOOLISH, Global};
use crate::cli::values::{
    Adoptable, age, key_value, memory_mb, plan_digest, positive, retention_days, timeout_seconds,
};
use crate::engine::plan_digest::PlanDigest;

#[derive(Debug, Parser)]
#[command(
    name = "provision",
    version,
    arg_required_else_help = true,
    about = "Deploys the Wild Rydes backend: a DynamoDB table, an IAM role, a log group and a Lambda function"
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// The file of `--timings`. A variable names it for all commands, and only these have timings.
    pub fn timings(&self) -> Option<&Path> {
        let has_timings = matches!(self.command, Command::Up(_) | Command::Down(_));
        self.global.timings.as_deref().filter(|_| has_timings)
    }
}

/// Aliases are those of other tools. The help does not show them, and hints name the command itself.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create or update the stack, run a test ride, then switch the `live` alias
    #[command(aliases = ["apply", "deploy"])]
    Up(Up),
    /// Show what `up` would do, without changing anything
    // `import` changes nothing either: the plan shows what an adoption would change, and its hint is the line
    // of `up --adopt` that does it.
    #[command(aliases = ["diff", "import"])]
    Plan(Plan),
    /// Show the deployed resources, their health, and whether they run this build
    Status(Status),
    /// Request a ride through the `live` alias and show the end of its log
    Invoke(Invoke),
    /// List the newest rides in the table
    Rides(Rides),
    /// Show the function's log, by request
    Logs(Logs),
    /// List the versions of the function: which is live, which passed their test rides, what changed
    Versions,
    /// Point the `live` alias at an earlier version that passed its test ride
    Rollback(Rollback),
    /// Delete all resources managed by provision and verify that nothing is left
    #[command(alias = "destroy")]
    Down(Down),
    /// Delete the expired stages of a pattern, such as --stage 'pr-*'
    Sweep(Sweep),
    /// Prove on your account, in a stage of its own, that all this works, and delete it again
    Certify(Certify),
    /// Show the settings of the stage, and where each comes from
    Config(SettingFlags),
    /// Build the function's zip file and print its path
    Build(Build),
    /// Run the local cloud in the foreground, for the AWS CLI and the SDKs
    Cloud(CloudServer),
    /// Print an IAM policy of the stack as JSON
    Policy(Policy),
    /// Print a shell completion script
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write man pages: one of the program and one of each command
    Man {
        /// Directory for the pages, for example ~/.local/share/man/man1
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

impl Command {
    pub fn name(&self) -> &'static str {
        match self {
            Command::Up(_) => "up",
            Command::Plan(_) => "plan",
            Command::Status(_) => "status",
            Command::Invoke(_) => "invoke",
            Command::Rides(_) => "rides",
            Command::Logs(_) => "logs",
            Command::Versions => "versions",
            Command::Rollback(_) => "rollback",
            Command::Down(_) => "down",
            Command::Sweep(_) => "sweep",
            Command::Certify(_) => "certify",
            Command::Config(_) => "config",
            Command::Build(_) => "build",
            Command::Cloud(_) => "cloud",
            Command::Policy(_) => "policy",
            Command::Completions { .. } => "completions",
            Command::Man { .. } => "man",
        }
    }

    /// Whether its JSON is a stream of lines.
    pub fn is_stream(&self) -> bool {
        matches!(self, Command::Rides(_) | Command::Logs(_))
    }
}

/// What `up` and `plan` share.
#[derive(Args, Clone, Debug, Default)]
pub struct Declared {
    /// Adopt an existing resource that is not managed by provision: all of a kind, or one by its name
    /// (can be repeated)
    #[arg(long, value_name = "KIND[/NAME]", value_parser = Adoptable)]
    pub adopt: Vec<String>,
    /// Delete this part of a resource, which is not declared: index/NAME, layer/ARN, vpc (can be repeated)
    #[arg(long, value_name = "PART")]
    pub drop: Vec<String>,
    /// Deploy this zip file instead of building the function
    #[arg(long, value_name = "ZIP", env = "PROVISION_ARTIFACT")]
    pub artifact: Option<PathBuf>,
    /// Upload the code even if it differs only by the compiler that built it
    #[arg(long)]
    pub upload: bool,
    /// Switch `live` without a test ride, for endpoints that cannot run functions
    #[arg(long)]
    pub skip_test_ride: bool,
    /// Deploy again the build that `live` was rolled back from
    #[arg(long)]
    pub forward: bool,
    #[command(flatten)]
    pub settings: SettingFlags,
    /// Show the value of this environment variable in the plan; it is hidden otherwise (can be repeated)
    #[arg(long, value_name = "KEY")]
    pub show_env: Vec<String>,
}

/// The values of settings, over those of Cargo.toml.
#[derive(Args, Clone, Debug, Default)]
pub struct SettingFlags {
    /// Memory of the function, in MB
    #[arg(long, value_name = "MB", value_parser = memory_mb)]
    pub memory: Option<i32>,
    /// Timeout of the function, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = timeout_seconds)]
    pub timeout: Option<i32>,
    /// Retention of the log group, in days
    #[arg(long, value_name = "DAYS", value_parser = retention_days)]
    pub retention_days: Option<i32>,
    /// Architecture of the function
    #[arg(long, value_enum)]
    pub arch: Option<ArchName>,
    /// Additional environment variable of the function (can be repeated)
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub env: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ArchName {
    #[value(name = "x86_64")]
    X86_64,
    #[value(name = "arm64")]
    Arm64,
}

#[derive(Args, Debug)]
pub struct Up {
    #[command(flatten)]
    pub declared: Declared,
    /// Refuse unless the plan still has this digest, which `plan` prints
    #[arg(long, value_name = "DIGEST", value_parser = plan_digest)]
    pub plan_digest: Option<PlanDigest>,
    /// Do not check permissions and quotas before the first change
    #[arg(long, env = "PROVISION_NO_PREFLIGHT", value_parser = BOOLISH())]
    pub no_preflight: bool,
}

#[derive(Args, Debug)]
pub struct Plan {
    #[command(flatten)]
    pub declared: Declared,
    /// Exit with 3 if there are changes, and with 4 instead of 1 if `up` would refuse
    #[arg(long)]
    pub exit_code: bool,
    /// Print a flowchart of the stack and of what `up` would do, in Mermaid, which GitHub draws
    #[arg(long)]
    pub graph: bool,
}

#[derive(Args, Debug)]
pub struct Status {
    /// Exit with 1 if a resource is unhealthy, not as declared, no longer declared or not managed, or `live` is unproven
    #[arg(long)]
    pub check: bool,
}

#[derive(Args, Debug)]
pub struct Invoke {
    /// File with a JSON event to send unchanged; - reads it from stdin
    #[arg(long, value_name = "FILE", conflicts_with = "at")]
    pub event: Option<PathBuf>,
    /// Pickup location in degrees, for example 47.61,-122.33
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub at: Option<String>,
}

#[derive(Args, Debug)]
pub struct Rides {
    /// Maximum number of rides
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = positive::<usize>)]
    pub limit: usize,
    /// List every ride, in the order of the table
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    /// Also draw a map of the pickup locations
    #[arg(long)]
    pub map: bool,
}

#[derive(Args, Debug)]
pub struct Logs {
    /// Stream new log events
    #[arg(long)]
    pub follow: bool,
    /// Show events that are at most this old: 30s, 10m, 2h, 1d
    #[arg(long, value_name = "AGE", default_value = "10m", value_parser = age)]
    pub since: Duration,
    /// Only the request that stored this ride
    #[arg(long, value_name = "RIDE_ID")]
    pub ride: Option<String>,
    /// Only requests that crashed, timed out or logged at the level ERROR or FATAL
    #[arg(long)]
    pub errors: bool,
}

#[derive(Args, Debug)]
pub struct Rollback {
    /// Version to roll back to [default: the highest one below `live` that passed its test ride]
    #[arg(long, value_name = "VERSION", value_parser = positive::<u64>)]
    pub to: Option<u64>,
}

#[derive(Args, Debug)]
pub struct Down {
    /// Keep the table and its rides
    #[arg(long, conflicts_with = "delete_data")]
    pub keep_data: bool,
    /// Delete the table even if it holds rides
    #[arg(long)]
    pub delete_data: bool,
    /// Keep the stack, and delete only what is no longer declared
    #[arg(long)]
    pub undeclared: bool,
    /// Confirm by its name that a production stage is to be deleted
    #[arg(long, value_name = "NAME")]
    pub confirm_stage: Option<String>,
    /// Do not check permissions before the first change
    #[arg(long, env = "PROVISION_NO_PREFLIGHT", value_parser = BOOLISH())]
    pub no_preflight: bool,
}

#[derive(Args, Debug)]
pub struct Sweep {
    /// Delete stages whose last deployment is at least this old: 30s, 10m, 2h, 3d
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub older_than: Duration,
    /// Only list the stages
    #[arg(long)]
    pub dry_run: bool,
    /// Delete tables even if they hold rides
    #[arg(long)]
    pub delete_data: bool,
    /// Do not check permissions before the first change
    #[arg(long, env = "PROVISION_NO_PREFLIGHT", value_parser = BOOLISH())]
    pub no_preflight: bool,
}

#[derive(Args, Debug)]
pub struct Certify {
    /// Write the report to this file, and beside it as Markdown with the extension .md
    #[arg(long, value_name = "FILE", default_value = "certify-report.json")]
    pub report: PathBuf,
    /// Deploy this zip file instead of building the function
    #[arg(long, value_name = "ZIP", env = "PROVISION_ARTIFACT")]
    pub artifact: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Build {
    /// Architecture of the function [default: the declared one]
    #[arg(long, value_enum)]
    pub arch: Option<ArchName>,
    /// Write the zip file to this path
    #[arg(long, value_name = "ZIP")]
    pub out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct CloudServer {
    /// Port on 127.0.0.1; 0 takes any free port
    #[arg(long, default_value_t = 0, env = "PROVISION_PORT")]
    pub port: u16,
}

#[derive(Args, Debug)]
pub struct Policy {
    /// Which policy: that of a caller of this program, or that of the function's role. With
    /// --stage 'pr-*' it is for every stage that begins with pr-. That of the certifier is always for 'certify-*'
    #[arg(value_enum)]
    pub policy: PolicyName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PolicyName {
    // No doc comments: with them clap spreads the help over several lines.
    //
    // up, plan, status, rollback, down
    Deployer,
    // plan, status
    Planner,
    // invoke, rides, logs
    Operator,
    // sweep
    Sweeper,
    // certify
    Certifier,
    // The inline policies of the function's role.
    Function,
}
