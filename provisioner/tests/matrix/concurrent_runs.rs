//! Two runs at once, as real processes: the first is held before one of its calls until the second
//! has ended, for every changing call. In the end the cloud equals one declaration whole, or the
//! last to end says what differs; one more `up` converges.

use libtest_mimic::Trial;

use crate::calls::{Call, calls};
use crate::crash::Command;
use crate::proxy::{At, Fault, When, reads};
use crate::standing::Standing;
use crate::world::{Run, World, artifact_path};
use crate::{every_call, trial};

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
            // What the other run removed shows as not visible yet, up to a limit.
            Verb::Up(flags) => {
                // Giving back access that the other run has removed needs `--yes`.
                let up = ["up", "--wait-limit", "1", "--local", "--yes", "--artifact"];
                [&up[..], &[artifact_path()], flags].concat()
            }
            Verb::Down => vec!["down", "--wait-limit", "1", "--local", "--yes"],
        }
    }

    /// Whether the cloud is as this one left it, had it been alone.
    fn holds_in(self, world: &World) -> bool {
        match self {
            Verb::Up(flags) => world.plan(&[&["--exit-code"], flags].concat()).code == 0,
            Verb::Down => !world.local(&["status"]).stdout.contains("managed"),
        }
    }
}

/// Two runs, and the stack that they meet at.
struct Meeting {
    name: &'static str,
    before: Option<Standing>,
    first: Verb,
    second: Verb,
}

const MEETINGS: [Meeting; 7] = [
    Meeting {
        name: "two_first_ups",
        before: None,
        first: Verb::Up(&[]),
        second: Verb::Up(&[]),
    },
    Meeting {
        name: "two_first_ups_of_two_commits",
        before: None,
        first: Verb::Up(&[]),
        second: Verb::Up(BIG),
    },
    Meeting {
        name: "two_updates_of_two_commits",
        before: Some(Standing::Up),
        first: Verb::Up(BIG),
        second: Verb::Up(BIGGER),
    },
    Meeting {
        name: "an_update_and_a_down",
        before: Some(Standing::Up),
        first: Verb::Up(BIG),
        second: Verb::Down,
    },
    Meeting {
        name: "a_first_up_and_a_down",
        before: None,
        first: Verb::Up(&[]),
        second: Verb::Down,
    },
    Meeting {
        name: "a_down_and_an_update",
        before: Some(Standing::Up),
        first: Verb::Down,
        second: Verb::Up(BIG),
    },
    Meeting {
        name: "two_downs",
        before: Some(Standing::Up),
        first: Verb::Down,
        second: Verb::Down,
    },
];

/// A test for each call that the first run is held before:
/// `concurrent_runs::two_downs::iam_DeleteRole`. The normal run has one call of three.
pub fn trials() -> Vec<Trial> {
    let one_in = if every_call() { 1 } else { 3 };
    let rows = MEETINGS.iter().flat_map(|meeting| {
        let changing = meeting.calls().into_iter().filter(|call| !reads(call.name));
        changing.step_by(one_in).map(move |call| (meeting, call))
    });
    let trials = rows.map(|(meeting, call)| {
        let name = format!("concurrent_runs::{}::{}", meeting.name, call.id());
        trial(name, move || meeting.hold_before(call))
    });
    trials.collect()
}

impl Meeting {
    /// Of the first run. Other flags and a stack without a rider's ride make no other changes.
    fn calls(&self) -> Vec<Call> {
        calls(match (self.first, self.before) {
            (Verb::Up(_), None) => Command::Up,
            (Verb::Up(_), Some(_)) => Command::Update,
            (Verb::Down, _) => Command::Down,
        })
    }

    fn hold_before(&self, call: Call) {
        let Meeting {
            before,
            first,
            second,
            ..
        } = self;
        let row = format!("{first:?} held before {}; {second:?}", call.id());
        let world = before.map_or_else(World::new, World::standing);
        let cloud = world.cloud();
        let hold = (
            At::Later(call.earlier, call.name),
            Fault::Hold(When::Before),
        );
        let proxy = world.behind(&cloud, &[hold]);
        let mut held = world.command(&first.args());
        let (reached, held, other) = std::thread::scope(|scope| {
            let held = scope.spawn(|| Run::of(&mut held));
            let reached = proxy.wait_for_hold(|| held.is_finished());
            world.point_at(cloud.keys(), &cloud.url);
            let other = world.run(&second.args());
            proxy.release();
            (reached, held.join().expect("no panic"), other)
        });
        let told = format!(
            "{row}\n--- first\n{}\n--- second\n{}",
            held.stderr, other.stderr
        );
        assert!(reached, "the call is never made\n{told}");
        for run in [&held, &other] {
            assert!(matches!(run.code, 0 | 1), "exit {}\n{told}", run.code);
            assert_eq!(run.code == 1, run.stderr.contains("hint:"), "{told}");
        }
        // The held one ended last.
        let whole = held.code == 1 || first.holds_in(&world) || second.holds_in(&world);
        assert!(whole, "neither declaration holds\n{told}");
        let up = world.up(&["--yes"]);
        assert_eq!(up.code, 0, "{told}\n--- one more up\n{}", up.stderr);
        world.plan(&["--exit-code"]).ok();
        let ride = world.local(&["invoke", "--at", "0,0"]);
        assert_eq!(ride.code, 0, "{told}\n--- ride\n{}", ride.stderr);
    }
}
