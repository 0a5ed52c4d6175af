//! `bootstrap`, the program that Lambda starts.

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Lambda gives a process one event at a time: one thread is enough.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        // On the heap: as a local it would enlarge the stack by 50 pages.
        Ok(runtime) => runtime.block_on(Box::pin(function::runtime::run())),
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // As a log line, where Lambda shows it.
            let line = serde_json::json!({"level": "ERROR", "message": error.to_string()});
            let _ = writeln!(std::io::stdout(), "{line}");
            ExitCode::FAILURE
        }
    }
}
