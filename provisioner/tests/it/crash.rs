//! The tool killed before or after any of its calls: the next run converges, nothing is orphaned, no
//! ride is lost. Likewise for calls that fail, are throttled, or whose answers are lost.

use std::process::{Child, Command, Stdio};

use crate::cloud::CloudProcess;
use crate::proxy::{At, Fault, When, reads};
use crate::seeds::{at_once, on_every_core, seeds};
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

/// The calls that a scene makes when nothing goes wrong.
struct Calls {
    scene: Scene,
    names: Vec<String>,
}

/// One of them, counted from 1.
#[derive(Clone, Copy)]
struct Call<'a> {
    number: usize,
    of: &'a Calls,
}

impl Calls {
    fn of(scene: Scene) -> Calls {
        let stage = Stage::set(scene);
        let proxy = stage.world.behind(&stage.cloud, &[]);
        let run = Run::of(&mut stage.command(scene));
        assert_eq!(run.code, 0, "{scene:?}\n{}\n{}", run.stdout, run.stderr);
        let names = proxy.names();
        Calls { scene, names }
    }

    /// Those worth a row.
    fn rows(&self) -> impl Iterator<Item = Call<'_>> {
        let all = (1..=self.names.len()).map(|number| Call { number, of: self });
        all.filter(|call| every_call() || !reads(call.name()))
    }

    /// Before and after the rows, or one row of so many. After a read there is what is before the
    /// next call.
    fn moments(&self, of: usize) -> impl Iterator<Item = (Call<'_>, When)> {
        let rows = self.rows().step_by(if every_call() { 1 } else { of });
        rows.flat_map(|call| {
            let after = (!reads(call.name())).then_some(When::After);
            let moments = [Some(When::Before), after].into_iter().flatten();
            moments.map(move |when| (call, when))
        })
    }
}

impl<'a> Call<'a> {
    fn name(self) -> &'a str {
        &self.of.names[self.number - 1]
    }

    fn row(self, what: &str) -> String {
        let scene = format!("{:?}", self.of.scene);
        let (number, of) = (self.number, self.of.names.len());
        format!(
            "{scene:8}  {number:2} of {of:2}  {:62}  {what}",
            self.name()
        )
    }
}

fn kills(scene: Scene, signal: &str, how: fn(&mut Child)) {
    let calls = Calls::of(scene);
    // Being asked to stop differs from dying only in what ends first.
    let one_of = if signal == "SIGTERM" { 2 } else { 1 };
    on_every_core(calls.moments(one_of), |(call, when)| {
        let row = call.row(&format!("{signal} {when:?}"));
        let stage = Stage::set(scene);
        let fault = (At::Number(call.number), Fault::Hold(when));
        let proxy = stage.world.behind(&stage.cloud, &[fault]);
        let mut child = stage.spawn(scene);
        let reached = proxy.wait_for_hold(|| matches!(child.try_wait(), Ok(Some(_))));
        if reached {
            how(&mut child);
        }
        proxy.release();
        child.wait().expect("a process of ours");
        stage.converges(scene, &row);
        tell(&row);
    });
}

/// The cloud dies instead, and starts again on what it had saved. The client gives up only after
/// some seconds of trying, so that these rows mostly wait; the normal run has one call of three.
fn cloud_kills(scene: Scene) {
    let calls = Calls::of(scene);
    at_once(8, calls.moments(3), |(call, when)| {
        let row = call.row(&format!("cloud killed {when:?}"));
        let mut stage = Stage::set(scene);
        let fault = (At::Number(call.number), Fault::Hold(when));
        let proxy = stage.world.behind(&stage.cloud, &[fault]);
        let mut child = stage.spawn(scene);
        proxy.wait_for_hold(|| matches!(child.try_wait(), Ok(Some(_))));
        stage.cloud.kill();
        proxy.release();
        child.wait().expect("a process of ours");
        stage.cloud = stage.world.cloud();
        stage.converges(scene, &row);
        tell(&row);
    });
}

/// The client tries again after a pause.
fn faults(scene: Scene, fault: Fault) {
    let calls = Calls::of(scene);
    at_once(4, calls.rows(), |call| {
        let row = call.row(&format!("{fault:?}"));
        survives(scene, &[(At::Number(call.number), fault)], &row);
    });
}

/// The run may fail, as long as the next one mends it.
fn survives(scene: Scene, faults: &[(At, Fault)], row: &str) {
    let stage = Stage::set(scene);
    let _proxy = stage.world.behind(&stage.cloud, faults);
    Run::of(&mut stage.command(scene));
    stage.converges(scene, row);
    tell(row);
}

/// Two calls of one run fail, whichever and however the seed says.
fn pair(all: &[Calls], seed: u64) {
    const FAULTS: [Fault; 4] = [
        Fault::Error,
        Fault::Throttle,
        Fault::Drop(When::Before),
        Fault::Drop(When::After),
    ];
    // SplitMix64.
    let mut state = seed;
    let mut below = |limit: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("less than the limit")
    };
    let calls = &all[below(all.len())];
    let mut draw = || {
        let number = below(calls.names.len()) + 1;
        (Call { number, of: calls }, FAULTS[below(FAULTS.len())])
    };
    let (first, second) = (draw(), draw());
    let row = format!(
        "seed {seed:3}  {}, then {:?} at {} {}",
        first.0.row(&format!("{:?}", first.1)),
        second.1,
        second.0.number,
        second.0.name()
    );
    let faults = [first, second].map(|(call, fault)| (At::Number(call.number), fault));
    survives(calls.scene, &faults, &row);
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
    kills(Scene::Up, "SIGKILL", sigkill);
}

#[test]
fn an_update_killed_at_any_call_is_finished_by_the_next_up() {
    kills(Scene::Update, "SIGKILL", sigkill);
}

#[test]
fn down_killed_at_any_call_is_finished_by_the_next_down() {
    kills(Scene::Down, "SIGKILL", sigkill);
}

#[test]
fn a_rollback_killed_at_any_call_leaves_a_proven_version_live() {
    kills(Scene::Rollback, "SIGKILL", sigkill);
}

#[test]
fn up_stopped_at_any_call_is_finished_by_the_next_up() {
    kills(Scene::Up, "SIGTERM", sigterm);
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

#[test]
fn every_answer_of_a_rollback_lost_once_converges() {
    faults(Scene::Rollback, Fault::Drop(When::After));
}

#[test]
fn a_cloud_killed_at_any_call_of_up_has_kept_what_it_answered() {
    cloud_kills(Scene::Up);
}

#[test]
fn a_cloud_killed_at_any_call_of_down_has_kept_what_it_answered() {
    cloud_kills(Scene::Down);
}

/// `PROVISION_TEST_PAIRS=1..500` in `.ci/long`.
#[test]
fn any_two_calls_failing_converge() {
    let all = [Scene::Up, Scene::Update, Scene::Down, Scene::Rollback].map(Calls::of);
    at_once(4, seeds("PROVISION_TEST_PAIRS", 1..=8), |seed| {
        pair(&all, seed);
    });
}
