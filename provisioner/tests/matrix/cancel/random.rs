//! GitHub's three signals at a random moment, in real time: `.ci/long cancel`.

use std::process::{Child, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use super::build::{Receives, real_build};
use super::signaled::Signal;
use crate::crash::{Command, Start};
use crate::proxy::{At, Fault, When};
use crate::seeds::seeds;
use crate::trial;
use crate::world::Run;

/// What GitHub sends, and how long it then waits.
const SEQUENCE: [(Signal, Duration); 3] = [
    (Signal::Interrupt, Duration::from_millis(7500)),
    (Signal::Terminate, Duration::from_millis(2500)),
    (Signal::Kill, Duration::from_secs(60)),
];

/// A run that takes longer would be killed.
const LIMIT: Duration = Duration::from_secs(10);

/// A test for each seed: `cancel::random::seed_07`. None in the normal run.
pub fn trials() -> Vec<Trial> {
    const SEEDS: &str = "PROVISION_TEST_CANCEL_SEEDS";
    if std::env::var_os(SEEDS).is_none() {
        return Vec::new();
    }
    let seeds = seeds(SEEDS, 1..=50);
    // One of eight while cargo builds, one after the other in one folder: each finds what the one before left.
    let (building, running): (Vec<u64>, Vec<u64>) = seeds.partition(|seed| seed % 8 == 0);
    let running = running.into_iter().map(|seed| {
        trial(format!("cancel::random::seed_{seed:02}"), move || {
            running_at(seed);
        })
    });
    let building = (!building.is_empty()).then(|| {
        trial("cancel::random::while_cargo_builds", move || {
            building_at(&building);
        })
    });
    running.chain(building).collect()
}

/// When the first signal is sent, as seen from one call of the run.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// It has arrived, and is answered after the signal.
    BeforeAnswer,
    /// So many milliseconds after its answer: during the next calls, or a wait.
    After(u64),
    /// It never arrives.
    Silent,
    /// Its answer never arrives.
    AnswerLost,
}

fn running_at(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (command, calls) = [
        (Command::Up, 100),
        (Command::Update, 50),
        (Command::Down, 40),
    ][random.usize(..3)];
    let faults = if random.u8(..4) == 0 { "storm" } else { "aws" };
    let moment = match random.u8(..6) {
        0 | 1 => Moment::BeforeAnswer,
        2 | 3 => Moment::After(random.u64(..1000)),
        4 => Moment::Silent,
        _ => Moment::AnswerLost,
    };
    let mut number = random.usize(..calls);
    // A run that was lucky with its faults makes fewer calls.
    let (start, ended) = loop {
        let start = under_faults(command, faults, seed);
        match canceled(&start, command, number, moment) {
            Some(ended) => break (start, ended),
            None => number /= 2,
        }
    };
    let what = format!(
        "seed {seed:02}: {} with {faults}, call {number}, {moment:?}",
        command.name()
    );
    ended.check(&what);
    start.converges(command, &what);
}

fn under_faults(command: Command, faults: &str, seed: u64) -> Start {
    let mut start = command.start();
    start.cloud.kill();
    let seed = seed.to_string();
    start.cloud = start
        .world
        .cloud_with(&["--faults", faults, "--faults-seed", &seed]);
    start
}

/// `None` where the command makes no such call.
fn canceled(start: &Start, command: Command, number: usize, moment: Moment) -> Option<Ended> {
    let when = match moment {
        Moment::BeforeAnswer | Moment::Silent => When::Before,
        Moment::After(_) | Moment::AnswerLost => When::After,
    };
    let hold = (At::Number(number), Fault::Hold(when));
    let proxy = start.world.behind(&start.cloud, &[hold]);
    let mut command = start.command(command);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    if !proxy.wait_for_hold(|| matches!(child.try_wait(), Ok(Some(_)))) {
        return None;
    }
    let delay = match moment {
        Moment::After(milliseconds) => {
            proxy.release();
            Duration::from_millis(milliseconds)
        }
        Moment::BeforeAnswer | Moment::Silent | Moment::AnswerLost => Duration::ZERO,
    };
    let release = || {
        if let Moment::BeforeAnswer = moment {
            proxy.release();
        }
    };
    Ended::by_signals(child, delay, Receives::Process, release)
}

/// A first `up` that builds the function, again and again; the last one is left alone.
fn building_at(seeds: &[u64]) {
    let build = real_build();
    for seed in seeds {
        let mut random = fastrand::Rng::with_seed(*seed);
        let delay = Duration::from_millis(random.u64(..8000));
        let receives = if random.bool() {
            Receives::Process
        } else {
            Receives::Group
        };
        let what = format!("seed {seed:02}: up while cargo builds, after {delay:?}, {receives:?}");
        let ended = Ended::by_signals(build.spawn(), delay, receives, || {});
        ended.expect("a build takes longer").check(&what);
    }
    Run::of(&mut build.command()).ok();
    build.status().ok().says("healthy");
}

struct Ended {
    took: Duration,
    output: Output,
}

impl Ended {
    /// Sends the sequence after the delay. `None` where the run ends before.
    fn by_signals(
        child: Child,
        delay: Duration,
        receives: Receives,
        after_first: impl FnOnce(),
    ) -> Option<Ended> {
        let process = receives.number(&child);
        let end = end_of(child);
        if end.recv_timeout(delay) != Err(RecvTimeoutError::Timeout) {
            return None;
        }
        let started = Instant::now();
        let mut after_first = Some(after_first);
        for (signal, wait) in SEQUENCE {
            signal.send(process);
            if let Some(act) = after_first.take() {
                act();
            }
            if let Ok(output) = end.recv_timeout(wait) {
                return Some(Ended {
                    took: started.elapsed(),
                    output,
                });
            }
        }
        panic!("the process outlives SIGKILL");
    }

    #[expect(clippy::disallowed_macros, reason = "a line of docs/runs/cancel.txt")]
    fn check(&self, what: &str) {
        let stderr = String::from_utf8_lossy(&self.output.stderr);
        let code = self.output.status.code();
        let summary = stderr.lines().find(|line| line.starts_with("canceled: "));
        println!(
            "canceled {what}: exit {code:?} after {:.1} s; {}",
            self.took.as_secs_f64(),
            summary.unwrap_or("before the first change, or after the last")
        );
        assert_eq!(code, Some(130), "{what}\n{stderr}");
        assert!(self.took < LIMIT, "{what}: {:?}\n{stderr}", self.took);
        assert!(
            stderr.contains("hint: to continue, run it again"),
            "{what}\n{stderr}"
        );
    }
}

fn end_of(child: Child) -> Receiver<Output> {
    let (sender, end) = channel();
    std::thread::spawn(move || {
        let output = child.wait_with_output().expect("a process of this test");
        let _ = sender.send(output);
    });
    end
}
