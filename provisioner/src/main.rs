//! Parses the command line, runs the command, and maps the result to an exit code.

use std::cell::OnceCell;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

use provisioner::cli::{self, Cli, Command, UsageError};
use provisioner::engine::clock::{RealClock, SharedClock};
use provisioner::engine::stop::Stop;
use provisioner::error::{Error, Exit};
use provisioner::finish::{self, Called};
use provisioner::hints::CommandLine;
use provisioner::report::output;
use provisioner::report::recorder::Recorder;
use provisioner::session::{self, Session};
use provisioner::signals::Signals;
use provisioner::{commands, completion, fault, ignored_variables};

fn main() -> ExitCode {
    ignored_variables::unset();
    if completion::answered() {
        return ExitCode::SUCCESS;
    }
    fault::report_panics(session::style(cli::color_of_words(), &std::io::stderr()));
    let (mut cli, arguments) = match cli::parse(std::env::args_os()) {
        Ok(parsed) => parsed,
        Err(error) => return not_parsed(error),
    };
    if matches!(cli.command, Command::Cloud(_)) {
        cli.global.local = true;
    }
    let command_line = CommandLine::new(arguments);
    let style = session::style(cli.global.color, &std::io::stderr());
    let called = Called::new(&cli, command_line.clone(), style);
    // Outside of the run, which may panic.
    let recorder = OnceCell::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("the runtime starts");
    let (result, is_printed) =
        match fault::caught(|| runtime.block_on(run(cli, command_line, &recorder))) {
            Ok(result) => (result.and_then(written), false),
            Err(fault) => (Err(vec![fault]), true),
        };
    let exit = called.finish(result, is_printed, recorder.get().map(Rc::as_ref));
    // Dropping it instead would wait for a blocking read of stdin.
    runtime.shutdown_background();
    ExitCode::from(exit.code())
}

/// Also handles `--help` and `--version`, which clap returns as an error.
fn not_parsed(error: clap::Error) -> ExitCode {
    if error.use_stderr() {
        let style = session::style(cli::color_of_words(), &std::io::stderr());
        let intended = cli::intended(&error);
        let hint = intended.map(|arguments| CommandLine::new(arguments).complete_hint("`…`"));
        let exit = finish::not_parsed(&UsageError::new(error, hint), style);
        return ExitCode::from(exit.code());
    }
    let help = error.render();
    output::text(
        &if session::style(cli::color_of_words(), &std::io::stdout()).color {
            help.ansi().to_string()
        } else {
            help.to_string()
        },
    );
    let exit = if output::failure().is_some() {
        Exit::Failed
    } else {
        Exit::Done
    };
    ExitCode::from(exit.code())
}

/// Fails a run whose data could not be written to stdout.
fn written(exit: Exit) -> Result<Exit, Vec<Error>> {
    match output::failure() {
        Some(cause) => Err(vec![Error::failed("write to stdout").because(cause).hint(
            "redirect stdout to a place that can be written, then run it again: `…`",
        )]),
        None => Ok(exit),
    }
}

async fn run(
    cli: Cli,
    command_line: CommandLine,
    recorder: &OnceCell<Rc<Recorder>>,
) -> Result<Exit, Vec<Error>> {
    let clock: SharedClock = Arc::new(RealClock);
    let (stopper, stop) = Stop::new();
    let mut signals = Signals::listen();
    tokio::spawn(async move {
        signals.next().await;
        stopper.stop();
        signals.next().await;
        exit_now();
    });
    let session = Session::new(&cli, command_line, clock, stop)?;
    recorder.get_or_init(|| session.recorder.clone());
    commands::run(cli.command, &session).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "the second signal waits for nothing"
)]
fn exit_now() {
    // After the rows of the live view.
    output::error("\n");
    std::process::exit(i32::from(Exit::Interrupted.code()));
}
