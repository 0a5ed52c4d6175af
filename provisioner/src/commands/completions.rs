//! A completion script for the user's shell.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use crate::cli::Cli;
use crate::error::Exit;
use crate::report::output;

pub fn run(shell: Shell) -> Exit {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "provision", &mut script);
    output::text(&String::from_utf8_lossy(&script));
    Exit::Done
}
