//! The tool killed before or after any of its calls: the next run converges, nothing is orphaned, no
//! ride is lost. Likewise for calls that fail, are throttled, or lose their response, and for a local
//! cloud that is killed.

use std::process::{self, Child, Stdio};

use libtest_mimic::Trial;

use crate::calls::{Call, rows};
use crate::cloud::{CloudProcess, all_names, by_hand};
use crate::errors::by_hand::delete_role;
use crate::proxy::{At, Fault, When, reads};
use crate::standing::{RENAMED, Standing};
use crate::world::{Run, World, artifact_path};
use crate::{every_call, trial};

/// What is run, and with it the stack that it starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Up,
    Update,
    /// `up` after the role was deleted: the new one has its name and another ID.
    Renew,
    Down,
    Rollback,
    /// `up` after all names but that of the role were changed.
    Rename,
    /// `down` after that.
    DownRenamed,
    /// `down` only of what had the old names.
    Undeclared,
}

/// A world with a local cloud in a process of its own, as a command finds it.
pub struct Start {
    pub world: World,
    pub cloud: CloudProcess,
}

impl Command {
    pub const ALL: [Command; 8] = [
        Command::Up,
        Command::Update,
        Command::Renew,
        Command::Down,
        Command::Rollback,
        Command::Rename,
        Command::DownRenamed,
        Command::Undeclared,
    ];

    /// As in the names of tests.
    pub fn name(self) -> &'static str {
        match self {
            Command::Up => "up",
            Command::Update => "update",
            Command::Renew => "renew",
            Command::Down => "down",
            Command::Rollback => "rollback",
            Command::Rename => "rename",
            Command::DownRenamed => "down_renamed",
            Command::Undeclared => "undeclared",
        }
    }

    pub fn start(self) -> Start {
        let world = match self {
            Command::Up => World::new(),
            Command::Update | Command::Renew | Command::Down | Command::Rename => {
                World::standing(Standing::Ridden)
            }
            Command::Rollback => World::standing(Standing::TwoVersions),
            Command::DownRenamed | Command::Undeclared => World::standing(Standing::Renamed),
        };
        if self.is_renamed() {
            world.declare(RENAMED);
        }
        let cloud = world.cloud();
        if self == Command::Renew {
            by_hand(&cloud, delete_role);
        }
        Start { world, cloud }
    }

    fn is_renamed(self) -> bool {
        matches!(
            self,
            Command::Rename | Command::DownRenamed | Command::Undeclared
        )
    }

    pub fn args(self) -> Vec<&'static str> {
        let up = ["up", "--local", "--artifact", artifact_path()];
        let down = ["down", "--local", "--delete-data", "--yes"];
        match self {
            Command::Up => up.to_vec(),
            // The policies of a role that the run before has created anew give access to a function that is in use.
            Command::Renew | Command::Rename => [&up[..], &["--yes"]].concat(),
            Command::Update => [&up[..], self.flags()].concat(),
            Command::Down | Command::DownRenamed => down.to_vec(),
            Command::Undeclared => [&down[..], &["--undeclared", "--wait-limit", "4"]].concat(),
            Command::Rollback => vec!["rollback", "--local"],
        }
    }

    /// Of an `up` that declares something else than the stack was put up with.
    fn flags(self) -> &'static [&'static str] {
        match self {
            Command::Update => &["--memory", "256", "--retention-days", "7"],
            _ => &[],
        }
    }
}

impl Start {
    pub fn command(&self, command: Command) -> process::Command {
        self.world.command(&command.args())
    }

    /// After whatever happened, the same command ends well, and what it promises is so.
    pub fn converges(&self, command: Command, row: &str) {
        self.world.point_at(self.cloud.keys(), &self.cloud.url);
        let check = |run: Run| {
            assert_eq!(
                run.code, 0,
                "{row}\nstdout:\n{}\nstderr:\n{}",
                run.stdout, run.stderr
            );
            run
        };
        match command {
            Command::Up
            | Command::Update
            | Command::Renew
            | Command::Rename
            | Command::Undeclared => {
                check(Run::of(&mut self.command(command)));
                let plan = [&["--exit-code"], command.flags()].concat();
                check(self.world.plan(&plan));
            }
            // After a killed rollback: the old or the new version, both proven.
            Command::Rollback => {
                let ride = check(self.world.local(&["invoke", "--at", "0,0"]));
                assert!(
                    ride.stderr.contains("returned 201"),
                    "{row}\n{}",
                    ride.stderr
                );
            }
            Command::Down | Command::DownRenamed => {}
        }
        if matches!(
            command,
            Command::Update | Command::Renew | Command::Rollback
        ) {
            let rides = check(self.world.local(&["rides", "--all"]));
            assert!(
                rides.stdout.contains("the_username"),
                "{row}: the ride is lost"
            );
        }
        self.goes_down(command, row);
    }

    /// `down` leaves nothing behind.
    fn goes_down(&self, command: Command, row: &str) {
        let mut args = vec!["down", "--delete-data", "--yes"];
        if command.is_renamed() {
            // It waits until what the killed run has deleted certainly does not exist.
            args.extend(["--wait-limit", "4"]);
        }
        let down = self.world.local(&args);
        assert_eq!(down.code, 0, "{row}\n{}\n{}", down.stdout, down.stderr);
        let status = self.world.local(&["status"]).never_says("healthy");
        assert_eq!(status.code, 0, "{row}\n{}", status.stderr);
        let names = by_hand(&self.cloud, all_names);
        assert!(names.is_empty(), "{row}: {names:?}");
    }
}

/// A test for each row: `crash::up::kill_before::lambda_CreateFunction`.
pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for command in [Command::Up, Command::Down] {
        // The client gives up only after some seconds of trying; the normal run has one call of three.
        let rows = before_and_after(command, 3);
        trials.extend(rows.map(|(call, when)| {
            let name = format!("cloud_killed_{}", when.name());
            row(command, &name, call, move |row| {
                cloud_killed(command, call, when, row);
            })
        }));
    }
    for (command, fault) in [
        (Command::Up, Fault::Error),
        (Command::Up, Fault::Throttle),
        (Command::Up, Fault::Drop(When::After)),
        (Command::Renew, Fault::Drop(When::After)),
        (Command::Down, Fault::Drop(When::After)),
        (Command::Rollback, Fault::Drop(When::After)),
    ] {
        let name = match fault {
            Fault::Error => "failed_once",
            Fault::Throttle => "throttled_once",
            _ => "response_lost",
        };
        trials.extend(rows(command).map(|call| {
            let at = At::Later(call.earlier, call.name);
            row(command, name, call, move |row| {
                survives(command, &[(at, fault)], row);
            })
        }));
    }
    for command in Command::ALL {
        trials.extend(before_and_after(command, 1).map(|(call, when)| {
            row(
                command,
                &format!("kill_{}", when.name()),
                call,
                move |row| {
                    killed(command, call, when, sigkill, row);
                },
            )
        }));
    }
    // The rows above killed the same requests; the normal run has one call of three.
    trials.extend(before_and_after(Command::Renew, 3).map(|(call, when)| {
        let name = format!("down_after_kill_{}", when.name());
        row(Command::Renew, &name, call, move |row| {
            let start = killed_at(Command::Renew, call, when, sigkill, row);
            start.world.point_at(start.cloud.keys(), &start.cloud.url);
            start.goes_down(Command::Renew, row);
        })
    }));
    // Other names than those that the killed run declared; and none.
    trials.extend(before_and_after(Command::Rename, 1).map(|(call, when)| {
        let name = format!("back_after_kill_{}", when.name());
        row(Command::Rename, &name, call, move |row| {
            let start = killed_at(Command::Rename, call, when, sigkill, row);
            start.world.declare("");
            start.world.point_at(start.cloud.keys(), &start.cloud.url);
            // It waits until what was to be created certainly does not exist.
            start.world.up(&["--yes", "--wait-limit", "4"]).ok();
            // The ride is in the first table still.
            start.converges(Command::Renew, row);
        })
    }));
    trials.extend(before_and_after(Command::Rename, 3).map(|(call, when)| {
        let name = format!("down_after_kill_{}", when.name());
        row(Command::Rename, &name, call, move |row| {
            let start = killed_at(Command::Rename, call, when, sigkill, row);
            start.world.point_at(start.cloud.keys(), &start.cloud.url);
            // The request that was held may be carried out during the first one.
            start.world.local(&["down", "--delete-data", "--yes"]);
            start.goes_down(Command::Rename, row);
        })
    }));
    // Being asked to stop differs from dying only in what ends first.
    trials.extend(before_and_after(Command::Up, 2).map(|(call, when)| {
        let name = format!("stop_{}", when.name());
        row(Command::Up, &name, call, move |row| {
            killed(Command::Up, call, when, sigterm, row);
        })
    }));
    trials
}

fn row(
    command: Command,
    what: &str,
    call: Call,
    test: impl FnOnce(&str) + Send + 'static,
) -> Trial {
    let name = format!("crash::{}::{what}::{}", command.name(), call.id());
    trial(name.clone(), move || test(&name))
}

/// Both moments of the rows, or of one row in so many. After a read there is what is before the next
/// call.
fn before_and_after(command: Command, one_in: usize) -> impl Iterator<Item = (Call, When)> {
    let rows = rows(command).step_by(if every_call() { 1 } else { one_in });
    rows.flat_map(|call| {
        let after = (!reads(call.name)).then_some(When::After);
        let moments = [Some(When::Before), after].into_iter().flatten();
        moments.map(move |when| (call, when))
    })
}

impl When {
    pub fn name(self) -> &'static str {
        match self {
            When::Before => "before",
            When::After => "after",
        }
    }
}

fn killed(command: Command, call: Call, when: When, how: fn(&mut Child), row: &str) {
    killed_at(command, call, when, how, row).converges(command, row);
}

fn killed_at(command: Command, call: Call, when: When, how: fn(&mut Child), row: &str) -> Start {
    let start = command.start();
    let fault = (At::Later(call.earlier, call.name), Fault::Hold(when));
    let proxy = start.world.behind(&start.cloud, &[fault]);
    let mut child = spawn(start.command(command));
    let reached = proxy.wait_for_hold(|| matches!(child.try_wait(), Ok(Some(_))));
    assert!(reached, "{row}: the call is never made");
    how(&mut child);
    proxy.release();
    child.wait().expect("a process of this test");
    start
}

/// The cloud dies instead, and starts again on what it had saved.
fn cloud_killed(command: Command, call: Call, when: When, row: &str) {
    let mut start = command.start();
    let fault = (At::Later(call.earlier, call.name), Fault::Hold(when));
    let proxy = start.world.behind(&start.cloud, &[fault]);
    let mut tool = start.command(command);
    // Without a limit, a test ride that gets no response is repeated for two minutes.
    tool.args(["--wait-limit", "5"]);
    let mut child = spawn(tool);
    let reached = proxy.wait_for_hold(|| matches!(child.try_wait(), Ok(Some(_))));
    assert!(reached, "{row}: the call is never made");
    start.cloud.kill();
    proxy.release();
    child.wait().expect("a process of this test");
    start.cloud = start.world.cloud();
    start.converges(command, row);
}

/// The run may fail, as long as the next one converges.
pub fn survives(command: Command, faults: &[(At, Fault)], row: &str) {
    let start = command.start();
    let _proxy = start.world.behind(&start.cloud, faults);
    Run::of(&mut start.command(command));
    start.converges(command, row);
}

fn spawn(mut command: process::Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the binary starts")
}

fn sigkill(child: &mut Child) {
    child.kill().expect("a process of this test");
}

/// The call in flight ends, then the run.
fn sigterm(child: &mut Child) {
    let pid = child.id().to_string();
    let killed = process::Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .expect("kill");
    assert!(killed.success());
}
