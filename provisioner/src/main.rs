//! Parse, run, map the result to an exit code.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use provisioner::cli::{self, Cli, Color, Command, Output};
use provisioner::command_line::CommandLine;
use provisioner::commands;
use provisioner::engine::clock::{RealClock, SharedClock};
use provisioner::engine::wait::Stop;
use provisioner::error::{Error, Exit};
use provisioner::report::{document, output, render};
use provisioner::session::{self, Session};

fn main() -> ExitCode {
    let mut cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return unread(error),
    };
    if matches!(cli.command, Command::Cloud(_)) {
        cli.global.local = true;
    }
    let (style, output, name) = (
        session::style(cli.global.color),
        cli.global.output,
        cli.command.name(),
    );
    let command_line = CommandLine::of_this_process(&cli.global);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("the runtime starts");
    let exit = match runtime.block_on(run(cli)) {
        Ok(exit) => exit,
        Err(errors) => {
            let errors = errors.into_iter().map(|error| command_line.complete(error));
            let errors: Vec<Error> = errors.collect();
            if output == Output::Json {
                output::json(&document::error(name, &errors));
            }
            for error in &errors {
                output::error(&render::error(error, style));
            }
            errors.first().map_or(Exit::Failed, |error| error.exit)
        }
    };
    // Not the runtime's: a blocking read of stdin would hold it up.
    runtime.shutdown_background();
    ExitCode::from(exit.code())
}

/// A call for help too, which is none.
fn unread(error: clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Whoever reads has had enough: no reason to fail.
        let _ = error.print();
        return ExitCode::from(Exit::Done.code());
    }
    output::error(&cli::complaint(error, session::style(Color::Auto)));
    ExitCode::from(Exit::Usage.code())
}

async fn run(cli: Cli) -> Result<Exit, Vec<Error>> {
    let clock: SharedClock = Arc::new(RealClock);
    let (stopper, stop) = Stop::new();
    tokio::spawn(async move {
        interrupted().await;
        stopper.stop();
        interrupted().await;
        exit_now();
    });
    let session = Session::new(&cli.global, clock, stop)?;
    commands::run(cli.command, &session).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "the second ctrl-c waits for nothing"
)]
fn exit_now() {
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// Ctrl-c, or the SIGTERM of a cancelled CI job.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).expect("a handler for SIGTERM");
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}
