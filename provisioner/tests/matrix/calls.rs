//! The calls that a command makes when nothing goes wrong: the rows of the matrix.
//!
//! They stand in a list beside this file, so that no command has to run before a row has a name.

use std::path::Path;

use libtest_mimic::Trial;

use crate::crash::Command;
use crate::proxy::reads;
use crate::world::Run;
use crate::{every_call, trial};

const LISTS: &str = include_str!("calls.txt");

/// One call of a run that goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// `iam_PutRolePolicy`
    pub name: &'static str,
    /// Calls of the same name before it in the run.
    pub earlier: usize,
}

impl Call {
    /// The second `iam_PutRolePolicy` of a run is `iam_PutRolePolicy_2`.
    pub fn id(self) -> String {
        match self.earlier {
            0 => self.name.to_owned(),
            earlier => format!("{}_{}", self.name, earlier + 1),
        }
    }
}

/// All calls of a command, by the list.
pub fn calls(command: Command) -> Vec<Call> {
    let names: Vec<&'static str> = listed(command).collect();
    let calls = names.iter().enumerate().map(|(index, name)| Call {
        name,
        earlier: names[..index].iter().filter(|other| *other == name).count(),
    });
    calls.collect()
}

/// Those worth a row of the matrix: the changing ones, or all of them.
pub fn rows(command: Command) -> impl Iterator<Item = Call> {
    let calls = calls(command).into_iter();
    calls.filter(|call| every_call() || !reads(call.name))
}

/// The lines between the command's heading and the next.
fn listed(command: Command) -> impl Iterator<Item = &'static str> {
    let heading = format!("{}:", command.name());
    let lines = LISTS.lines().skip_while(move |line| *line != heading);
    let lines = lines.skip(1).take_while(|line| !line.ends_with(':'));
    lines.map(str::trim).filter(|line| !line.is_empty())
}

/// Runs each command and compares its calls with the list. `INSTA_UPDATE=always` writes the list.
pub fn trials() -> Vec<Trial> {
    vec![trial("calls::the_list_is_what_the_commands_call", || {
        let recorded = Command::ALL.map(|command| (command, recorded(command)));
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            let lists = recorded.map(|(command, calls)| {
                format!("{}:\n    {}\n", command.name(), calls.join("\n    "))
            });
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/matrix/calls.txt");
            std::fs::write(path, lists.concat()).expect("the list");
            return;
        }
        for (command, mut calls) in recorded {
            let mut listed: Vec<&str> = listed(command).collect();
            // Reads are made at once and arrive in any order.
            calls.sort_unstable();
            listed.sort_unstable();
            assert_eq!(
                calls, listed,
                "{command:?} makes other calls (left) than tests/matrix/calls.txt says (right); if \
                 it should, run this test with INSTA_UPDATE=always"
            );
        }
    })]
}

fn recorded(command: Command) -> Vec<String> {
    let start = command.start();
    let proxy = start.world.behind(&start.cloud, &[]);
    let run = Run::of(&mut start.command(command));
    assert_eq!(run.code, 0, "{command:?}\n{}\n{}", run.stdout, run.stderr);
    proxy.names()
}
