//! Bad input: a clear error with a way out and the right exit code, and nothing lost.

use std::net::TcpListener;

use crate::world::{Run, World};

#[test]
fn malformed_flags_are_usage_errors() {
    let world = World::new();
    let check = |args: &[&str], text: &str| {
        world.run(args).exits(2).says(text);
    };
    check(
        &["up", "--local", "--stage", "Prod!"],
        "the stage `Prod!` is malformed",
    );
    check(
        &["up", "--region", "eu_west"],
        "the region `eu_west` is malformed",
    );
    check(
        &["up", "--region", "eu-west-1", "--account", "12"],
        "the account `12` is malformed",
    );
    check(
        &["plan", "--endpoint-url", "localhost"],
        "the endpoint `localhost` is malformed",
    );
    check(
        &["up", "--local", "--memory", "64"],
        "64 is not in 128..=10240",
    );
    check(
        &["up", "--local", "--env", "AWS_REGION=x"],
        "Lambda reserves AWS_REGION",
    );
    check(&["invoke", "--local", "--at", "north"], "is no position");
    check(&["invoke", "--local", "--at", "91,0"], "is no position");
    check(&["invoke", "--local"], "--at 47.61,-122.33");
    check(
        &["invoke", "--local", "--event", "no-such-file"],
        "read the event from `no-such-file`",
    );
    check(&["up"], "no region is set");
    check(&["fly"], "unrecognized subcommand");
}

#[test]
fn an_event_that_is_no_json_never_leaves() {
    let world = World::new();
    let path = world.write("event.json", "{\"PickupLocation\": ");
    let path = path.to_str().expect("UTF-8");
    world
        .local(&["invoke", "--event", path])
        .exits(2)
        .says("is no JSON");
}

#[test]
fn bad_rides_are_answered_with_what_is_wrong() {
    let world = World::new();
    world.up(&[]).ok();
    let event = |body: &str| {
        let event = serde_json::json!({
            "requestContext": {"authorizer": {"claims": {"cognito:username": "ann"}}},
            "body": body,
        });
        let path = world.write("event.json", event.to_string());
        world
            .local(&["invoke", "--event", path.to_str().expect("UTF-8")])
            .exits(1)
    };
    event("{").says("answered 400");
    event(r#"{"PickupLocation":{"Latitude":91,"Longitude":0}}"#)
        .says("answered 400")
        .says("Latitude");
    let path = world.write("nobody.json", "{}");
    world
        .local(&["invoke", "--event", path.to_str().expect("UTF-8")])
        .exits(1)
        .says("answered 401");
    world.local(&["rides"]).ok().never_says("ann");
}

#[test]
fn broken_artefacts_are_refused_before_any_upload() {
    let world = World::new();
    let check = |name: &str, bytes: &[u8], text: &str| {
        let path = world.write(name, bytes);
        let path = path.to_str().expect("UTF-8");
        world
            .local(&["up", "--artifact", path])
            .exits(1)
            .says(text)
            .says("hint:");
    };
    check("empty.zip", b"", "empty.zip");
    check("text.zip", b"not a zip at all", "text.zip");
    let whole = &crate::artefact::artefact().zip;
    check("half.zip", &whole[..whole.len() / 2], "half.zip");
    world
        .local(&["up", "--artifact", "absent.zip"])
        .exits(1)
        .says("absent.zip");
    world.local(&["status"]).ok().never_says("healthy");
}

#[test]
fn a_damaged_state_file_stops_the_cloud_and_is_named() {
    let world = World::new();
    world.up(&[]).ok();
    let state = world.path().join(".provision/local/state");
    let files = std::fs::read_dir(&state).expect("the state folder");
    let json = files
        .map(|file| file.expect("an entry").path())
        .find(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .expect("a state file");
    let good = std::fs::read(&json).expect("the state");
    std::fs::write(&json, &good[..good.len() / 2]).expect("damage");
    let name = json
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name");
    world.local(&["status"]).exits(1).says(name).says("hint:");
    // Never started empty instead, never overwritten.
    assert_eq!(
        std::fs::read(&json).expect("the state").len(),
        good.len() / 2
    );
    std::fs::write(&json, &good).expect("mending");
    world.local(&["status"]).ok().says("healthy");
}

#[test]
fn a_port_in_use_is_named() {
    let world = World::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    world
        .run(&["cloud", "--port", &port])
        .exits(1)
        .says(&port)
        .says("hint:");
}

#[test]
fn without_cargo_the_way_out_is_told() {
    let world = World::new();
    let mut command = world.command(&["up", "--local"]);
    command
        .env("PATH", world.path())
        .current_dir(crate::artefact::workspace());
    command.env("CARGO_TARGET_DIR", world.path().join("target"));
    // The workspace's own local cloud is not this test's to use.
    command.env("PROVISION_LOCAL_DIR", world.path());
    Run::of(&mut command).exits(1).says("cargo").says("hint:");
}

#[test]
fn outside_the_project_there_is_nothing_to_build() {
    World::new().local(&["up"]).exits(2).says("--artifact ZIP");
}

#[test]
fn without_credentials_it_says_how_to_log_in() {
    let world = World::new();
    world
        .run(&["plan", "--region", "eu-west-1"])
        .exits(5)
        .says("--profile")
        .says("--local");
}

#[test]
fn the_wrong_account_is_refused() {
    let world = World::new();
    world
        .up(&["--account", "999999999999"])
        .exits(4)
        .says("belong to account 123456789012");
    world.local(&["status"]).ok().never_says("healthy");
}

#[test]
fn an_endpoint_that_is_not_there_is_told_at_once() {
    let world = World::new();
    let port = {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        free.local_addr().expect("an address").port()
    };
    let url = format!("http://127.0.0.1:{port}");
    let mut command = world.command(&["plan", "--region", "eu-west-1", "--endpoint-url", &url]);
    command
        .env("AWS_ACCESS_KEY_ID", "k")
        .env("AWS_SECRET_ACCESS_KEY", "s");
    command.env("AWS_MAX_ATTEMPTS", "1");
    Run::of(&mut command)
        .exits(1)
        .says("hint: check the network and `--endpoint-url`");
}
