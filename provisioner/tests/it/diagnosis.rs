//! What a run tells about its requests and their answers, and what it never tells.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Stdio;

use crate::proxy::{At, Fault, When};
use crate::standing::Standing;
use crate::world::{Run, World, artifact_path};

const SECRET: &str = "hunter2-of-the-environment";

#[test]
fn verbose_has_a_line_for_each_request() {
    let world = World::new();
    world
        .local(&["status", "-v"])
        .ok()
        .says("  STS GetCallerIdentity: 200, ")
        .says("  DynamoDB DescribeTable: 400 ResourceNotFoundException, ")
        .says("  IAM GetRole: 404 NoSuchEntity, ")
        .never_says("request id");
    let debug = world.local(&["status", "--debug"]).ok();
    let line = debug
        .stderr
        .lines()
        .find(|line| line.contains("IAM GetRole"));
    let line = line.expect("a line");
    assert!(
        line.starts_with("  IAM GetRole, attempt 1 of 3: 404 NoSuchEntity, "),
        "{line}"
    );
    assert!(line.contains(" ms, request id "), "{line}");
    world.local(&["status"]).ok().never_says("GetRole");
}

#[test]
fn a_log_file_has_the_requests_and_no_secret() {
    let world = World::new();
    let secret = format!("API_KEY={SECRET}");
    let mut up = world.command(&["up", "--local", "--debug", "--artifact", artifact_path()]);
    let up = up.args(["--env", &secret]).env("PROVISION_LOG", "run.log");
    let run = Run::of(up).ok().never_says(SECRET);
    let path = world.path().join("run.log");
    let mode = fs::metadata(&path).expect("the log").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let log = fs::read_to_string(&path).expect("the log");
    assert!(log.starts_with("provision "), "{log}");
    assert!(
        log.contains("Z Lambda CreateFunction, attempt 1 of 3: 201, "),
        "{log}"
    );
    let keys = fs::read_to_string(world.path().join(".provision/local/state/state.json"));
    let keys: serde_json::Value = serde_json::from_str(&keys.expect("the state")).expect("JSON");
    let mut secrets = vec![SECRET.to_owned()];
    secrets_of(&keys["keys"], &mut secrets);
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is in\n{log}");
        assert!(
            !run.stderr.contains(&secret),
            "{secret} is in\n{}",
            run.stderr
        );
    }
    // The next run appends.
    let mut status = world.command(&["status", "--local", "--log-file", "run.log"]);
    Run::of(&mut status).ok();
    let longer = fs::read_to_string(&path).expect("the log");
    assert!(longer.starts_with(&log) && longer.len() > log.len());
}

/// Every text in the cloud's keys.
fn secrets_of(value: &serde_json::Value, secrets: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) if text.len() > 8 => secrets.push(text.clone()),
        serde_json::Value::Array(list) => list.iter().for_each(|value| secrets_of(value, secrets)),
        serde_json::Value::Object(map) => map.values().for_each(|value| secrets_of(value, secrets)),
        _ => {}
    }
}

#[test]
fn an_error_of_aws_has_the_id_of_the_request() {
    let world = World::new();
    let denied = world.up(&["--as", "planner"]).exits(5);
    let because = denied
        .stderr
        .lines()
        .find(|line| line.contains("because: AccessDenied"));
    let because = because.unwrap_or_else(|| panic!("{}", denied.stderr));
    assert!(
        because.contains(" (request id ") && because.ends_with(')'),
        "{because}"
    );
}

#[test]
fn a_silent_endpoint_is_named_after_a_few_seconds() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let hold = (At::Name("GetCallerIdentity"), Fault::Hold(When::Before));
    let proxy = world.behind(&cloud, &[hold]);
    let mut command = world.command(&["status", "--local"]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut told = String::new();
    while !told.contains("still waiting for STS GetCallerIdentity (attempt 1 of 3, ") {
        assert!(stderr.read_line(&mut told).expect("text") > 0, "{told}");
    }
    proxy.release();
    assert!(child.wait().expect("an end").success());
}

#[test]
fn a_full_disk_is_called_so() {
    let world = World::standing(Standing::Up);
    let full = "No space left on device (os error 28): the disk is full";
    // Where the cloud writes its new state.
    let temporary = world.path().join(".provision/local/state/state.tmp");
    symlink("/dev/full", temporary).expect("a link");
    world
        .up(&["--memory", "256"])
        .exits(1)
        .says("state.json: No space left on device")
        .says("the disk is full")
        .says("hint: free some space on the disk");
    world
        .local(&["status", "--log-file", "/dev/full"])
        .exits(1)
        .says("error: write the log file `/dev/full`")
        .says(full);
}

#[test]
fn status_check_fails_unless_all_is_well() {
    let world = World::new();
    world.local(&["status"]).ok();
    let check = || world.local(&["status", "--check"]);
    check().exits(1).says("table Rides: absent");
    world.up(&["--skip-test-ride"]).ok();
    let unproven = "release RequestUnicorn:live: the live version has not passed a test ride";
    check().exits(1).says(unproven);
    world.up(&[]).ok();
    let well = world.local(&["status", "--check", "--output", "json"]).ok();
    assert_eq!(well.json()["problems"], serde_json::json!([]));
    world.up(&["--memory", "256"]).ok();
    let differs = "function RequestUnicorn differs: memory";
    check().exits(1).says(differs);
}

#[test]
fn usage_errors_know_the_color() {
    let world = World::new();
    let mut command = world.command(&["upp", "--color", "always"]);
    Run::of(&mut command).exits(2).says("\u{1b}[");
    let mut command = world.command(&["upp", "--color", "never"]);
    let command = command.env("CLICOLOR_FORCE", "1");
    Run::of(command).exits(2).never_says("\u{1b}[");
}
