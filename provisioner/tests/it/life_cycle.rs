//! A stack goes up, takes a ride, and comes down.

use serde_json::{Value, json};

use crate::proxy::{At, Fault};
use crate::standing::Standing;
use crate::world::{World, artifact_path};

#[test]
fn a_stack_goes_up_takes_a_ride_and_comes_down() {
    let world = World::new();
    world
        .up(&[])
        .ok()
        .says("version 1 passed its test ride")
        .says("function      arn:aws:lambda:us-east-1:123456789012:function:RequestUnicorn");
    world.up(&[]).ok().says("nothing to do");
    world.plan(&["--exit-code"]).ok().says("nothing to do");
    world
        .local(&["invoke", "--at", "47.61,-122.33"])
        .ok()
        .says("returned 201")
        .says("unicorn=Bucephalus distanceMetres=1859");
    let rides = world.local(&["rides", "--output", "json"]).ok();
    let ride: Value = serde_json::from_str(rides.stdout.trim()).expect("one ride, one line");
    assert_eq!(ride["User"], "the_username");
    world.local(&["status"]).ok().says("healthy");

    world
        .local(&["down", "--yes"])
        .exits(4)
        .says("contains 1 ride")
        .says("--delete-data");
    world.local(&["rides"]).ok().says("the_username");
    world
        .local(&["down", "--delete-data", "--yes"])
        .ok()
        .says("deleted  table Rides");
    world
        .local(&["status"])
        .ok()
        .says("absent")
        .never_says("healthy");
    world.local(&["down", "--yes"]).ok().says("nothing to do");
}

#[test]
fn kept_rides_are_found_again_by_the_next_up() {
    let world = World::standing(Standing::Up);
    world.local(&["invoke", "--at", "47.61,-122.33"]).ok();
    world
        .local(&["down", "--keep-data", "--yes"])
        .ok()
        .says("kept     table Rides");
    world.up(&[]).ok().never_says("create table");
    world.local(&["rides"]).ok().says("the_username");
}

#[test]
fn stages_stand_side_by_side() {
    let world = World::standing(Standing::Up);
    world
        .up(&["--stage", "dev"])
        .ok()
        .says("function:RequestUnicorn-dev");
    world.local(&["down", "--stage", "dev", "--yes"]).ok();
    world.up(&[]).ok().says("nothing to do");
}

#[test]
fn a_production_stage_wants_its_name() {
    let world = World::new();
    world.up(&["--stage", "prod"]).ok();
    let down = ["down", "--stage", "prod", "--delete-data", "--yes"];
    world.local(&down).exits(4).says("--confirm-stage prod");
    let confirmed = [&down[..], &["--confirm-stage", "prod"]].concat();
    // Point-in-time recovery is on in production: AWS keeps a backup.
    world.local(&confirmed).ok().says("$DeletedTableBackup");
}

#[test]
fn documents_are_versioned_json_and_nothing_else() {
    let world = World::new();
    let plan = world
        .plan(&["--output", "json", "--exit-code"])
        .exits(3)
        .json();
    assert_eq!(plan["version"], 1);
    assert_eq!(plan["changed"], true);
    assert_eq!(plan["changes"][0]["action"], "create");
    let up = world
        .up(&["--output", "json", "--yes", "--no-input"])
        .ok()
        .json();
    assert_eq!(up["target"]["account"], "123456789012");
    assert_eq!(up["outputs"]["version"], "1");
    let again = world.up(&["--output", "json"]).ok().json();
    assert_eq!(again["changed"], false);
    let invoke = world
        .local(&["invoke", "--at", "0,0", "--output", "json"])
        .ok()
        .json();
    assert_eq!(invoke["answer"]["statusCode"], 201);
    let status = world.local(&["status", "--output", "json"]).ok().json();
    assert_eq!(status["resources"].as_array().map(Vec::len), Some(5));
    let refused = world
        .local(&["down", "--output", "json", "--yes"])
        .exits(4)
        .json();
    assert!(
        refused["errors"][0]["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("--keep-data"))
    );
    let down = world
        .local(&["down", "--output", "json", "--yes", "--delete-data"])
        .ok()
        .json();
    assert_eq!(down["receipt"]["remaining"], json!([]));
}

#[test]
fn a_value_is_shown_to_those_who_ask_for_it() {
    let world = World::new();
    let debug = ["--env", "LOG_LEVEL=debug"];
    let shown = ["--show-env", "LOG_LEVEL"];
    world
        .up(&[&debug[..], &shown].concat())
        .ok()
        .says("+ LOG_LEVEL=debug");
    world
        .plan(&[])
        .ok()
        .says("- LOG_LEVEL ")
        .says("(values hidden");
    world.plan(&shown).ok().says("- LOG_LEVEL=debug\n");
    let info = ["--env", "LOG_LEVEL=info"];
    world
        .plan(&[&info[..], &shown].concat())
        .ok()
        .says("~ LOG_LEVEL debug → info");
    let json = ["--output", "json"];
    world
        .plan(&[&shown[..], &json].concat())
        .ok()
        .never_says("debug");
}

#[test]
fn environment_values_never_reach_the_output() {
    let world = World::new();
    let secret = "hunter2-hunter2";
    let flag = format!("API_KEY={secret}");
    for (output, shown) in [("text", "+ API_KEY"), ("json", "env API_KEY")] {
        let flags = ["--env", &flag, "--output", output];
        world.plan(&flags).ok().says(shown).never_says(secret);
    }
    // Refused before anything reads it.
    for unread in [format!("MY-KEY={secret}"), secret.to_owned()] {
        world.up(&["--env", &unread]).exits(2).never_says(secret);
    }
    world
        .up(&["--env", &flag, "-v"])
        .ok()
        .says("env API_KEY")
        .never_says(secret);
    world
        .up(&["--env", "API_KEY=other"])
        .ok()
        .never_says(secret);
    world
        .up(&[])
        .exits(4)
        .says("remove `env API_KEY`")
        .never_says(secret);
    world.up(&["--yes"]).ok().never_says(secret);
}

/// What AWS answers to an environment that it does not accept: each text has the values in it.
#[test]
fn environment_values_that_aws_quotes_are_cut() {
    let world = World::new();
    let cloud = world.cloud();
    let secret = "hunter2-hunter2";
    let quoting = [
        (
            "InvalidParameterValueException",
            "the variables you have provided exceeded the 4KB limit. String measured: \
             {\"API_KEY\":\"hunter2-hunter2\"}",
        ),
        (
            "ValidationException",
            "1 validation error detected: Value '{API_KEY=hunter2-hunter2}' at \
             'environment.variables' failed to satisfy constraint: Member must not be null",
        ),
        (
            "InvalidParameterValueException",
            "what a new check of Lambda says of 'hunter2-hunter2'",
        ),
    ];
    for (code, text) in quoting {
        for output in ["text", "json"] {
            let refused = At::Name("CreateFunction");
            let _proxy = world.behind(&cloud, &[(refused, Fault::Refuse(code, text))]);
            world
                .up(&["--env", &format!("API_KEY={secret}"), "--output", output])
                .exits(1)
                .says(code)
                .never_says(secret);
        }
    }
}

#[test]
fn a_variable_with_a_name_that_lambda_does_not_reserve_is_set() {
    let world = World::new();
    let flag = "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1";
    world
        .plan(&["--env", flag])
        .ok()
        .says("+ AWS_ENDPOINT_URL_DYNAMODB");
    world
        .plan(&["--env", "AWS_REGION=eu-west-1"])
        .exits(2)
        .says("Lambda reserves AWS_REGION");
}

#[test]
fn a_flag_overrides_one_run_and_the_plan_says_so() {
    let world = World::new();
    world.up(&["--memory", "512"]).ok();
    world.plan(&["--memory", "512", "--exit-code"]).ok();
    world
        .plan(&["--exit-code"])
        .exits(3)
        .says("memory  512 MB → 128 MB (default; no --memory)");
    world
        .plan(&["--memory", "256"])
        .ok()
        .says("512 MB → 256 MB (--memory)");
}

#[test]
fn the_settings_work_as_variables_too() {
    let world = World::new();
    let mut command = world.command(&["plan", "--exit-code"]);
    command
        .env("PROVISION_LOCAL", "1")
        .env("PROVISION_STAGE", "dev");
    command.env("PROVISION_ARTIFACT", artifact_path());
    crate::world::Run::of(&mut command)
        .exits(3)
        .says("table Rides-dev");
}

#[test]
fn a_killed_cloud_loses_no_acknowledged_ride() {
    let world = World::standing(Standing::Up);
    let mut cloud = world.cloud();
    world
        .local(&["invoke", "--at", "47.61,-122.33"])
        .ok()
        .says("returned 201");
    cloud.kill();
    world.local(&["rides"]).ok().says("the_username");
    world.up(&[]).ok().says("nothing to do");
}
