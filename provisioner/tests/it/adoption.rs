//! A stack clicked together after the tutorial is taken over without losing a ride.

use crate::console::click_together;
use crate::world::World;

#[tokio::test]
async fn a_stack_from_the_console_is_adopted_with_its_rides() {
    let world = World::new();
    let cloud = world.cloud();
    let arn = click_together(&cloud.config()).await;

    let refused = world
        .up(&["--yes"])
        .exits(4)
        .says("--adopt table")
        .says("--adopt role")
        .says("--adopt function")
        .says("provisioned, 5 read and 5 write units → on demand")
        .says("attached arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
        .says("nodejs20.x → provided.al2023");
    let note = "callers of the unqualified name `RequestUnicorn` get the new code at once";
    let words: Vec<&str> = refused.stderr.split_whitespace().collect();
    assert!(words.join(" ").contains(note), "{}", refused.stderr);
    world.local(&["rides"]).ok().says("old-0");

    let adopt = ["--adopt", "table", "--adopt", "role", "--adopt", "function"];
    world
        .up(&adopt)
        .exits(4)
        .says("adopt table Rides")
        .says("--yes");
    world
        .up(&[&adopt[..], &["--yes"]].concat())
        .ok()
        .says("published the previous code as version 1, for a rollback")
        .says("version 2 passed its test ride");
    world.plan(&["--exit-code"]).ok().says("nothing to do");
    world
        .local(&["invoke", "--at", "47.61,-122.33"])
        .ok()
        .says("returned 201");
    let rides = world.local(&["rides", "--all"]).ok();
    for number in 0..3 {
        assert!(
            rides.stdout.contains(&format!("old-{number}")),
            "{}",
            rides.stdout
        );
    }
    // Its path is for good, and it is still the same role.
    world.up(&[]).ok().says(&arn);
}
