//! The life cycle against an endpoint we did not write, where one is named:
//!
//! ```text
//! PROVISION_TEST_ENDPOINT=http://127.0.0.1:5000 cargo test -p provisioner --test it second_opinion
//! ```
//!
//! What such an endpoint leaves out or invents is not compared, and no test ride is taken: few of
//! them run a zip. docs/second-opinions.md tells where they differ from AWS.

use crate::world::{Run, World};

#[test]
fn the_life_cycle_holds_against_another_endpoint() {
    let Some(endpoint) = std::env::var_os("PROVISION_TEST_ENDPOINT") else {
        return;
    };
    let endpoint = endpoint.to_str().expect("a URL").to_owned();
    let world = World::new();
    // Lambda's own target, as for AWS; any zip that passes the checks will do.
    let zip = std::env::var("PROVISION_TEST_ARTIFACT").expect("a zip made by `provision build`");
    let run = |args: &[&str]| {
        let mut command = world.command(args);
        command
            .env("PROVISION_ENDPOINT_URL", &endpoint)
            .env("PROVISION_REGION", "us-east-1");
        command
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing");
        Run::of(&mut command)
    };
    let up = [
        "up",
        "--artifact",
        &zip,
        "--skip-test-ride",
        "--stage",
        "opinion",
    ];
    run(&up).ok().says("goes live without a test ride");
    run(&up).ok().says("nothing to do");
    run(&["status", "--stage", "opinion"])
        .ok()
        .says("managed")
        .never_says("absent");
    let down = ["down", "--stage", "opinion", "--yes"];
    run(&down).ok().never_says("REMAINS");
    run(&down).ok().says("nothing to do");
}
