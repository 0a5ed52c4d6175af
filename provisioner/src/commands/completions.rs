//! A completion script for the user's shell.

use clap_complete::Shell;

use crate::cli;
use crate::error::Exit;
use crate::report::output;

pub fn run(shell: Shell) -> Exit {
    output::text(&String::from_utf8_lossy(&cli::completion_script(shell)));
    Exit::Done
}
