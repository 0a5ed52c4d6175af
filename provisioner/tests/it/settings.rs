//! What a workspace declares counts as it is on disk, with any `provision`.

use std::fs;

use serde_json::{Value, json};

use crate::artifact::workspace;
use crate::standing::Standing;
use crate::world::{Run, World, artifact_path};

/// The policies of this repository, in the workspace.
fn with_policies(world: &World) {
    fs::create_dir_all(world.path().join("policies")).expect("a folder");
    for (name, text) in provisioner::policy::FILES {
        world.write(&format!("policies/{name}"), text);
    }
}

/// The attributes of a resource that `up` would create.
fn attributes(plan: &Value, kind: &str) -> Value {
    let mut changes = plan["changes"].as_array().expect("changes").iter();
    let change = changes.find(|change| change["kind"] == kind);
    change.expect("a change")["attributes"].clone()
}

#[test]
fn settings_of_the_workspace_count_and_those_of_the_stage_over_them() {
    let world = World::standing(Standing::Up);
    world.declare(
        "memory = 256\ntimeout = 20\n[workspace.metadata.provision.stage.default]\nmemory = 512",
    );
    world
        .plan(&["--exit-code", "--timeout", "30"])
        .exits(3)
        .says("memory   128 MB → 512 MB (Cargo.toml, stage default)")
        .says("timeout  10 s → 30 s (--timeout)");
    world
        .up(&[])
        .ok()
        .says("timeout  10 s → 20 s (Cargo.toml)")
        .says("test ride on version 2");
    world.up(&[]).ok().says("nothing to do");
    // The settings are gone: what is declared in Rust counts again.
    world.write("Cargo.toml", "[workspace]\n");
    world
        .plan(&["--exit-code"])
        .exits(3)
        .says("memory   512 MB → 128 MB (default; no --memory)");
}

#[test]
fn every_setting_is_deployed() {
    let world = World::new();
    world.declare(
        r#"retention-days = 30
           point-in-time-recovery = 7
           names = { table = "Trips", role = "Rider", function = "Unicorns" }
           tags = { team = "blue" }
           environment.LOG_RIDER = "off"
           stage.dev.point-in-time-recovery = false"#,
    );
    world.up(&[]).ok().says("test ride on version 1");
    world.up(&[]).ok().says("nothing to do");
    let dev = world.plan(&["--stage", "dev", "--output", "json"]).ok();
    let dev = dev.json();
    let table = attributes(&dev, "table");
    assert_eq!(table["point-in-time recovery"], "off");
    assert_eq!(dev["changes"][0]["name"], "Trips-dev");
    world
        .local(&["status"])
        .ok()
        .says("table Trips ")
        .says("log group /aws/lambda/Unicorns ")
        .says("role Rider ");
    world.local(&["invoke", "--at", "1,2"]).ok();
    world.local(&["rides"]).ok().says("the_username");
    world.local(&["logs"]).ok();
    let policy = world.local(&["policy", "deployer"]).ok().stdout;
    assert!(
        policy.contains("role/Rider") && !policy.contains("WildRydes"),
        "{policy}"
    );
    let down = ["down", "--yes", "--delete-data"];
    world.local(&down).ok().says("role Rider");
}

#[test]
fn a_tag_is_written_on_all_four_and_repaired() {
    let world = World::standing(Standing::Up);
    world.declare("tags.team = \"blue\"");
    let plan = world.plan(&["--exit-code"]).exits(3).says("4 to change");
    let added = plan
        .stdout
        .matches("tag team  absent → blue (Cargo.toml)")
        .count();
    assert_eq!(added, 4, "{}", plan.stdout);
    world.up(&[]).ok().never_says("test ride");
    world.up(&[]).ok().says("nothing to do");
    world.declare("tags.team = \"red\"");
    world.up(&[]).ok().says("tag team  blue → red (Cargo.toml)");
    // What is not declared is not touched.
    world.declare("");
    world.up(&[]).ok().says("nothing to do");
}

#[test]
fn an_edited_policy_counts_without_a_build() {
    let world = World::standing(Standing::Up);
    world.declare("");
    with_policies(&world);
    world.plan(&["--exit-code"]).ok();
    let policy = world.path().join("policies/dynamodb-write-access.json");
    let text = fs::read_to_string(&policy).expect("the policy");
    let wider = text.replace(
        "\"dynamodb:PutItem\"",
        "[\"dynamodb:PutItem\", \"dynamodb:GetItem\"]",
    );
    assert_ne!(text, wider);
    fs::write(&policy, wider).expect("a file");
    world
        .plan(&["--exit-code"])
        .exits(3)
        .says("dynamodb:GetItem");
    world
        .local(&["policy", "function"])
        .ok()
        .says("dynamodb:GetItem");
    // Commands that need only names do not read it.
    fs::write(&policy, "{").expect("a file");
    world.plan(&[]).exits(2).says("read the policy `");
    world.local(&["rides"]).ok();
    world.local(&["down", "--yes", "--delete-data"]).ok();
}

#[test]
fn config_shows_each_value_and_where_it_comes_from() {
    let world = World::new();
    world.declare(
        "memory = 256\nenvironment.API_KEY = \"hunter2\"\n\
         [workspace.metadata.provision.stage.prod]\nretention-days = 90\ntags.team = \"blue\"",
    );
    let config = |args: &[&str]| world.run(&[&["config", "--stage", "prod"], args].concat());
    let shown = config(&["--timeout", "20"]).ok().never_says("hunter2");
    insta::assert_snapshot!(shown.stdout, @"
    memory                  256 MB                Cargo.toml, line 4
    timeout                 20 s                  --timeout
    architecture            x86_64                default
    retention-days          90 days               Cargo.toml, stage prod, line 7
    point-in-time-recovery  35 days               default
    names.table             Rides-prod            default
    names.role              WildRydesLambda-prod  default
    names.function          RequestUnicorn-prod   default
    tags.team               blue                  Cargo.toml, stage prod, line 8
    environment.API_KEY     (hidden)              Cargo.toml, line 5
    environment.TABLE_NAME  Rides-prod            default
    policies                embedded
    ");
    let document = config(&["--output", "json"]).ok().never_says("hunter2");
    let document = document.json();
    assert_eq!(document["policies"], Value::Null);
    let settings = document["settings"].as_array().expect("settings");
    let setting = |key: &str| settings.iter().find(|setting| setting["key"] == key);
    assert_eq!(
        setting("memory"),
        Some(
            &json!({"key": "memory", "value": 256, "source": "Cargo.toml", "line": 4, "stage": null})
        )
    );
    assert_eq!(
        setting("tags.team"),
        Some(&json!({
            "key": "tags.team", "value": "blue", "source": "Cargo.toml", "line": 8, "stage": "prod",
        }))
    );
    world
        .run(&["config", "--local"])
        .ok()
        .says("memory                  256 MB");
}

#[test]
fn a_workspace_without_policies_says_which_count() {
    let world = World::standing(Standing::Up);
    world.declare("");
    let warning = "has no folder `policies`: the policies that `provision` was built with are used";
    world.plan(&[]).ok().says(warning);
    with_policies(&world);
    world.plan(&[]).ok().never_says(warning);
}

#[test]
fn a_declared_architecture_that_the_local_cloud_does_not_run_is_named() {
    let world = World::standing(Standing::Up);
    let other = if cfg!(target_arch = "aarch64") {
        "x86_64"
    } else {
        "arm64"
    };
    world.declare(&format!("architecture = \"{other}\""));
    let warning = format!("`architecture = \"{other}\"` (Cargo.toml) has no effect here");
    world.plan(&[]).ok().says(&warning);
    world.up(&[]).ok().says(&warning);
    world
        .local(&["config"])
        .ok()
        .says(&warning)
        .says("this machine");
    world.run(&["config"]).ok().never_says(&warning);
}

#[test]
fn the_table_of_the_readme_below_the_one_that_is_there_is_named() {
    let world = World::new();
    world.declare("\n[workspace.metadata.provision]\nmemory = 256");
    world
        .plan(&[])
        .exits(2)
        .says("line 5 is not TOML: duplicate key, which line 3 has already");
}

/// The settings of the README, and what it says of them.
#[test]
fn config_shows_the_settings_of_the_readme() {
    let readme = fs::read_to_string(workspace().join("README.md")).expect("README.md");
    let block = |start: &str| {
        let (_, rest) = readme.split_once(start).expect("a block");
        rest.split_once("```").expect("its end").0.to_owned()
    };
    let world = World::new();
    world.declare("");
    with_policies(&world);
    world.write("Cargo.toml", block("```toml\n"));
    let line = block("```sh\nprovision config");
    let args = ["config"].into_iter().chain(line.split_whitespace());
    let shown = world.run(&args.collect::<Vec<_>>()).ok().stdout;
    let folder = world.path().to_str().expect("UTF-8");
    let block = block(&format!("provision config{line}```\n```text\n"));
    assert_eq!(shown.replace(folder, "…"), block);
}

/// The line, the order and the comments of settings are no part of the plan.
#[test]
fn equal_settings_give_equal_digests() {
    let digests = [
        "memory = 256\ntimeout = 5",
        "# Faster.\ntimeout = 5\n\nmemory = 256",
    ]
    .map(|settings| {
        let world = World::new();
        world.declare(settings);
        let plan = world.plan(&["--output", "json"]).ok().json();
        plan["planDigest"].clone()
    });
    assert_eq!(digests[0], digests[1]);
    assert!(digests[0].is_string());
}

#[test]
fn outside_of_a_workspace_what_is_embedded_counts() {
    let world = World::standing(Standing::Up);
    world.write(
        "Cargo.toml",
        "[workspace.metadata.provision]\nmemory = 256\n",
    );
    world.plan(&["--exit-code"]).ok();
    world
        .run(&["config"])
        .ok()
        .says("policies                embedded");
}

#[test]
fn a_stale_program_never_says_that_there_is_nothing_to_do() {
    let world = World::standing(Standing::Up);
    world.declare("");
    for folder in provisioner::own_source::FOLDERS {
        let folder = world.path().join(folder);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("lib.rs"), "// Another stack.\n").expect("a file");
    }
    let stale = "this `provision` is stale: `provisioner/` has changed since it was built";
    world.up(&[]).ok().says(stale).never_says("nothing to do");
    world.plan(&[]).ok().says(stale).never_says("nothing to do");
    // In the workspace that it was built from, it is not.
    let here = world.path().join("here");
    let state = here.to_str().expect("UTF-8");
    let mut plan = world.command(&["plan", "--local", "--artifact", artifact_path()]);
    plan.args(["--local-dir", state]).current_dir(workspace());
    Run::of(&mut plan).ok().never_says("stale");
}
