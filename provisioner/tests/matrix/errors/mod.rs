//! docs/errors.md row by row: a test brings the error about, compares what is printed with the page, and
//! pastes the hint's commands into a shell, where they must do what the hint promises.

mod access;
mod build;
pub mod by_hand;
mod certifying;
mod credentials;
mod local;
mod page;
mod preflight;
mod refusals;
mod releasing;
mod running;
mod shell;
mod usage;

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;

use libtest_mimic::Trial;

use crate::cloud::CloudProcess;
use crate::standing::Standing;
use crate::trial;
use crate::world::{Run, World};
use page::Row;
use shell::Shell;

/// The id of a row, and what brings its error about.
type Scenario = (&'static str, fn(&Case));

const GROUPS: [(&str, &[Scenario]); 10] = [
    ("usage", usage::SCENARIOS),
    ("access", access::SCENARIOS),
    ("credentials", credentials::SCENARIOS),
    ("preflight", preflight::SCENARIOS),
    ("refusals", refusals::SCENARIOS),
    ("running", running::SCENARIOS),
    ("releasing", releasing::SCENARIOS),
    ("certifying", certifying::SCENARIOS),
    ("build", build::SCENARIOS),
    ("local", local::SCENARIOS),
];

/// One row, and where its scenario takes place.
struct Case {
    row: &'static Row,
    empty: World,
    standing: OnceCell<(World, CloudProcess)>,
    was_told: Cell<bool>,
}

impl Case {
    /// In an empty folder.
    fn shell(&self) -> Shell<'_> {
        Shell::new(&self.empty)
    }

    /// Where the stack is up, in a cloud of its own process.
    fn standing(&self) -> (Shell<'_>, &World, &CloudProcess) {
        let (world, cloud) = self.standing.get_or_init(|| {
            let world = World::standing(Standing::Up);
            let cloud = world.cloud();
            (world, cloud)
        });
        // Without the proxy of an earlier step.
        world.point_at(cloud.keys(), &cloud.url);
        (Shell::new(world), world, cloud)
    }

    /// The run prints what the page says; returns the commands in its hint.
    #[track_caller]
    fn told_by(&self, run: &Run) -> Vec<String> {
        self.was_told.set(true);
        self.row.is_told_by(run)
    }
}

/// A test for each row: `errors::access::denied`.
pub fn trials() -> Vec<Trial> {
    let scenarios = GROUPS.iter().flat_map(|(group, scenarios)| {
        let scenarios = scenarios.iter();
        scenarios.map(move |(id, scenario)| (group, *id, *scenario))
    });
    let rows = scenarios.map(|(group, id, scenario)| {
        trial(format!("errors::{group}::{id}"), move || {
            hold(id, scenario);
        })
    });
    let mut trials: Vec<Trial> = rows.collect();
    trials.push(trial(
        "errors::each_row_has_a_scenario_and_each_scenario_a_row",
        || {
            each_row_has_a_scenario_and_each_scenario_a_row();
        },
    ));
    trials.push(trial(
        "errors::a_placeholder_stands_for_anything_and_the_rest_for_itself",
        || {
            page::a_placeholder_stands_for_anything_and_the_rest_for_itself();
        },
    ));
    trials
}

fn hold(id: &'static str, scenario: fn(&Case)) {
    let row = page::rows().iter().find(|row| row.id == id);
    let case = Case {
        row: row.unwrap_or_else(|| panic!("docs/errors.md has no row `{id}`")),
        empty: World::new(),
        standing: OnceCell::new(),
        was_told: Cell::new(false),
    };
    scenario(&case);
    assert!(case.was_told.get(), "{id} compares nothing");
}

fn each_row_has_a_scenario_and_each_scenario_a_row() {
    let scenarios = GROUPS.iter().flat_map(|(_, scenarios)| *scenarios);
    let scenarios: Vec<&str> = scenarios.map(|(id, _)| *id).collect();
    let rows: Vec<&str> = page::rows().iter().map(|row| row.id.as_str()).collect();
    for ids in [&scenarios, &rows] {
        let distinct: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "an id stands twice: {ids:?}");
    }
    let set = |ids: Vec<&'static str>| ids.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(set(rows), set(scenarios));
}
