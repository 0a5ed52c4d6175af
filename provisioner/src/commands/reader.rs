//! The end of a command that only prints, when nothing reads it any more: `provision logs --follow | head -1`.

use crate::error::{Error, Exit};

/// Runs a command until it ends, or until the reader of stdout closes the pipe: it has what it wanted.
pub async fn while_read(command: impl Future<Output = Result<Exit, Error>>) -> Result<Exit, Error> {
    tokio::select! {
        result = command => result,
        () = closed() => Ok(Exit::Done),
    }
}

/// Returns when the other end of stdout is closed, although nothing is written; never for a file.
#[cfg(unix)]
async fn closed() {
    use rustix::event::{PollFd, PollFlags, poll};

    let (sender, receiver) = tokio::sync::oneshot::channel();
    // A thread of its own, which ends with the process: tokio's blocking threads delay the end of the runtime.
    std::thread::spawn(move || {
        let stdout = std::io::stdout();
        // Without flags it reports errors and hang-ups alone.
        let mut streams = [PollFd::new(&stdout, PollFlags::empty())];
        while let Err(rustix::io::Errno::INTR) = poll(&mut streams, None) {}
        if streams[0]
            .revents()
            .intersects(PollFlags::ERR | PollFlags::HUP)
        {
            // Fails where the command has ended first.
            let _ = sender.send(());
        }
    });
    if receiver.await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(not(unix))]
async fn closed() {
    std::future::pending().await
}
