//! The command line. Only this module uses clap; the values that it returns are checked.

mod arguments;
mod command;
mod completion;
mod examples;
mod global;
mod help;
mod no_effect;
mod relevance;
mod usage;
mod values;

pub use arguments::{Argument, Arguments, parse};
pub use command::{
    ArchName, Build, Certify, Cli, CloudServer, Command, Declared, Down, Invoke, Logs, Plan,
    Policy, PolicyName, Rides, Rollback, SettingFlags, Status, Sweep, Up,
};
pub use completion::{Candidate, complete, script as completion_script};
pub use global::{Color, FaultProfile, Global, Identity, Output};
pub use help::{Variables, command};
pub use no_effect::{NoEffect, no_effect};
pub use usage::{UsageError, asks_for_json, called_command, color_of_words, intended};
