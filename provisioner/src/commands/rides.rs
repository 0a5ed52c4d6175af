//! Lists the newest rides of at most ten scanned pages, or all rides.

use jiff::tz::TimeZone;

use crate::aws::clients::Cloud;
use crate::cli;
use crate::error::{Error, Exit};
use crate::report::map::map;
use crate::report::{self, Event, output};
use crate::rides::{PAGES, Ride};
use crate::session::Session;

pub async fn run(flags: cli::Rides, cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    session.guard(cloud).await?;
    let stack = session.named_stack(&cloud.build_target)?;
    let stored = stack.rides(cloud);
    let pages = if flags.all { usize::MAX } else { PAGES };
    let mut newest = Vec::new();
    let mut positions = Vec::new();
    let mut start = None;
    let mut read = 0;
    loop {
        let page = stored.page(start).await;
        let (rides, next) = page.map_err(Error::of_missing_stack)?;
        if flags.all {
            print(&rides, session);
            if flags.map {
                positions.extend(report::rides::positions(&rides));
            }
        } else {
            newest.extend(rides);
            newest.sort_by(|a, b| b.request_time.cmp(&a.request_time));
            newest.truncate(flags.limit);
        }
        start = next;
        read += 1;
        if start.is_none() || read >= pages || output::is_closed() {
            break;
        }
    }
    print(&newest, session);
    if !flags.all && newest.is_empty() && flags.limit > 0 {
        session.reporter.report(&Event::Info { text: "no rides" });
    }
    positions.extend(report::rides::positions(&newest));
    if flags.map && !session.streams_json {
        session.text(&map(&positions));
    }
    if start.is_some() {
        let text = format!(
            "these are the newest rides of the first {PAGES} pages; `--all` reads the whole table"
        );
        session.reporter.report(&Event::Info { text: &text });
    }
    Ok(Exit::Done)
}

fn print(rides: &[Ride], session: &Session) {
    if session.streams_json {
        rides.iter().for_each(|ride| session.json_line(ride));
    } else {
        session.text(&report::rides::text(rides, &TimeZone::system()));
    }
}
