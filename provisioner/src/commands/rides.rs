//! Lists the newest rides of at most ten scanned pages, or all rides.

use crate::aws::clients::Cloud;
use crate::cli::{self, Output};
use crate::error::{Error, Exit};
use crate::report::{Event, output};
use crate::rides::{PAGES, Ride};
use crate::session::Session;
use crate::stack::declaration::Stack;

pub async fn run(flags: cli::Rides, cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    session.guard(cloud).await?;
    let stack = Stack::for_stage(&session.stage, cloud.build_target.arch);
    let stored = stack.rides(cloud);
    let pages = if flags.all { usize::MAX } else { PAGES };
    let mut newest = Vec::new();
    let mut start = None;
    let mut read = 0;
    loop {
        let page = stored.page(start).await;
        let (rides, next) = page.map_err(Error::of_missing_stack)?;
        if flags.all {
            rides.iter().for_each(|ride| print(ride, session));
        } else {
            newest.extend(rides);
            newest.sort_by(|a, b| b.request_time.cmp(&a.request_time));
            newest.truncate(flags.limit);
        }
        start = next;
        read += 1;
        session.wait.stopped()?;
        if start.is_none() || read >= pages || output::is_closed() {
            break;
        }
    }
    newest.iter().for_each(|ride| print(ride, session));
    if start.is_some() {
        let text = format!(
            "these are the newest rides of the first {PAGES} pages; `--all` reads the whole table"
        );
        session.reporter.report(&Event::Info { text: &text });
    }
    Ok(Exit::Done)
}

fn print(ride: &Ride, session: &Session) {
    match session.output {
        Output::Json => session.json_line(ride),
        Output::Text => {
            let degrees = |value: Option<f64>| value.map_or("?".to_owned(), |d| d.to_string());
            session.text(&format!(
                "{}  {}  {:10}  {}  {},{}\n",
                output::value(&ride.request_time),
                output::value(&ride.id),
                output::value(&ride.unicorn),
                output::value(&ride.user),
                degrees(ride.pickup.latitude),
                degrees(ride.pickup.longitude),
            ));
        }
    }
}
