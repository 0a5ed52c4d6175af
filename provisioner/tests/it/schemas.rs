//! docs/schemas: what the commands print is as they say, and what is not is refused.
//!
//! `Run::json` checks every document of every test. Here are those that no other test has, the lines of `rides`
//! and `logs`, the samples of docs/json.md, and planted faults.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;

use serde_json::{Value, json};

use crate::artifact::workspace;
use crate::console::click_together;
use crate::drift_by_hand::change_all;
use crate::schema::{self, check, check_document, faults};
use crate::standing::Standing;
use crate::world::{Run, World};

#[tokio::test]
async fn plans_of_every_kind_are_as_their_schema_says() {
    let actions = |document: Value| -> Vec<String> {
        let changes = document["changes"].as_array().expect("changes").iter();
        let action = |change: &Value| change["action"].as_str().expect("a text").to_owned();
        changes.map(action).collect()
    };
    let world = World::new();
    let plan = world.plan(&["--output", "json"]).ok().json();
    assert_eq!(actions(plan), ["create"; 5]);

    let cloud = world.cloud();
    click_together(&cloud.config()).await;
    let plan = world.plan(&["--output", "json"]).exits(1).json();
    assert!(
        plan["errors"]
            .as_array()
            .is_some_and(|errors| errors.len() == 3)
    );
    assert!(actions(plan).contains(&"blocked".to_owned()));
    let adopt = ["--adopt", "table", "--adopt", "role", "--adopt", "function"];
    let plan = world.plan(&[&adopt[..], &["--output", "json"]].concat());
    let plan = plan.ok().json();
    assert!(actions(plan).contains(&"adopt".to_owned()));
    world.local(&["status", "--output", "json"]).ok().json();
    let down = ["down", "--yes", "--output", "json"];
    let left = world.local(&down).ok().json();
    assert!(actions(left).contains(&"leave".to_owned()));
}

#[tokio::test]
async fn what_others_changed_is_as_the_schema_says() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    change_all(&cloud.config()).await;
    let plan = world.plan(&["--output", "json"]).ok().json();
    let role = &plan["changes"][1]["differences"];
    let role = role.as_array().expect("differences");
    assert!(
        role.iter().any(|one| one["statements"].is_object()),
        "{role:#?}"
    );
    world.local(&["status", "--output", "json"]).ok().json();
    world.up(&["--yes", "--output", "json"]).ok().json();
}

#[test]
fn results_and_errors_of_the_other_commands_are_as_their_schemas_say() {
    let world = World::standing(Standing::TwoVersions);
    let json = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        world.local(&[&words[..], &["--output", "json"]].concat())
    };
    json("versions").ok().json();
    let rolled_back = json("rollback").ok().json();
    assert_eq!(rolled_back["changed"], true);
    json("rollback --to 7").exits(1).json();
    json("invoke --at 47.61,-122.33").ok().json();
    lines("rides", &json("rides --all").ok());
    lines("logs", &json("logs --since 365d").ok());
    let kept = json("down --keep-data --yes").ok().json();
    assert_eq!(kept["receipt"]["left"][0]["kind"], "table");
    json("invoke --at 47.61,-122.33").exits(1).json();
    lines("logs", &json("logs").exits(1));
    json("down --delete-data --yes").ok().json();
    lines("rides", &json("rides").exits(1));
    json("status").ok().json();
    let refused = json("status --account 210987654321").exits(4).json();
    assert_eq!(refused["target"]["account"], "123456789012");
    json("policy planner --account 210987654321")
        .exits(4)
        .json();
}

fn lines(schema: &str, run: &Run) {
    assert!(!run.stdout.is_empty());
    for line in run.stdout.lines() {
        check(schema, &serde_json::from_str(line).expect("a line of JSON"));
    }
}

/// Blocks of docs/json.md that are whole documents or lines.
fn samples() -> Vec<(String, Value)> {
    let page = fs::read_to_string(workspace().join("docs/json.md")).expect("docs/json.md");
    let sections = page.split("\n## ").skip(1);
    let samples = sections.flat_map(|section| {
        let title = section.lines().next().unwrap_or_default().to_owned();
        let blocks = section.split("```json\n").skip(1);
        let blocks = blocks.map(|block| block.split("```").next().unwrap_or_default());
        let parsed = blocks.map(|block| serde_json::from_str::<Value>(block).expect("JSON"));
        parsed
            .map(|sample| (title.clone(), sample))
            .collect::<Vec<_>>()
    });
    samples.collect()
}

#[test]
fn the_samples_of_the_page_are_as_their_schemas_say() {
    let samples = samples();
    let mut whole = 0;
    for (title, sample) in &samples {
        match title.as_str() {
            "rides" | "logs" => check(title, sample),
            _ if sample.get("version").is_some() => check_document(sample),
            // What `up` and `down` have beside the members of `plan`.
            _ => continue,
        }
        whole += 1;
    }
    assert!(whole >= 10, "{whole}");
}

/// Each file stands alone, so what they share is in several of them.
#[test]
fn what_schemas_share_is_the_same_in_all_of_them() {
    let mut shared: BTreeMap<String, Value> = BTreeMap::new();
    let files = fs::read_dir(workspace().join("docs/schemas")).expect("docs/schemas");
    for file in files {
        let path = file.expect("a file").path();
        let name = path.file_stem().and_then(OsStr::to_str).expect("a name");
        let schema = schema::read(name);
        assert_eq!(schema["$id"], format!("urn:provision:{name}:1"));
        for (definition, rule) in schema["$defs"].as_object().expect("definitions") {
            let same = shared.entry(definition.clone()).or_insert(rule.clone());
            assert_eq!(same, rule, "{definition} in {name}");
        }
    }
    assert!(shared.len() > 10, "{}", shared.len());
}

/// Without a member that each has, and with each member of another type.
#[test]
fn a_document_with_a_planted_fault_is_refused() {
    for (title, sample) in samples() {
        let is_line = matches!(&*title, "rides" | "logs");
        let schema = match sample["command"].as_str() {
            Some(command) => command,
            None if is_line => &title,
            None => continue,
        };
        plant(schema, &sample);
    }
    // The page has no whole ones of these.
    let world = World::new();
    let up = world.up(&["--output", "json"]).ok().json();
    assert_eq!(up["resources"].as_array().map(Vec::len), Some(5));
    plant("up", &up);
    let down = world.local(&["down", "--yes", "--output", "json"]);
    plant("down", &down.ok().json());
}

fn plant(schema: &str, document: &Value) {
    /// May be anything, but have to be there.
    const ANYTHING: [&str; 2] = ["answer", "body"];
    assert_eq!(faults(schema, document), [""; 0]);
    for name in document.as_object().expect("an object").keys() {
        let mut less = document.clone();
        less.as_object_mut().expect("an object").shift_remove(name);
        assert_ne!(faults(schema, &less), [""; 0], "{schema} without {name}");
        let mut other = document.clone();
        other[name] = json!([7]);
        let refused = !faults(schema, &other).is_empty();
        assert!(
            refused || ANYTHING.contains(&name.as_str()),
            "{schema}: {name}"
        );
    }
}

#[test]
fn what_is_planted_deep_in_a_plan_is_refused_too() {
    let (_, plan) = samples()
        .into_iter()
        .find(|(title, _)| title == "plan")
        .expect("a sample");
    let plant = |pointer: &str, value: Value| {
        let mut planted = plan.clone();
        *planted.pointer_mut(pointer).expect(pointer) = value;
        faults("plan", &planted)
    };
    assert_eq!(plant("/changes/0/action", json!("keep")), [""; 0]);
    for (pointer, value) in [
        ("/version", json!(2)),
        ("/command", json!("up")),
        ("/changed", json!("true")),
        ("/target/stage", json!("")),
        (
            "/target",
            json!({"account": "123456789012", "region": "us-east-1"}),
        ),
        ("/changes/0/kind", json!("tabel")),
        ("/changes/0/name", Value::Null),
        ("/changes/0/action", json!("created")),
        // Which needs members that this change does not have.
        ("/changes/0/action", json!("create")),
        ("/changes/0/action", json!("blocked")),
        ("/changes/3/differences", Value::Null),
        ("/changes/3/differences/0", json!({"attribute": "memory"})),
        ("/changes/3/differences/0/from", json!(128)),
    ] {
        assert_ne!(plant(pointer, value.clone()), [""; 0], "{pointer} {value}");
    }
    // `up` says of each change what became of it.
    let mut up = plan.clone();
    up["command"] = json!("up");
    up["errors"] = json!([{"message": "x", "causes": [], "hint": null, "exit": 1}]);
    assert_ne!(faults("up", &up), [""; 0]);
    // What is added later is no fault.
    let mut more = plan.clone();
    more["changes"][0]["more"] = json!(1);
    assert_eq!(faults("plan", &more), [""; 0]);
}
