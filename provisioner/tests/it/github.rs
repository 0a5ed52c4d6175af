//! What a run writes to the files of a GitHub Actions job.

use std::fs;
use std::path::PathBuf;

use crate::proxy::{At, Fault};
use crate::standing::Standing;
use crate::world::{Run, World, artifact_path};

/// One step of a job.
struct Step {
    run: Run,
    summary: String,
    outputs: String,
}

fn file(world: &World, name: &str) -> PathBuf {
    world.path().join(name)
}

/// A command in a step whose files have this content already.
fn step_after(world: &World, args: &[&str], before: &str) -> Step {
    let (summary, outputs) = (file(world, "summary"), file(world, "outputs"));
    for path in [&summary, &outputs] {
        fs::write(path, before).expect("a file in the world");
    }
    let mut command = world.command(&[args, &["--local"]].concat());
    command.env("GITHUB_STEP_SUMMARY", &summary);
    command.env("GITHUB_OUTPUT", &outputs);
    command.env("PROVISION_ARTIFACT", artifact_path());
    let run = Run::of(&mut command);
    let read = |path| fs::read_to_string(path).expect("text");
    let (summary, outputs) = (read(summary), read(outputs));
    let after = |text: String| text.strip_prefix(before).expect("appended").to_owned();
    Step {
        run,
        summary: after(summary),
        outputs: after(outputs),
    }
}

fn step(world: &World, args: &[&str]) -> Step {
    step_after(world, args, "of an earlier run\n")
}

impl Step {
    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.run.code, code, "{:?}", self.run);
        self
    }

    #[track_caller]
    fn says(self, text: &str) -> Self {
        assert!(
            self.summary.contains(text),
            "{text} is not in\n{}",
            self.summary
        );
        self
    }

    #[track_caller]
    fn output(self, name: &str, expected: Option<&str>) -> Self {
        let mut lines = self.outputs.lines();
        let mut value = None;
        while let Some((found, end)) = lines.next().and_then(|line| line.split_once("<<")) {
            let lines: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            if found == name {
                value = Some(lines.join("\n"));
            }
        }
        assert_eq!(value.as_deref(), expected, "{name} in\n{}", self.outputs);
        self
    }
}

#[test]
fn each_command_adds_its_summary_and_outputs() {
    let world = World::new();
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:RequestUnicorn";
    step(&world, &["plan", "--exit-code"])
        .exits(3)
        .says("### provision plan: 5 to create, 0 to change, 0 to delete\n\naccount 123456789012, region us-east-1, stage `default`, exit code 3, plan `")
        .says("```diff\n+ table Rides")
        .says("| read | ")
        .output("changed", Some("true"))
        .output("version", None);
    let digest = world.plan(&["--output", "json"]).ok().json();
    let digest = digest["planDigest"].as_str().expect("a digest").to_owned();
    step(&world, &["up", "--plan-digest", &digest])
        .exits(0)
        .says("### provision up: `live` points at version 1\n")
        .says("`live` is version 1")
        .says("| create function RequestUnicorn | ")
        .output("changed", Some("true"))
        .output("plan-digest", Some(&digest))
        .output("function-arn", Some(arn))
        .output("version", Some("1"))
        .output("table", Some("Rides"))
        .output("live-before", None);
    step(&world, &["up", "--output", "json"])
        .exits(0)
        .says("### provision up: nothing to do\n")
        .output("changed", Some("false"))
        .output("live-before", Some("1"));
    step(&world, &["up", "--memory", "256"])
        .exits(0)
        .says("`live` is version 2, before 1");
    step(&world, &["rollback"])
        .exits(0)
        .says("### provision rollback: `live` points at version 1, before at 2\n")
        .output("live-before", Some("2"))
        .output("version", Some("1"));
    step(&world, &["status"])
        .exits(0)
        .says("### provision status: ")
        .says("release RequestUnicorn:live")
        .output("changed", None);
    step(&world, &["down", "--yes"])
        .exits(0)
        .says("### provision down: 5 deleted, 0 kept\n")
        .says("- table Rides")
        .says("deleted  table Rides")
        .says("`live` was version 1")
        .output("changed", Some("true"));
    let quiet = step(&world, &["policy", "planner"]).exits(0);
    assert_eq!((quiet.summary.as_str(), quiet.outputs.as_str()), ("", ""));
}

#[test]
fn a_sweep_adds_the_stages_that_it_found() {
    let world = World::new();
    world.up(&["--stage", "pr-7"]).exits(0);
    let sweep = ["sweep", "--stage", "pr-*", "--older-than", "0s", "--yes"];
    let first = step(&world, &[&sweep[..], &["--dry-run"]].concat()).exits(0);
    first
        .says("### provision sweep: stages: 1 expired\n")
        .says("stage `pr-*`")
        .output("changed", Some("false"));
    let second = step(&world, &sweep).exits(0);
    second
        .says("### provision sweep: stages: 1 deleted\n")
        .says("pr-7  last deployed ")
        .output("changed", Some("true"));
}

#[test]
fn a_run_that_fails_adds_its_errors_and_what_it_did() {
    let world = World::new();
    let cloud = world.cloud();
    let refused = Fault::Refuse("InvalidParameterValueException", "planted");
    let _proxy = world.behind(&cloud, &[(At::Name("CreateFunction"), refused)]);
    step(&world, &["up"])
        .exits(1)
        .says("### provision up: failed\n")
        .says("+ function RequestUnicorn")
        .says("InvalidParameterValueException: planted")
        .says("| create function RequestUnicorn (failed) | ")
        .output("changed", Some("true"))
        .output("version", None);
    step(&world, &["plan", "--account", "210987654321"])
        .exits(4)
        .says("### provision plan: refused\n")
        .says("error: the credentials belong to account 123456789012")
        .says("\nhint: ")
        .output("changed", None);
    step(&world, &["plan", "--no-such-flag"])
        .exits(2)
        .says("### provision plan: failed\n\nexit code 2\n")
        .says("unexpected argument '--no-such-flag'");
    step(&world, &["plan", "--stage", "x\n```\n# y"])
        .exits(2)
        .says("stage ```` x ``` # y ````")
        .says("````\nerror: the stage `x\n```\n# y` is malformed");
}

#[test]
fn a_step_that_is_nearly_full_gets_what_fits() {
    let world = World::new();
    let limit = 1024 * 1024;
    let cut = "more lines were cut: see the log of the step\n```\n";
    let before = "x".repeat(limit - 4500) + "\n";
    let nearly = step_after(&world, &["plan"], &before).exits(0).says(cut);
    assert!(before.len() + nearly.summary.len() < limit);
    let before = "x".repeat(limit - 100) + "\n";
    let full = step_after(&world, &["plan"], &before).exits(0);
    assert_eq!(full.summary, "");
    full.run.says("warning: the summary of this step is full");
}

#[test]
fn files_that_cannot_be_written_fail_nothing() {
    let world = World::standing(Standing::Up);
    let mut command = world.command(&["status", "--local"]);
    command.env("GITHUB_STEP_SUMMARY", "/dev/full");
    command.env("GITHUB_OUTPUT", world.path().join("no/such/folder"));
    Run::of(&mut command)
        .ok()
        .says("warning: could not write the summary of this step to `/dev/full`: No space left")
        .says("warning: could not write the outputs of this step to ");
    let mut command = world.command(&["status", "--local"]);
    command
        .env("GITHUB_STEP_SUMMARY", "")
        .env("GITHUB_OUTPUT", "");
    Run::of(&mut command).ok().never_says("warning");
}

#[test]
fn no_value_of_a_variable_is_in_them() {
    let world = World::standing(Standing::Up);
    let secret = "hunter2-hunter2";
    let flag = format!("API_KEY={secret}");
    for args in [
        &["plan", "--env", &flag][..],
        &["plan", "--env", &flag, "--show-env", "API_KEY"],
        &["up", "--env", &flag],
        &["up", "--env", "API_KEY=other"],
        // Refused, with a hint that has the flag.
        &["up", "--env", &flag, "--account", "210987654321"],
        &["up", "--env", &flag, "--nope"],
        &["up", "--env", secret],
        &["status"],
        &["down", "--yes"],
    ] {
        let step = step(&world, args);
        assert!(step.summary.contains("### provision"), "{:?}", step.run);
        let written = format!("{}{}", step.summary, step.outputs);
        assert!(!written.contains(secret), "{args:?}\n{written}");
    }
}
