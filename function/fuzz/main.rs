//! `cargo run --release -p function --example fuzz -- EVENTS SEED`
//!
//! Sends that many valid, mutated and random events to the handler. Exits with 1 at the first panic,
//! answer that breaks the contract, 5xx for bad input or 4xx for good input. The same seed gives the
//! same run.

#![expect(clippy::disallowed_macros, reason = "its output is its result")]

mod check;
mod events;
mod random;

use random::Random;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| {
        arguments
            .next()
            .map_or(Some(default), |text| text.parse().ok())
    };
    let (Some(count), Some(seed)) = (number(100_000), number(1)) else {
        eprintln!("usage: fuzz [EVENTS] [SEED]");
        return ExitCode::from(2);
    };
    let started = Instant::now();
    let mut random = Random::with_seed(seed);
    let table = check::Table::default();
    let (mut statuses, mut bytes) = (BTreeMap::new(), 0);
    for index in 0..count {
        let event = events::next(&mut random);
        bytes += event.len();
        let checked = AssertUnwindSafe(|| check::check(&event, &table, &mut random));
        let found = std::panic::catch_unwind(checked).unwrap_or(Err("a panic".into()));
        match found {
            Ok(status) => *statuses.entry(status).or_insert(0_u64) += 1,
            Err(why) => {
                println!(
                    "event {index} of seed {seed}: {why}\n{}",
                    event.escape_ascii()
                );
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{count} events, seed {seed}, {bytes} bytes: all answered as the contract says");
    for (status, times) in statuses {
        println!("  {status}: {times}");
    }
    println!("{:.0} s", started.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}
