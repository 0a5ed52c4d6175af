//! The tool killed before or after any of its calls: the next run converges, nothing is orphaned, no
//! ride is lost. Likewise for calls that fail, are throttled, or whose answers are lost.

use std::process::{Child, Command, Stdio};

use crate::cloud::CloudProcess;
use crate::proxy::{At, Fault, When, reads};
use crate::world::{Run, World, artefact_path};

/// A verb, and the stack it starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scene {
    Up,
    Update,
    Down,
    Rollback,
}

/// A world behind a proxy.
struct Stage {
    world: World,
    cloud: CloudProcess,
}

impl Stage {
    fn set(scene: Scene) -> Stage {
        let world = World::new();
        let cloud = world.cloud();
        if scene != Scene::Up {
            world.up(&[]).ok();
            world.local(&["invoke", "--at", "47.61,-122.33"]).ok();
        }
        if scene == Scene::Rollback {
            world.up(&["--memory", "256"]).ok();
        }
        Stage { world, cloud }
    }

    fn command(&self, scene: Scene) -> Command {
        let args: &[&str] = match scene {
            Scene::Up => &["up", "--local", "--artifact", artefact_path()],
            Scene::Update => &[
                "up",
                "--local",
                "--artifact",
                artefact_path(),
                "--memory",
                "256",
                "--retention-days",
                "7",
            ],
            Scene::Down => &["down", "--local", "--delete-data", "--yes"],
            Scene::Rollback => &["rollback", "--local"],
        };
        self.world.command(args)
    }

    fn spawn(&self, scene: Scene) -> Child {
        let mut command = self.command(scene);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the binary starts")
    }

    /// After whatever happened, the same command ends well, and what it promises is so.
    fn converges(&self, scene: Scene, row: &str) {
        self.world.point_at(self.cloud.keys(), &self.cloud.url);
        let check = |run: Run| {
            assert_eq!(
                run.code, 0,
                "{row}\nstdout:\n{}\nstderr:\n{}",
                run.stdout, run.stderr
            );
            run
        };
        match scene {
            Scene::Up | Scene::Update => {
                check(Run::of(&mut self.command(scene)));
                let plan = if scene == Scene::Up {
                    vec![]
                } else {
                    vec!["--memory", "256", "--retention-days", "7"]
                };
                check(self.world.plan(&[&["--exit-code"], &plan[..]].concat()));
            }
            // After a killed rollback: the old or the new version, both proven.
            Scene::Rollback => {
                let ride = check(self.world.local(&["invoke", "--at", "0,0"]));
                assert!(
                    ride.stderr.contains("answered 201"),
                    "{row}\n{}",
                    ride.stderr
                );
            }
            Scene::Down => {}
        }
        if scene != Scene::Up && scene != Scene::Down {
            let rides = check(self.world.local(&["rides", "--all"]));
            assert!(
                rides.stdout.contains("the_username"),
                "{row}: the ride is lost"
            );
        }
        check(self.world.local(&["down", "--delete-data", "--yes"]));
        check(self.world.local(&["status"]).never_says("healthy"));
    }
}

/// Set by `.ci/long`: the reads too, which change nothing and make a run four times as long.
fn every_call() -> bool {
    std::env::var_os("PROVISION_TEST_EVERY_CALL").is_some()
}

/// The calls worth a row, by number.
fn rows(calls: &[String]) -> Vec<(usize, &str)> {
    let numbered = calls.iter().enumerate();
    let numbered = numbered.map(|(index, name)| (index + 1, name.as_str()));
    numbered
        .filter(|(_, name)| every_call() || !reads(name))
        .collect()
}

/// The names of the calls that a scene makes when nothing goes wrong.
fn calls(scene: Scene) -> Vec<String> {
    let stage = Stage::set(scene);
    let proxy = stage.world.behind(&stage.cloud, &[]);
    let run = Run::of(&mut stage.command(scene));
    assert_eq!(run.code, 0, "{scene:?}\n{}\n{}", run.stdout, run.stderr);
    proxy.names()
}

/// Killing after a read leaves what killing before the next call leaves.
fn kills(scene: Scene, how: fn(&mut Child)) {
    let calls = calls(scene);
    for (number, name) in rows(&calls) {
        let moments: &[When] = if reads(name) {
            &[When::Before]
        } else {
            &[When::Before, When::After]
        };
        for when in moments {
            let row = format!(
                "{scene:?}: killed {when:?} call {} of {}, {name}",
                number,
                calls.len()
            );
            let stage = Stage::set(scene);
            let proxy = stage
                .world
                .behind(&stage.cloud, &[(At::Number(number), Fault::Hold(*when))]);
            let mut child = stage.spawn(scene);
            let reached = proxy.wait_for_hold(|| matches!(child.try_wait(), Ok(Some(_))));
            if reached {
                how(&mut child);
            }
            proxy.release();
            child.wait().expect("a process of ours");
            stage.converges(scene, &row);
            tell(&row);
        }
    }
}

fn faults(scene: Scene, fault: Fault) {
    let calls = calls(scene);
    for (number, name) in rows(&calls) {
        let row = format!(
            "{scene:?}: {fault:?} at call {} of {}, {name}",
            number,
            calls.len()
        );
        let stage = Stage::set(scene);
        let _proxy = stage
            .world
            .behind(&stage.cloud, &[(At::Number(number), fault)]);
        // It may fail, as long as the next run mends it.
        Run::of(&mut stage.command(scene));
        stage.converges(scene, &row);
        tell(&row);
    }
}

/// The matrix, row by row; shown with `--nocapture`.
#[expect(clippy::disallowed_macros, reason = "a test's own output")]
fn tell(row: &str) {
    println!("converged  {row}");
}

fn sigkill(child: &mut Child) {
    child.kill().expect("a process of ours");
}

/// The call in flight ends, then the run.
fn sigterm(child: &mut Child) {
    let pid = child.id().to_string();
    let killed = Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .expect("kill");
    assert!(killed.success());
}

#[test]
fn up_killed_at_any_call_is_finished_by_the_next_up() {
    kills(Scene::Up, sigkill);
}

#[test]
fn an_update_killed_at_any_call_is_finished_by_the_next_up() {
    kills(Scene::Update, sigkill);
}

#[test]
fn down_killed_at_any_call_is_finished_by_the_next_down() {
    kills(Scene::Down, sigkill);
}

#[test]
fn a_rollback_killed_at_any_call_leaves_a_proven_version_live() {
    kills(Scene::Rollback, sigkill);
}

#[test]
fn up_stopped_at_any_call_is_finished_by_the_next_up() {
    kills(Scene::Up, sigterm);
}

#[test]
fn every_call_of_up_failing_once_converges() {
    faults(Scene::Up, Fault::Error);
}

#[test]
fn every_call_of_up_throttled_once_converges() {
    faults(Scene::Up, Fault::Throttle);
}

#[test]
fn every_answer_of_up_lost_once_converges() {
    faults(Scene::Up, Fault::Drop(When::After));
}

#[test]
fn every_answer_of_down_lost_once_converges() {
    faults(Scene::Down, Fault::Drop(When::After));
}
