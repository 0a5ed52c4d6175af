//! Two runs at once, as real processes: the first is held before one of its calls until the second
//! has ended, for every changing call. In the end the cloud equals one declaration whole, or the
//! last to end says what differs; one more `up` converges.

use crate::proxy::{At, Fault, When, reads};
use crate::world::{Run, World, artefact_path};

const BIG: &[&str] = &["--memory", "256", "--retention-days", "7"];
const BIGGER: &[&str] = &["--memory", "512", "--retention-days", "30"];

/// What one of the two does.
#[derive(Clone, Copy, Debug)]
enum Verb {
    /// With these flags: another commit.
    Up(&'static [&'static str]),
    Down,
}

impl Verb {
    fn args(self) -> Vec<&'static str> {
        match self {
            // What somebody else removed shows as not visible yet, up to a limit.
            Verb::Up(flags) => {
                let up = ["up", "--wait-limit", "1", "--local", "--artifact"];
                [&up[..], &[artefact_path()], flags].concat()
            }
            Verb::Down => vec!["down", "--wait-limit", "1", "--local", "--yes"],
        }
    }

    /// Whether the cloud is as this one left it, had it been alone.
    fn holds_in(self, world: &World) -> bool {
        match self {
            Verb::Up(flags) => world.plan(&[&["--exit-code"], flags].concat()).code == 0,
            Verb::Down => !world.local(&["status"]).stdout.contains("ours"),
        }
    }
}

/// The stack they meet at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Nothing,
    Stack,
}

impl Before {
    fn world(self) -> (World, crate::cloud::CloudProcess) {
        let world = World::new();
        let cloud = world.cloud();
        if self == Before::Stack {
            world.up(&[]).ok();
        }
        (world, cloud)
    }
}

fn meet(before: Before, first: Verb, second: Verb) {
    let calls = {
        let (world, cloud) = before.world();
        let proxy = world.behind(&cloud, &[]);
        world.run(&first.args()).ok();
        proxy.names()
    };
    let changing = calls.iter().enumerate().filter(|(_, name)| !reads(name));
    let every = if std::env::var_os("PROVISION_TEST_EVERY_CALL").is_some() {
        1
    } else {
        3
    };
    for (index, name) in changing.step_by(every) {
        let row = format!(
            "{first:?} held before call {} of {}, {name}; {second:?}",
            index + 1,
            calls.len()
        );
        let (world, cloud) = before.world();
        let hold = (At::Number(index + 1), Fault::Hold(When::Before));
        let proxy = world.behind(&cloud, &[hold]);
        let mut held = world.command(&first.args());
        let (held, other) = std::thread::scope(|scope| {
            let held = scope.spawn(|| Run::of(&mut held));
            proxy.wait_for_hold(|| held.is_finished());
            world.point_at(cloud.keys(), &cloud.url);
            let other = world.run(&second.args());
            proxy.release();
            (held.join().expect("no panic"), other)
        });
        let told = format!(
            "{row}\n--- first\n{}\n--- second\n{}",
            held.stderr, other.stderr
        );
        for run in [&held, &other] {
            assert!(matches!(run.code, 0 | 1), "exit {}\n{told}", run.code);
            assert_eq!(run.code == 1, run.stderr.contains("hint:"), "{told}");
        }
        // The held one ended last.
        let whole = held.code == 1 || first.holds_in(&world) || second.holds_in(&world);
        assert!(whole, "neither declaration holds\n{told}");
        let up = world.up(&[]);
        assert_eq!(up.code, 0, "{told}\n--- one more up\n{}", up.stderr);
        world.plan(&["--exit-code"]).ok();
        let ride = world.local(&["invoke", "--at", "0,0"]);
        assert_eq!(ride.code, 0, "{told}\n--- ride\n{}", ride.stderr);
        tell(held.code, other.code, &row);
    }
}

/// Shown with `--nocapture`.
#[expect(clippy::disallowed_macros, reason = "a test's own output")]
fn tell(first: i32, second: i32, row: &str) {
    println!("converged  exits {first} and {second}  {row}");
}

#[test]
fn two_first_ups() {
    meet(Before::Nothing, Verb::Up(&[]), Verb::Up(&[]));
}

#[test]
fn two_first_ups_of_two_commits() {
    meet(Before::Nothing, Verb::Up(&[]), Verb::Up(BIG));
}

#[test]
fn two_updates_of_two_commits() {
    meet(Before::Stack, Verb::Up(BIG), Verb::Up(BIGGER));
}

#[test]
fn an_update_and_a_down() {
    meet(Before::Stack, Verb::Up(BIG), Verb::Down);
}

#[test]
fn a_first_up_and_a_down() {
    meet(Before::Nothing, Verb::Up(&[]), Verb::Down);
}

#[test]
fn a_down_and_an_update() {
    meet(Before::Stack, Verb::Down, Verb::Up(BIG));
}

#[test]
fn two_downs() {
    meet(Before::Stack, Verb::Down, Verb::Down);
}
