//! stdout, stderr and terminals that are closed, full or of little use.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::proxy::{At, Fault, When};
use crate::standing::Standing;
use crate::world::{Run, World, artifact_path};

/// A line of a real shell, in which `$PROVISION` is the program.
fn shell(world: &World, line: &str) -> Run {
    Run::of(&mut shell_command(world, line))
}

fn shell_command(world: &World, line: &str) -> Command {
    let mut command = world.clean("/bin/sh");
    command
        .args(["-c", line])
        .env("PROVISION", env!("CARGO_BIN_EXE_provision"));
    command
}

#[test]
fn data_that_cannot_be_written_is_a_failure() {
    let world = World::new();
    for command in [
        "status --local",
        "--help",
        "plan --help",
        "completions bash",
    ] {
        let line = format!("$PROVISION {command} >/dev/full");
        shell(&world, &line).exits(1);
    }
    let run = shell(&world, "$PROVISION status --local >/dev/full");
    run.says("error: write to stdout\n  because: No space left on device");
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let world = World::new();
    for command in ["completions bash", "--help"] {
        let mut command = shell_command(&world, &format!("exec $PROVISION {command}"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the binary ends");
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}

#[test]
fn data_of_every_command_that_cannot_be_written_is_a_failure() {
    let world = World::standing(Standing::Up);
    let artifact = artifact_path();
    for command in [
        &format!("up --local --artifact {artifact} --output json"),
        &format!("up --local --artifact {artifact}"),
        &format!("plan --local --artifact {artifact} --output json"),
        "invoke --local --at 47.61,-122.33",
        "rides --local",
        "rides --local --all --output json",
        "logs --local --since 365d --follow",
        "policy function --local",
        "cloud --port 0",
        "down --local --yes --delete-data",
        "--version",
    ] {
        let line = format!("timeout 60 $PROVISION {command} >/dev/full");
        let run = shell(&world, &line);
        assert_eq!(run.code, 1, "{command}: {run:?}");
    }
}

#[test]
fn a_follower_ends_when_its_reader_does() {
    let world = World::standing(Standing::Up);
    // No further event is logged that could fail to be written.
    let line = "timeout 60 $PROVISION logs --local --since 365d --follow";
    let run = shell(&world, &format!("{{ {line}; echo $? >&2; }} | head -1"));
    assert_eq!(
        (run.stdout.lines().count(), run.stderr.as_str()),
        (1, "0\n")
    );
}

#[test]
fn a_listing_ends_when_its_reader_does() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let proxy = world.behind(&cloud, &[(At::Name("Scan"), Fault::Hold(When::Before))]);
    let mut command = world.command(&["rides", "--all", "--local"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    assert!(proxy.wait_for_hold(|| false));
    drop(child.stdout.take());
    // The page that it waits for is still held.
    let output = child.wait_with_output().expect("the binary ends");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    proxy.release();
}

#[test]
fn a_reader_of_progress_that_has_had_enough_stops_no_run() {
    let world = World::new();
    let up = format!("$PROVISION up --local --artifact {}", artifact_path());
    shell(
        &world,
        &format!("{{ {up}; echo $? >code; }} 2>&1 | head -1"),
    )
    .ok();
    let code = std::fs::read_to_string(world.path().join("code"));
    assert_eq!(code.expect("an exit code"), "0\n");
    world.up(&[]).ok().says("nothing to do");
}

#[test]
fn a_stderr_that_cannot_be_written_stops_nothing() {
    let world = World::new();
    for stderr in ["2>/dev/full", "2>&-"] {
        let line = format!("$PROVISION status --local {stderr}");
        shell(&world, &line).ok().says("absent");
        let up = format!("up --local --artifact {}", artifact_path());
        shell(&world, &format!("$PROVISION {up} {stderr}")).ok();
        world.up(&[]).ok().says("nothing to do");
        let down = "down --local --yes --delete-data";
        shell(&world, &format!("$PROVISION {down} {stderr}")).ok();
    }
}

#[test]
fn only_a_terminal_that_can_gets_color() {
    let world = World::new();
    let escape = "\u{1b}[";
    let status = "script -qec '$PROVISION plan --unknown-flag' /dev/null";
    for (variables, is_colored) in [
        ("TERM=xterm", true),
        ("TERM=dumb", false),
        ("TERM=xterm NO_COLOR=1", false),
        ("TERM=xterm NO_COLOR=", true),
        ("TERM=dumb CLICOLOR_FORCE=1", true),
        ("TERM=xterm NO_COLOR=1 CLICOLOR_FORCE=1", false),
    ] {
        let run = shell(&world, &format!("export {variables}; {status}"));
        assert_eq!(run.stdout.contains(escape), is_colored, "{run:?}");
    }
    let run = shell(&world, "export TERM=xterm; $PROVISION plan --unknown-flag");
    assert!(!run.stderr.contains(escape), "{run:?}");
    for (flags, is_colored) in [("", false), ("--color always", true)] {
        let run = world.plan(&flags.split_whitespace().collect::<Vec<_>>());
        assert_eq!(run.ok().stdout.contains(escape), is_colored, "{flags}");
    }
    let run = shell(&world, "CLICOLOR_FORCE=1 $PROVISION plan --unknown-flag");
    assert!(run.stderr.contains(escape), "{run:?}");
}

#[test]
fn control_characters_of_others_never_reach_the_terminal() {
    let world = World::standing(Standing::Up);
    let rider = "eve\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}2J\u{202e}\nroot";
    let body = r#"{"PickupLocation":{"Latitude":47.61,"Longitude":-122.33}}"#;
    let claims = json!({"claims": {"cognito:username": rider}});
    let event = json!({"requestContext": {"authorizer": claims}, "body": body});
    world.write("event.json", event.to_string());
    let invoked = world.local(&["invoke", "--event", "event.json"]).ok();
    assert_eq!(invoked.answer()["Rider"], rider);

    for command in ["invoke --event event.json", "rides", "logs", "status"] {
        let line = format!("script -qec '$PROVISION {command} --local' /dev/null");
        let run = shell(&world, &format!("export TERM=xterm; {line}")).ok();
        // Clears the screen, names the window, writes backwards, begins a row.
        for hostile in [
            "\u{1b}[2J",
            "\u{1b}]",
            "\u{7}",
            "\u{9b}",
            "\u{202e}",
            "\nroot",
        ] {
            assert!(
                !run.stdout.contains(hostile),
                "{command}: {hostile:?} in {run:?}"
            );
        }
        if command == "rides" {
            assert!(run.stdout.contains(r"eve\u{1b}[2J"), "{run:?}");
        }
    }
    // As with `ls`, a pipe gets what is stored.
    assert!(
        world
            .local(&["rides", "--output", "text"])
            .ok()
            .stdout
            .contains(rider)
    );
    let documents = world.local(&["rides", "--output", "json"]).ok().stdout;
    let ride: Value =
        serde_json::from_str(documents.lines().next().expect("a ride")).expect("JSON");
    assert_eq!(ride["User"], rider);
    assert!(!documents.contains('\u{9b}'), "{documents:?}");
}

/// A terminal of 40 columns, as far as the program needs one.
#[derive(Default)]
struct Screen {
    lines: Vec<String>,
    /// Of the cursor.
    line: usize,
}

impl Screen {
    const WIDTH: usize = 40;

    fn of(output: &str) -> Screen {
        let mut screen = Screen::default();
        let mut rest = output;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '\n' => screen.line += 1,
                // Only before a line break or a sequence.
                '\r' => {}
                '\u{1b}' => rest = screen.sequence(rest),
                c => screen.print(c),
            }
        }
        screen
    }

    /// `[2A` moves up, `[0J` clears from there on; colors are left out.
    fn sequence<'a>(&mut self, text: &'a str) -> &'a str {
        let end = text.find(char::is_alphabetic).expect("a whole sequence");
        let number = text[1..end].parse().unwrap_or(1);
        match &text[end..=end] {
            "A" => self.line -= number,
            "J" => self.lines.truncate(self.line),
            "m" => {}
            other => panic!("an unknown sequence {other}"),
        }
        &text[end + 1..]
    }

    fn print(&mut self, c: char) {
        while self.lines.len() <= self.line {
            self.lines.push(String::new());
        }
        if self.lines[self.line].chars().count() == Screen::WIDTH {
            self.line += 1;
            self.print(c);
        } else {
            self.lines[self.line].push(c);
        }
    }
}

#[test]
fn rows_of_running_changes_leave_no_trails() {
    let world = World::new();
    let artifact = artifact_path();
    // A seed whose role takes its policies at once.
    let up = format!(
        "up --local --artifact {artifact} --faults aws --faults-seed 5 --wait-limit 2 --color never"
    );
    let line = format!("script -qec 'stty cols 40 rows 24; $PROVISION {up}' /dev/null");
    let run = shell(&world, &format!("export TERM=xterm; {line}"));
    // The role cannot be assumed within two seconds.
    let run = run.exits(1);
    let role_lags = "function RequestUnicorn (";
    let drawn = run.stdout.split(['\n', '\u{1b}']);
    let drawn: Vec<&str> = drawn.filter(|row| row.contains(role_lags)).collect();
    assert!(drawn.len() > 2, "{run:?}");
    // The time goes on between two checks of the role, which are a second apart.
    let times: BTreeSet<&str> = drawn
        .iter()
        .filter_map(|row| row.split('(').nth(1))
        .collect();
    assert!(times.len() > 5, "{times:?}");
    // What is waited for is never cut.
    for text in [
        "    until Lambda can use the role,",
        "    usually 5 to 10 s",
    ] {
        assert!(run.stdout.contains(text), "{run:?}");
    }
    for row in drawn {
        let row = row.trim_start_matches("[0J").trim_end();
        assert!(row.chars().count() <= Screen::WIDTH, "{row:?}");
    }
    let screen = Screen::of(&run.stdout).lines.join("\n");
    assert!(!screen.contains(role_lags), "a trail is left:\n{screen}");
    assert!(screen.contains("done create role"), "{screen}");
    assert!(screen.contains("failed create function"), "{screen}");
}
