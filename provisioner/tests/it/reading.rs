//! `plan`, `status`, `rides` and `logs` never write, by the cloud's own count, and an `up` with nothing
//! to do makes two rounds of reads.

use local_cloud::FaultProfile;

use crate::in_process::InWeather;
use crate::proxy::reads;
use crate::standing::Standing;
use crate::world::{World, artifact_path};

async fn read_everything(world: &InWeather) {
    let commands: [&[&str]; 5] = [
        &["plan", "--artifact", artifact_path()],
        &[
            "plan",
            "--artifact",
            artifact_path(),
            "--memory",
            "512",
            "--adopt",
            "table",
        ],
        &["status"],
        &["rides", "--all"],
        &["logs"],
    ];
    for command in commands {
        let before = world.requests();
        // Without a stack some of them fail.
        let _ = world.commands.run(command).await;
        let after = world.requests();
        assert!(after.reads() > before.reads(), "{command:?} asked nothing");
        assert_eq!(after.mutating, before.mutating, "{command:?} wrote");
    }
}

#[tokio::test]
async fn reading_commands_make_no_changing_call() {
    let world = InWeather::new(FaultProfile::calm()).await;
    read_everything(&world).await;
    let up = ["up", "--artifact", artifact_path()];
    world.commands.run(&up).await.expect("up");
    read_everything(&world).await;
    // Somebody else's hands: drift, and a function that is no longer ours.
    let lambda = aws_sdk_lambda::Client::new(&world.config());
    let request = lambda.update_function_configuration();
    let request = request.function_name("RequestUnicorn").memory_size(256);
    request.send().await.expect("a change");
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:RequestUnicorn";
    let request = lambda.untag_resource().resource(arn);
    let request = request.tag_keys("provision:stack");
    request.send().await.expect("a change");
    read_everything(&world).await;
}

#[test]
fn an_up_with_nothing_to_do_reads_and_stops() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let proxy = world.behind(&cloud, &[]);
    world.up(&[]).ok().says("nothing to do");
    let names = proxy.names();
    assert!(names.iter().all(|name| reads(name)), "{names:?}");
    // Each once: what is there, then what only its answer leads to.
    assert!(names.len() <= 15, "{} calls: {names:?}", names.len());
}
