//! `certify` that ends early leaves nothing behind, and asks before it begins.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use crate::world::{World, artifact_path};

#[test]
fn ctrl_c_deletes_what_was_created() {
    let world = World::new();
    let args = ["certify", "--local", "--yes", "--artifact", artifact_path()];
    let mut child = world
        .command(&args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut table = String::new();
    while !table.contains("nothing to do") {
        assert!(stdout.read_line(&mut table).expect("text") > 0, "{table}");
    }
    let pid = child.id().to_string();
    let kill = Command::new("kill").args(["-INT", &pid]).status();
    assert!(kill.expect("kill").success());
    stdout.read_to_string(&mut table).expect("text");
    let output = child.wait_with_output().expect("an end");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{table}\n{stderr}");
    assert!(table.contains("clean up"), "{table}");
    assert!(
        table.contains("nothing is left, by name and by tag"),
        "{table}"
    );
    assert!(!table.contains("adopted"), "{table}");
    assert!(stderr.contains("error: interrupted"), "{stderr}");
}

#[test]
fn nothing_is_created_without_a_confirmation() {
    let world = World::new();
    world
        .local(&["certify", "--artifact", artifact_path()])
        .exits(4)
        .says("costs less than 0.01 USD")
        .says("confirmation required")
        .never_says("preview");
    world.local(&["status"]).ok().never_says("managed");
    assert!(!world.path().join("certify-report.json").exists());
}
