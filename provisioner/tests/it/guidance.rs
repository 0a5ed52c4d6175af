//! What the program answers to a person who looks in the wrong place, or asks for what is not there.

use crate::standing::Standing;
use crate::world::World;

#[test]
fn a_stack_in_another_region_is_named() {
    let world = World::standing(Standing::Up);
    let hint = "hint: the stack is in us-east-1: `provision status --local --region us-east-1`";
    let elsewhere = ["status", "--region", "eu-west-1"];
    world.local(&elsewhere).ok().says(hint);
    world.local(&["status"]).ok().never_says("hint:");
    let absent = world.local(&["status", "--stage", "dev"]).ok();
    absent.says("hint: deploy the stack first: `provision up --local --stage dev`");
}

#[test]
fn a_variable_to_show_that_does_not_exist_is_named() {
    let world = World::standing(Standing::Up);
    let warning = "warning: --show-env NOPE: the function has no such variable; it has TABLE_NAME";
    world.plan(&["--show-env", "NOPE"]).ok().says(warning);
    let known = ["--show-env", "TABLE_NAME"];
    world.plan(&known).ok().never_says("warning:");
}

#[test]
fn status_after_a_deployed_zip_says_that_it_compares_with_no_build() {
    let world = World::standing(Standing::Up);
    let build = "build: unknown (this directory has none to compare with)";
    world.local(&["status"]).ok().says(build);
}

#[test]
fn long_names_are_in_columns_too() {
    let world = World::new();
    let shown = world.local(&["status", "--stage", "a-stage-with-a-long-name"]);
    let shown = shown.ok().stdout;
    let columns = shown.lines().filter_map(|line| line.find("absent"));
    let columns: Vec<usize> = columns.collect();
    assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{shown}");
    assert_eq!(columns.len(), 5, "{shown}");
}

#[test]
fn a_number_out_of_bounds_is_answered_with_the_bounds() {
    let world = World::new();
    for (flags, says) in [
        (["plan", "--memory", "64"], "64 is not from 128 to 10240 MB"),
        (
            ["plan", "--memory", "512MB"],
            "not a whole number from 128 to 10240 MB",
        ),
        (["plan", "--timeout", "0"], "0 is not from 1 to 1800 s"),
        (["rides", "--limit", "0"], "not a whole number above 0"),
        (["up", "--wait-limit", "1m"], "not a whole number"),
    ] {
        world.local(&flags).exits(2).says(says);
    }
}

#[test]
fn the_log_of_a_ride_is_shown_as_logs_shows_it() {
    let world = World::standing(Standing::Up);
    world
        .local(&["invoke", "--at", "0,0"])
        .ok()
        .says("ms (billed ")
        .never_says("REPORT RequestId");
}
