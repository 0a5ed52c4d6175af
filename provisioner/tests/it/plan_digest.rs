//! The digest of a plan is the contract between the run that shows it and the run that applies it.

use std::path::Path;

use crate::standing::Standing;
use crate::world::{Run, World, artifact_path};

fn digest(run: &Run) -> String {
    let mut lines = run.stdout.lines();
    let digest = lines.find_map(|line| line.strip_prefix("digest: "));
    digest.expect("a digest").to_owned()
}

#[test]
fn up_applies_the_plan_with_the_digest_and_no_other() {
    let world = World::new();
    let planned = world.plan(&[]).ok();
    let document = world.plan(&["--output", "json"]).ok().json();
    let first = digest(&planned);
    assert_eq!(document["planDigest"], *first);
    // Other flags, then other content of the same kind.
    let refused = world
        .up(&["--memory", "256", "--plan-digest", &first])
        .exits(4)
        .says("the plan is not that of `--plan-digest`: it differs in what is declared\n")
        .says("memory 256 MB");
    let other = digest(&world.plan(&["--memory", "256"]).ok());
    assert!(refused.stderr.contains(&format!("--plan-digest {other}`")));
    let stage = ["--stage", "dev", "--plan-digest", &first];
    world
        .up(&stage)
        .exits(4)
        .says("it differs in the account, region or stage\n");
    world.local(&["status"]).ok().never_says("healthy");
    let applied = world.up(&["--plan-digest", &first, "--output", "json"]);
    assert_eq!(applied.ok().json()["planDigest"], *first);
    // Applied once, it is no longer the plan.
    world
        .up(&["--plan-digest", &first])
        .exits(4)
        .says("nothing to do")
        .says("it differs in what is deployed\n");
    let now = digest(&world.plan(&["--exit-code"]).ok());
    world
        .up(&["--plan-digest", &now])
        .ok()
        .says("nothing to do");
    world.up(&["--plan-digest", "60b9"]).exits(2);
}

#[test]
fn drift_since_the_plan_is_refused() {
    let world = World::standing(Standing::TwoVersions);
    let planned = digest(&world.plan(&[]).ok());
    world.up(&["--memory", "512"]).ok();
    world
        .up(&["--plan-digest", &planned])
        .exits(4)
        .says("memory  512 MB → 128 MB")
        .says("it differs in what is deployed\n");
    // As it was, two versions later.
    world.up(&["--memory", "256"]).ok();
    world.up(&["--plan-digest", &planned]).ok();
}

/// Of two stacks with the same content, the roles have other IDs and the versions other numbers.
#[test]
fn stacks_with_equal_content_have_equal_digests() {
    let first = World::standing(Standing::TwoVersions);
    let second = World::new();
    second.up(&["--memory", "256"]).ok();
    let [first, second] = [first, second].map(|world| {
        let planned = world.plan(&[]).ok().says("256 MB → 128 MB");
        digest(&planned)
    });
    assert_eq!(first, second);
}

/// What GitHub checks out for a pull request, and main after a squash merge: equal files in other commits.
#[test]
fn a_merge_commit_and_main_have_equal_digests_in_any_folder() {
    let world = World::new();
    let origin = world.path().join("origin");
    for folder in ["origin/function", "elsewhere"] {
        std::fs::create_dir_all(world.path().join(folder)).expect("a folder");
    }
    std::fs::write(origin.join("Cargo.toml"), "").expect("a file");
    std::fs::write(origin.join("function/Cargo.toml"), "").expect("a file");
    git(&world, &origin, "init -q -b main");
    git(&world, &origin, "add .");
    git(&world, &origin, "commit -qm one");
    git(&world, &origin, "checkout -q -b change");
    std::fs::copy(artifact_path(), origin.join("function.zip")).expect("a copy");
    git(&world, &origin, "add .");
    git(&world, &origin, "commit -qm two");
    git(&world, &origin, "checkout -q main");
    git(&world, &origin, "commit -q --allow-empty -m meanwhile");
    git(&world, &origin, "checkout -q --detach");
    git(&world, &origin, "merge -q --no-ff -m merged change");
    git(&world, &origin, "tag pull");
    git(&world, &origin, "checkout -q main");
    git(&world, &origin, "merge -q --squash change");
    git(&world, &origin, "commit -qm squashed");
    git(&world, world.path(), "clone -q origin pull");
    git(&world, world.path(), "clone -q origin elsewhere/main");
    git(&world, &world.path().join("pull"), "checkout -q pull");
    let [pull, main] = ["pull", "elsewhere/main"].map(|clone| {
        let args = ["plan", "--local", "--artifact", "function.zip"];
        let mut plan = world.command(&args);
        digest(&Run::of(plan.current_dir(world.path().join(clone))).ok())
    });
    assert_eq!(pull, main);
}

fn git(world: &World, folder: &Path, line: &str) {
    let identity = ["-c", "user.name=n", "-c", "user.email=e"];
    let mut git = world.clean("git");
    git.args(identity).args(["-c", "commit.gpgsign=no"]);
    Run::of(git.args(line.split(' ')).current_dir(folder)).ok();
}
