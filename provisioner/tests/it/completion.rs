//! The tab key in a shell: what `provision` answers to the scripts of `provision completions`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::proxy::{At, Fault, When};
use crate::standing::Standing;
use crate::world::{Run, World, artifact_path};

/// As the script for bash asks: with all words, and the number of the one that the cursor is at.
fn command(world: &World, words: &[&str], at: usize) -> Command {
    let mut command = world.command(&[&["--", "provision"], words].concat());
    command
        .env("PROVISION_COMPLETE", "bash")
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_INDEX", (at + 1).to_string());
    command
}

/// The candidates. Nothing is ever said about what went wrong.
fn asked(command: &mut Command) -> Vec<String> {
    let run = Run::of(command).ok();
    assert_eq!(run.stderr, "");
    run.stdout.lines().map(str::to_owned).collect()
}

/// For the last word.
fn complete(world: &World, words: &[&str]) -> Vec<String> {
    asked(&mut command(world, words, words.len() - 1))
}

/// The files below a folder, with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.insert(path.clone(), fs::read(path).expect("a file"));
        }
    }
    files
}

#[test]
fn rollback_completes_to_the_versions_that_passed() {
    let world = World::standing(Standing::TwoVersions);
    let before = files(world.path());
    let words = ["rollback", "--local", "--to", ""];
    assert_eq!(complete(&world, &words), ["2", "1"]);
    assert_eq!(
        complete(&world, &["rollback", "--local", "--to", "1"]),
        ["1"]
    );
    assert_eq!(
        complete(&world, &["rollback", "--local", "--to=1"]),
        ["--to=1"]
    );
    // The other flags count before and behind it, and so do variables.
    let mut behind = command(&world, &["rollback", "--to", "", "--local"], 2);
    assert_eq!(asked(&mut behind), ["2", "1"]);
    let mut by_variable = command(&world, &["rollback", "--to", ""], 2);
    assert_eq!(asked(by_variable.env("PROVISION_LOCAL", "1")), ["2", "1"]);
    for other in [
        ["--stage", "dev"],
        ["--region", "eu-west-1"],
        ["--stage", "No!"],
    ] {
        let words = [&["rollback", "--local"], &other[..], &["--to", ""]].concat();
        assert_eq!(complete(&world, &words), [""; 0], "{other:?}");
    }
    assert_eq!(files(world.path()), before, "nothing is changed or added");
}

#[test]
fn a_version_whose_test_ride_was_skipped_is_not_offered() {
    let world = World::standing(Standing::TwoVersions);
    world.up(&["--memory", "512", "--skip-test-ride"]).ok();
    let words = ["rollback", "--local", "--to", ""];
    assert_eq!(complete(&world, &words), ["2", "1"]);
}

#[test]
fn stages_are_those_with_settings_and_those_in_the_local_cloud() {
    let world = World::standing(Standing::Up);
    let words = ["up", "--stage", ""];
    assert_eq!(complete(&world, &words), ["default"]);
    world.local(&["down", "--yes"]).ok();
    assert_eq!(complete(&world, &words), [""; 0]);
    let up = [
        "up",
        "--local",
        "--stage",
        "dev",
        "--artifact",
        artifact_path(),
    ];
    world.run(&up).ok();
    fs::create_dir_all(world.path().join("function")).expect("a folder");
    world.write("function/Cargo.toml", "[package]\n");
    let settings = "[workspace.metadata.provision.stage]\nprod = {}\nqa = {}\n\"pr-*\" = {}\n";
    world.write("Cargo.toml", settings);
    assert_eq!(complete(&world, &words), ["dev", "prod", "qa"]);
    assert_eq!(complete(&world, &["status", "--stage=q"]), ["--stage=qa"]);
    // The command says what is wrong with the file; a completion does not.
    world.write("Cargo.toml", "[workspace");
    assert_eq!(complete(&world, &words), ["dev"]);
}

/// A command that asks this endpoint for versions, with credentials.
fn ask_endpoint(world: &World, url: &str, keys: (&str, &str)) -> Command {
    let words = ["rollback", "--endpoint-url", url, "--to", ""];
    let mut command = command(world, &words, 4);
    command
        .env("AWS_ACCESS_KEY_ID", keys.0)
        .env("AWS_SECRET_ACCESS_KEY", keys.1)
        .env("AWS_REGION", "us-east-1");
    command
}

#[test]
fn on_aws_versions_are_asked_for_and_no_answer_is_none() {
    let world = World::standing(Standing::TwoVersions);
    let cloud = world.cloud();
    let proxy = world.behind(&cloud, &[]);
    let ask = |keys| asked(&mut ask_endpoint(&world, &proxy.url, keys));
    assert_eq!(ask(cloud.keys()), ["2", "1"]);
    let names = proxy.names();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(ask(("AKIAUNKNOWN", "no-key")), [""; 0]);
    // An endpoint that never answers: it ends by itself.
    proxy.at(
        At::Name("ListVersionsByFunction"),
        Fault::Hold(When::Before),
    );
    assert_eq!(ask(cloud.keys()), [""; 0]);
    assert_eq!(complete(&World::new(), &["rollback", "--to", ""]), [""; 0]);
}

/// bash runs the script, and its function completes words as it does at a prompt.
#[test]
fn bash_completes_with_the_script() {
    let world = World::standing(Standing::TwoVersions);
    let script = world.run(&["completions", "bash"]).ok().stdout;
    world.write("script.bash", script);
    let prompt = r#"
        source script.bash
        complete -p provision >/dev/null || exit 9
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9
        _clap_complete_provision "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>errors
        printf '%s\n' "${COMPREPLY[@]}"
        cat errors >&2
    "#;
    let program = env!("CARGO_BIN_EXE_provision");
    let complete = |words: &[&str]| {
        let mut bash = world.clean("bash");
        bash.args(["--norc", "-c", prompt, "bash", program])
            .args(words);
        let run = Run::of(&mut bash).ok();
        assert_eq!(run.stderr, "");
        run.stdout
    };
    assert_eq!(complete(&["rollback", "--local", "--to", ""]), "2\n1\n");
    assert_eq!(complete(&["rollb"]), "rollback\n");
    assert_eq!(complete(&["up", "--adopt", "t"]), "table\n");
    assert_eq!(complete(&["policy", "pl"]), "planner\n");
}

#[test]
fn each_shell_has_a_script() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "elvish"] {
        let script = world.run(&["completions", shell]).ok().stdout;
        assert!(script.contains("PROVISION_COMPLETE"), "{script}");
    }
    // That of clap would evaluate the command line to split it.
    let script = world.run(&["completions", "powershell"]).ok().stdout;
    assert!(!script.contains("Invoke-Expression"), "{script}");
    assert!(script.contains("'--timings'"), "{script}");
}

#[test]
fn a_shell_that_is_not_known_gets_no_answer_and_an_empty_variable_is_none() {
    let world = World::new();
    let mut unknown = command(&world, &["up", "--"], 1);
    assert_eq!(asked(unknown.env("PROVISION_COMPLETE", "csh")), [""; 0]);
    let mut plain = world.command(&["--version"]);
    Run::of(plain.env("PROVISION_COMPLETE", ""))
        .ok()
        .says("provision ");
}
