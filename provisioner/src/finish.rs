//! The end of a run: its errors as text and as a document, and what a CI job keeps of it.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::cli::{self, Cli, Output, UsageError};
use crate::error::{Error, Exit, exit_of};
use crate::hints::CommandLine;
use crate::report::ended::Ended;
use crate::report::github;
use crate::report::record::Record;
use crate::report::recorder::Recorder;
use crate::report::style::Style;
use crate::report::{document, output, render, timings};
use crate::timings_file;

/// What the end of a run needs to know of its command line.
pub struct Called {
    command: &'static str,
    is_stream: bool,
    /// The file of `--timings`.
    timings: Option<PathBuf>,
    stage: String,
    output: Output,
    command_line: CommandLine,
    /// Of stderr.
    style: Style,
}

impl Called {
    pub fn new(cli: &Cli, command_line: CommandLine, style: Style) -> Called {
        Called {
            command: cli.command.name(),
            is_stream: cli.command.is_stream(),
            timings: cli.timings().map(Path::to_owned),
            stage: cli.global.stage.clone(),
            output: cli.global.output.unwrap_or_default(),
            command_line,
            style,
        }
    }

    /// Ends a run. The errors of one that panicked are printed already. There is no recorder if the run did not
    /// begin.
    pub fn finish(
        &self,
        result: Result<Exit, Vec<Error>>,
        is_printed: bool,
        recorder: Option<&Recorder>,
    ) -> Exit {
        let (exit, errors) = match result {
            Ok(exit) => (exit, Vec::new()),
            Err(errors) => (exit_of(&errors), self.failed(errors, is_printed, recorder)),
        };
        let (record, now) = match recorder {
            Some(recorder) => (&*recorder.record(), recorder.now()),
            None => (&Record::default(), SystemTime::now()),
        };
        let errors: Vec<&Error> = record.errors.iter().chain(&errors).collect();
        let ended = Ended {
            command: self.command,
            stage: Some(&self.stage),
            exit,
            errors: &errors,
            record,
            now,
        };
        warn(&github::write(&ended), self.style);
        self.write_timings(&ended);
        exit
    }

    /// Not for a run that did not begin: it has no times, and its file was not checked.
    fn write_timings(&self, ended: &Ended<'_>) {
        let Some(path) = self
            .timings
            .as_ref()
            .filter(|_| ended.record.calls.is_some())
        else {
            return;
        };
        match timings_file::write(path, &timings::page(ended)) {
            Ok(()) => output::error(&format!("timings: {}\n", path.display())),
            Err(warning) => warn(&[warning], self.style),
        }
    }

    /// Prints the errors, and returns them with complete hints.
    fn failed(
        &self,
        errors: Vec<Error>,
        is_printed: bool,
        recorder: Option<&Recorder>,
    ) -> Vec<Error> {
        if self.output == Output::Json {
            let document = document::failed(self.command, recorder, &errors, &self.command_line);
            output::text(&match self.is_stream {
                true => output::json_line(&document),
                false => output::json(&document),
            });
        }
        let errors = errors.into_iter();
        let errors: Vec<Error> = errors
            .map(|error| self.command_line.complete(error))
            .collect();
        for error in errors.iter().filter(|_| !is_printed) {
            output::error(&render::error(error, self.style));
        }
        errors
    }
}

/// The end of a command line that cannot be parsed.
pub fn not_parsed(error: &UsageError, style: Style) -> Exit {
    let command = cli::called_command();
    let usage = error.error();
    if cli::asks_for_json() {
        let document = document::usage_error(command.as_deref(), &usage);
        output::text(&output::json(&document));
    }
    output::error(&error.text(style));
    let warnings = github::write(&Ended {
        command: command.as_deref().unwrap_or_default(),
        stage: None,
        exit: usage.exit,
        errors: &[&usage],
        record: &Record::default(),
        now: SystemTime::now(),
    });
    warn(&warnings, style);
    usage.exit
}

fn warn(warnings: &[String], style: Style) {
    for text in warnings {
        output::error(&format!("{} {text}\n", style.yellow("warning:")));
    }
}
