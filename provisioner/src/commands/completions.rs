//! A completion script for the user's shell.

use clap_complete::{Shell, generate};

use crate::cli::{self, Variables};
use crate::error::Exit;
use crate::report::output;

pub fn run(shell: Shell) -> Exit {
    let mut script = Vec::new();
    let mut command = cli::command(Variables::Shown);
    generate(shell, &mut command, "provision", &mut script);
    output::text(&String::from_utf8_lossy(&script));
    Exit::Done
}
