//! What a signal does to a command.

use crate::commands::Outcome;
use crate::engine::stop::COMMAND_LIMIT;
use crate::error::{Error, Exit};
use crate::report::Event;
use crate::session::Session;

/// Runs a command that only reads, which a signal ends at once.
pub async fn reading<E: Into<Vec<Error>>>(
    command: impl Future<Output = Result<Exit, E>>,
    session: &Session,
) -> Outcome {
    session.stop.unless_set(command).await?.map_err(Into::into)
}

/// Runs a command that changes something: it sees the signal itself and comes to an end in order. If it
/// does not in time, it is dropped, with the requests that are still without an answer.
pub async fn changing<E: Into<Vec<Error>>>(
    command: impl Future<Output = Result<Exit, E>>,
    session: &Session,
) -> Outcome {
    let late = async {
        session.stop.set().await;
        let text = "canceling: requests in flight get 5 s; another signal ends the run at once";
        session.reporter.report(&Event::Info { text });
        session.stop.expired(COMMAND_LIMIT, &*session.clock).await;
        // Read before the command is dropped, and they with it.
        session.interceptors.in_flight.names()
    };
    tokio::select! {
        biased;
        outcome = command => outcome.map_err(Into::into),
        requests = late => Err(given_up(&requests).into()),
    }
}

fn given_up(requests: &[String]) -> Error {
    let error = Error::interrupted();
    if requests.is_empty() {
        return error;
    }
    error.because(format!(
        "no answer to {}: given up, but AWS may carry it out",
        requests.join(", ")
    ))
}
