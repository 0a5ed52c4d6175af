//! Man pages: one of the program and one of each command.

use std::fs;
use std::io;
use std::path::Path;

use clap_mangen::Man;

use crate::cli::{self, Variables};
use crate::error::{Error, Exit};
use crate::report::output;

/// Writes the pages and prints their paths.
pub fn run(folder: &Path) -> Result<Exit, Error> {
    let paths = write(folder).map_err(|error| {
        Error::failed(format!("write the man pages to {}", folder.display()))
            .because(error)
            .hint("name a directory that you may write to: `provision man DIR`")
    })?;
    output::text(&paths.concat());
    Ok(Exit::Done)
}

fn write(folder: &Path) -> io::Result<Vec<String>> {
    fs::create_dir_all(folder)?;
    let mut command = cli::command(Variables::Shown).disable_help_subcommand(true);
    // Gives the commands their whole names and the global flags.
    command.build();
    let pages = [&command].into_iter().chain(command.get_subcommands());
    let written = pages.map(|page| {
        let man = Man::new(page.clone());
        let mut text = Vec::new();
        man.render(&mut text)?;
        // What follows the flags in our help begins with the examples.
        let text = String::from_utf8_lossy(&text).replace(".SH EXTRA", ".SH EXAMPLES");
        let path = folder.join(man.get_filename());
        fs::write(&path, text)?;
        Ok(format!("{}\n", path.display()))
    });
    written.collect()
}
