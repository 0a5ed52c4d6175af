//! `bootstrap`: what Lambda starts.

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    // One event at a time is all Lambda gives a process: one thread is enough.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        // On the heap: as a local it would move the stack's peak by 50 pages.
        Ok(runtime) => runtime.block_on(Box::pin(function::runtime::run())),
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where Lambda looks for it: among the log lines.
            let line = serde_json::json!({"level": "ERROR", "message": error.to_string()});
            let _ = writeln!(std::io::stdout(), "{line}");
            ExitCode::FAILURE
        }
    }
}
