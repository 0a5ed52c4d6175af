//! `provision versions` lists what `rollback` chooses from.

use serde_json::json;

use crate::standing::Standing;
use crate::world::World;

#[test]
fn versions_are_listed_with_what_changed() {
    let world = World::standing(Standing::TwoVersions);
    let shown = world.local(&["versions"]).ok().stdout;
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 3, "{shown}");
    assert!(lines[1].starts_with("2        live"), "{shown}");
    assert!(lines[1].ends_with("memory"), "{shown}");
    assert!(
        lines[2].starts_with("1 ") && lines[2].contains("passed"),
        "{shown}"
    );
    world.local(&["rollback"]).ok();
    let document = world.local(&["versions", "--output", "json"]).ok().json();
    let versions = document["versions"].as_array().expect("a list");
    let live: Vec<_> = versions.iter().map(|version| &version["live"]).collect();
    assert_eq!(live, [false, true]);
    assert_eq!(versions[0]["version"], 2);
    assert_eq!(versions[0]["testRide"], "passed");
    assert_eq!(versions[0]["changed"], json!(["memory"]));
    assert_eq!(versions[1]["changed"], json!(null));
}

#[test]
fn without_a_function_there_are_no_versions() {
    World::new().local(&["versions"]).ok().says("no versions");
}
