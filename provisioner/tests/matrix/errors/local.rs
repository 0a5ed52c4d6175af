//! The embedded cloud: its folder, its lock, its port.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;

use super::Scenario;
use super::shell::Shell;

pub const SCENARIOS: &[Scenario] = &[
    ("local-cloud-busy", |case| {
        let shell = case.shell();
        let lock = held(&shell, "busy/lock");
        let line = "provision status --local --local-dir busy --wait-limit 0";
        let hint = case.told_by(&shell.run(line));
        drop(lock);
        shell.run(&hint[0]).ok().says("absent");
    }),
    ("local-cloud-in-use", |case| {
        let shell = case.shell();
        let _lock = held(&shell, "used/lock");
        let line = "provision cloud --local-dir used";
        let hint = case.told_by(&shell.run(line));
        serves(&shell, hint.last().expect("a command"));
    }),
    ("port-in-use", |case| {
        let shell = case.shell();
        let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = taken.local_addr().expect("an address").port();
        let line = format!("provision cloud --local-dir port --port {port}");
        let hint = case.told_by(&shell.run(&line));
        serves(&shell, &hint[0]);
    }),
    ("state-damaged", |case| {
        let shell = case.shell();
        let folder = "'da maged'";
        shell
            .run(&format!("provision status --local --local-dir {folder}"))
            .ok();
        let state = shell.path("da maged/state");
        let files = fs::read_dir(&state).expect("the state folder");
        let mut files = files.map(|file| file.expect("an entry").path());
        let json = files
            .find(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "json")
            })
            .unwrap_or_else(|| state.join("cloud.json"));
        let good = fs::read(&json).expect("the state");
        fs::write(&json, "{").expect("damage");
        let line = format!("provision status --local --local-dir {folder}");
        let hint = case.told_by(&shell.run(&line));
        // Never started empty instead, never overwritten.
        assert_eq!(fs::read_to_string(&json).expect("the state"), "{");
        fs::write(&json, good).expect("a good copy");
        shell.run(&line).ok();
        fs::write(&json, "{").expect("damage");
        shell.run(hint.last().expect("a command")).ok();
        shell.run(&line).ok().says("absent");
    }),
    ("state-in-use", |case| {
        let shell = case.shell();
        let _lock = held(&shell, "shared/state/cloud.lock");
        let line = "provision status --local --local-dir shared";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok();
    }),
    ("state-unusable", |case| {
        let shell = case.shell();
        let line = "mkdir odd; echo >odd/state; provision status --local --local-dir odd";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok();
    }),
    ("directory-unusable", |case| {
        let shell = case.shell();
        let line = "echo >file; provision status --local --local-dir file/folder";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok();
    }),
    ("lock-unusable", |case| {
        let shell = case.shell();
        let line = "mkdir -p strange/lock; provision status --local --local-dir strange";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok();
    }),
    ("endpoint-unwritable", |case| {
        let shell = case.shell();
        let line = "mkdir -p full/endpoint.json/x; provision cloud --local-dir full";
        let hint = case.told_by(&shell.run(line));
        serves(&shell, &hint[0]);
    }),
    ("faults-with-running-cloud", |case| {
        let (shell, ..) = case.standing();
        let hint = case.told_by(&shell.run("provision status --local --faults aws"));
        shell
            .run(hint.last().expect("a command"))
            .ok()
            .says("healthy");
    }),
    ("as-with-cloud", |case| {
        let (shell, ..) = case.standing();
        let hint = case.told_by(&shell.run("provision status --local --as planner"));
        shell.run(&hint[0]).ok().says("healthy");
        let variable = shell.with("PROVISION_AS", "planner");
        let hint = case.told_by(&variable.run("provision status --local"));
        variable.run(&hint[0]).ok().says("healthy");
        let line = "provision cloud --local-dir other --as planner";
        let hint = case.told_by(&shell.run(line));
        serves(&shell, &hint[0]);
    }),
];

/// The lock of another process, which is this one.
fn held(shell: &Shell<'_>, name: &str) -> File {
    let path = shell.path(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, std::process::id().to_string()).expect("a file");
    let lock = File::options().write(true).open(&path).expect("a file");
    lock.try_lock().expect("a lock of ours");
    lock
}

/// A `provision cloud` that tells where it is; ended then.
#[track_caller]
fn serves(shell: &Shell<'_>, line: &str) {
    let mut cloud = shell.spawn(line);
    let mut first = String::new();
    let stdout = cloud.stdout.take().expect("a pipe");
    let read = BufReader::new(stdout).read_line(&mut first);
    cloud.kill().expect("a process of ours");
    cloud.wait().expect("a process of ours");
    read.expect("text");
    assert!(
        first.starts_with("export AWS_ENDPOINT_URL="),
        "{line}: {first}"
    );
}
