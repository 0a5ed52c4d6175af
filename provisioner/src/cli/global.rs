//! The flags that every command has. Each can also be set as a variable: `PROVISION_STAGE`, …

use std::path::{Path, PathBuf};

use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};

use crate::cli::values::whole;

/// `PROVISION_LOCAL=1`, `true`, `yes`; 0, false and no are the opposite.
pub(super) const BOOLISH: fn() -> BoolishValueParser = BoolishValueParser::new;

/// In the order of the help, where `help.rs` puts them below headings.
#[derive(Args, Debug)]
pub struct Global {
    /// Which deployment of the stack to use; resource names end in the stage, except for `default`
    #[arg(
        long,
        global = true,
        env = "PROVISION_STAGE",
        default_value = "default"
    )]
    pub stage: String,
    /// AWS region [default: that of the environment or the profile]
    #[arg(long, global = true, env = "PROVISION_REGION")]
    pub region: Option<String>,
    /// Take the credentials from this profile of ~/.aws/config only
    #[arg(
        long,
        global = true,
        env = "PROVISION_PROFILE",
        conflicts_with = "local"
    )]
    pub profile: Option<String>,
    /// Refuse to run in any other AWS account
    #[arg(long, global = true, env = "PROVISION_ACCOUNT", value_name = "ID")]
    pub account: Option<String>,
    /// Send all AWS requests to this URL, except those for credentials
    #[arg(
        long,
        global = true,
        env = "PROVISION_ENDPOINT_URL",
        value_name = "URL",
        conflicts_with = "local"
    )]
    pub endpoint_url: Option<String>,
    /// Deploy to the local cloud, a local AWS emulator: no account, credentials or network needed
    #[arg(long, global = true, env = "PROVISION_LOCAL", value_parser = BOOLISH())]
    pub local: bool,
    /// Directory in which the local cloud keeps its state [default: .provision/local]
    #[arg(long, global = true, env = "PROVISION_LOCAL_DIR", value_name = "DIR")]
    pub local_dir: Option<PathBuf>,
    /// With --local: run with credentials that have only this policy, as `policy` prints it
    #[arg(
        long = "as",
        global = true,
        env = "PROVISION_AS",
        value_name = "POLICY"
    )]
    pub identity: Option<Identity>,
    /// With --local: inject AWS's delays (aws), or longer delays and errors (storm), into the local
    /// cloud [default: calm]
    #[arg(
        long,
        alias = "weather",
        global = true,
        env = "PROVISION_FAULTS",
        value_name = "PROFILE"
    )]
    pub faults: Option<FaultProfile>,
    /// Seed of the injected faults: the same seed gives the same faults
    #[arg(
        long,
        alias = "weather-seed",
        global = true,
        env = "PROVISION_FAULTS_SEED",
        value_name = "N",
        default_value_t,
        value_parser = whole::<u64>
    )]
    pub faults_seed: u64,
    /// Output format on stdout [default: text; for `rides` without a terminal: json]
    #[arg(
        long,
        global = true,
        env = "PROVISION_OUTPUT",
        value_name = "FORMAT",
        value_enum
    )]
    pub output: Option<Output>,
    /// When to use color
    #[arg(
        long,
        global = true,
        env = "PROVISION_COLOR",
        value_name = "WHEN",
        value_enum,
        default_value_t
    )]
    pub color: Color,
    /// Verbose output, with a line for each request to AWS
    #[arg(short, long, global = true, env = "PROVISION_VERBOSE", value_parser = BOOLISH())]
    pub verbose: bool,
    /// As --verbose, and show attempts and AWS's request IDs
    #[arg(long, global = true, env = "PROVISION_DEBUG", value_parser = BOOLISH())]
    pub debug: bool,
    /// Append what --debug shows to this file
    #[arg(long, global = true, env = "PROVISION_LOG", value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Write a page with a bar for each change and each request to this HTML file
    #[arg(long, global = true, env = "PROVISION_TIMINGS", value_name = "FILE")]
    pub timings: Option<PathBuf>,
    /// Skip confirmation prompts (never deletes rides)
    #[arg(long, global = true, env = "PROVISION_YES", value_parser = BOOLISH())]
    pub yes: bool,
    /// Never prompt: fail where a confirmation is required
    #[arg(long, global = true, env = "PROVISION_NO_INPUT", value_parser = BOOLISH())]
    pub no_input: bool,
    /// Time limit for each wait, in seconds
    #[arg(
        long,
        global = true,
        env = "PROVISION_WAIT_LIMIT",
        value_name = "SECONDS",
        value_parser = whole::<u64>
    )]
    pub wait_limit: Option<u64>,
}

impl Global {
    /// The directory of the local cloud, for a workspace or directory `home`.
    pub fn local_folder(&self, home: &Path) -> PathBuf {
        let given = self.local_dir.clone();
        given.unwrap_or_else(|| home.join(".provision/local"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Identity {
    Deployer,
    Planner,
    Operator,
    Sweeper,
    Certifier,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FaultProfile {
    // No doc comments: with them clap spreads the help of every flag over several lines.
    //
    // Every change takes effect at once.
    Calm,
    // The delays measured on AWS.
    Aws,
    // Longer delays; one request in ten is throttled, fails or loses its response.
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
