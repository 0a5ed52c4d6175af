//! Signals: a command comes to its end in order and says how far it came, and the next run converges.

mod build;
mod random;
mod signaled;

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use libtest_mimic::Trial;

use crate::crash::{Command, Start};
use crate::proxy::{At, Fault, When};
use crate::trial;
use crate::world::{World, artifact_path};
use signaled::{Signal, Signaled};

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for signal in [Signal::Interrupt, Signal::Terminate, Signal::HangUp] {
        let name = format!("cancel::up::{}", signal.name());
        trials.push(trial(name, move || the_call_in_flight_ends(signal)));
    }
    for command in [Command::Up, Command::Down] {
        let name = |what: &str| format!("cancel::{}::{what}", command.name());
        trials.push(trial(name("silent_endpoint"), move || silent(command)));
        trials.push(trial(name("second_signal"), move || second_signal(command)));
        trials.push(trial(name("no_retry"), move || no_retry(command)));
    }
    trials.push(trial("cancel::up::waiting", waiting));
    trials.push(trial("cancel::up::timings", timings));
    for (args, code) in READING {
        let name = format!("cancel::reading::{}", args.join("_").replace('-', ""));
        trials.push(trial(name, move || reading(args, *code)));
    }
    trials.push(trial("cancel::invoke::silent_endpoint", invoke));
    trials.push(trial("cancel::cloud::ends_well", cloud));
    trials.extend(build::trials());
    trials.extend(random::trials());
    trials
}

/// A change that both commands make while others are still to come.
fn call(command: Command) -> &'static str {
    match command {
        Command::Down => "DeleteFunction",
        _ => "CreateRole",
    }
}

/// A command that is held at its call, and the proxy that holds it.
fn held(command: Command, fault: Fault) -> (Start, Signaled) {
    let start = command.start();
    let proxy = start
        .world
        .behind(&start.cloud, &[(At::Name(call(command)), fault)]);
    let signaled = Signaled::at_hold(start.command(command), proxy);
    (start, signaled)
}

fn the_call_in_flight_ends(signal: Signal) {
    let (start, mut run) = held(Command::Up, Fault::Hold(When::Before));
    run.send(signal);
    run.says("canceling: requests in flight get 5 s");
    run.proxy.release();
    let (code, told, proxy) = run.end();
    assert_eq!(code, Some(130), "{told}");
    assert!(told.contains("canceled: "), "{told}");
    assert!(told.contains("begun      create role"), "{told}");
    assert!(told.contains("not begun  create release"), "{told}");
    assert!(told.contains("error: interrupted"), "{told}");
    assert!(told.contains("hint: to continue, run it again"), "{told}");
    assert!(!told.contains("no answer"), "{told}");
    let names = proxy.names();
    let next = ["PutRolePolicy", "TagRole", "CreateFunction"];
    let next = next.map(|next| names.iter().any(|name| name.ends_with(next)));
    assert_eq!(next, [false; 3], "{names:?}");
    start.converges(Command::Up, signal.name());
}

/// The request that gets no answer is given up, and named.
fn silent(command: Command) {
    let (start, run) = held(command, Fault::Hold(When::After));
    run.send(Signal::Interrupt);
    let (code, told, _proxy) = run.end();
    assert_eq!(code, Some(130), "{told}");
    let given_up = format!("{}: given up, but AWS may carry it out", call(command));
    assert!(told.contains(&given_up), "{told}");
    assert!(told.contains("  begun  "), "{told}");
    start.converges(command, "silent");
}

/// The second signal waits for nothing: the call is still held.
fn second_signal(command: Command) {
    let (start, mut run) = held(command, Fault::Hold(When::After));
    run.send(Signal::Interrupt);
    run.says("canceling");
    run.send(Signal::Terminate);
    let (code, told, _proxy) = run.end();
    assert_eq!(code, Some(130), "{told}");
    assert!(!told.contains("given up"), "{told}");
    start.converges(command, "second signal");
}

/// The SDK would repeat a request that fails in this way.
fn no_retry(command: Command) {
    let (start, mut run) = held(command, Fault::HoldThenFail);
    run.send(Signal::Interrupt);
    run.says("canceling");
    run.proxy.release();
    let (code, told, proxy) = run.end();
    assert_eq!(code, Some(130), "{told}");
    let names = proxy.names();
    let sent = names.iter().filter(|name| name.ends_with(call(command)));
    assert_eq!(sent.count(), 1, "{names:?}");
    start.converges(command, "no retry");
}

/// The page of a canceled run shows the request that it gave up.
fn timings() {
    let start = Command::Up.start();
    let hold = (At::Name("CreateRole"), Fault::Hold(When::After));
    let proxy = start.world.behind(&start.cloud, &[hold]);
    let mut command = start.command(Command::Up);
    command.args(["--timings", "up.html"]);
    let run = Signaled::at_hold(command, proxy);
    run.send(Signal::Interrupt);
    let (code, told, _proxy) = run.end();
    assert_eq!(code, Some(130), "{told}");
    let page = std::fs::read_to_string(start.world.path().join("up.html")).expect("the page");
    for text in [
        "canceled",
        "not finished",
        "no response until the end of the run",
    ] {
        assert!(page.contains(text), "`{text}` is not in\n{page}");
    }
}

/// A table that AWS creates for seconds.
fn waiting() {
    let mut start = Command::Up.start();
    start.cloud.kill();
    start.cloud = start.world.cloud_with(&["--faults", "aws"]);
    let hold = (At::Later(1, "DescribeTable"), Fault::Hold(When::After));
    let proxy = start.world.behind(&start.cloud, &[hold]);
    let mut run = Signaled::at_hold(start.command(Command::Up), proxy);
    run.send(Signal::Interrupt);
    run.says("canceling");
    run.proxy.release();
    let (code, told, _proxy) = run.end();
    assert_eq!(code, Some(130), "{told}");
    assert!(told.contains("begun      create table"), "{told}");
    start.converges(Command::Up, "waiting");
}

/// Commands that only read, the call that they are held at, and their exit codes.
const READING: &[(&[&str], i32)] = &[
    (&["plan"], 130),
    (&["status"], 130),
    (&["rides"], 130),
    (&["versions"], 130),
    (&["logs"], 130),
    (&["logs", "--follow"], 0),
];

/// They end although the call is still held.
fn reading(args: &'static [&'static str], code: i32) {
    let start = Command::Down.start();
    let call = match args[0] {
        "rides" => "Scan",
        "versions" => "ListVersionsByFunction",
        "logs" => "FilterLogEvents",
        _ => "DescribeTable",
    };
    let hold = (At::Name(call), Fault::Hold(When::Before));
    let proxy = start.world.behind(&start.cloud, &[hold]);
    let mut all = vec!["--local"];
    if args[0] == "plan" {
        all.extend(["--artifact", artifact_path()]);
    }
    let command = start.world.command(&[args, &all].concat());
    let run = Signaled::at_hold(command, proxy);
    run.send(Signal::Interrupt);
    let (ended, told, _proxy) = run.end();
    assert_eq!(ended, Some(code), "{told}");
}

/// A command that applies no plan is dropped, and names its request.
fn invoke() {
    let start = Command::Down.start();
    let hold = (At::Name("Invoke"), Fault::Hold(When::Before));
    let proxy = start.world.behind(&start.cloud, &[hold]);
    let invoke = ["invoke", "--local", "--at", "0,0"];
    let run = Signaled::at_hold(start.world.command(&invoke), proxy);
    run.send(Signal::Interrupt);
    let (code, told, _proxy) = run.end();
    assert_eq!(code, Some(130), "{told}");
    let given_up = "because: no answer to Lambda Invoke: given up, but AWS may carry it out";
    assert!(told.contains(given_up), "{told}");
}

fn cloud() {
    let world = World::new();
    let mut command = world.command(&["cloud"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the binary starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    // It is printed once the cloud is found there.
    stdout.read_line(&mut String::new()).expect("a line");
    let endpoint = world.path().join(".provision/local/endpoint.json");
    assert!(endpoint.exists());
    Signal::Terminate.send(i64::from(child.id()));
    let status = child.wait().expect("a process of this test");
    assert_eq!(status.code(), Some(0));
    assert!(!endpoint.exists());
}
