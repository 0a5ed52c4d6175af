//! `plan`, `status`, `rides` and `logs` never write, and an `up` with nothing to do makes two rounds
//! of reads.

use crate::proxy::reads;
use crate::world::{World, artefact_path};

#[test]
fn reading_commands_make_no_changing_call() {
    let world = World::new();
    let cloud = world.cloud();
    let commands: [&[&str]; 5] = [
        &["plan", "--artifact", artefact_path()],
        &[
            "plan",
            "--artifact",
            artefact_path(),
            "--memory",
            "512",
            "--adopt",
            "table",
        ],
        &["status"],
        &["rides", "--all"],
        &["logs"],
    ];
    for up in [false, true] {
        if up {
            world.point_at(cloud.keys(), &cloud.url);
            world.up(&[]).ok();
        }
        for command in commands {
            let proxy = world.behind(&cloud, &[]);
            world.local(command);
            let names = proxy.names();
            assert!(!names.is_empty(), "{command:?} asked nothing");
            let writes: Vec<&String> = names.iter().filter(|name| !reads(name)).collect();
            assert!(writes.is_empty(), "{command:?} wrote: {writes:?}");
        }
    }
}

#[test]
fn an_up_with_nothing_to_do_reads_and_stops() {
    let world = World::new();
    let cloud = world.cloud();
    world.up(&[]).ok();
    let proxy = world.behind(&cloud, &[]);
    world.up(&[]).ok().says("nothing to do");
    let names = proxy.names();
    assert!(names.iter().all(|name| reads(name)), "{names:?}");
    // Each once: what is there, then what only its answer leads to.
    assert!(names.len() <= 15, "{} calls: {names:?}", names.len());
}
