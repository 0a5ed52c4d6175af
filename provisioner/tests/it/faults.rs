//! The life cycle with AWS's delays, on a clock that takes no time. `matrix/storms.rs` adds failing calls.

use std::time::Duration;

use crate::under_faults::{UnderFaults, converges};
use crate::world::World;

#[tokio::test]
async fn the_life_cycle_takes_its_time_with_delays_of_aws() {
    let stack = UnderFaults::new("aws", 1);
    let first = timed(&stack, stack.up(&[])).await;
    // A role alone takes 5 to 10 s.
    assert!(first >= Duration::from_secs(5), "{first:?}");
    assert!(first < Duration::from_secs(60), "{first:?}");
    let second = timed(&stack, stack.up(&[])).await;
    assert!(second < Duration::from_secs(1), "{second:?}");
    let down = timed(&stack, stack.down()).await;
    assert!(down >= Duration::from_secs(4), "{down:?}");
}

/// How long this takes on the stack's clock.
async fn timed(stack: &UnderFaults, work: impl Future<Output = ()>) -> Duration {
    let before = stack.commands.age();
    work.await;
    stack.commands.age() - before
}

#[tokio::test]
async fn the_life_cycle_converges_with_delays_of_aws() {
    converges(&UnderFaults::new("aws", 2)).await;
}

#[test]
fn faults_are_for_the_local_cloud_in_the_same_process() {
    let world = World::new();
    world
        .run(&["status", "--faults", "aws", "--region", "eu-west-1"])
        .exits(2)
        .says("add `--local`");
    let _cloud = world.cloud();
    world
        .local(&["status", "--faults", "aws"])
        .exits(2)
        .says("omit the flag");
}
