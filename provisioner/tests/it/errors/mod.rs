//! docs/errors.md holds row by row: each error is brought about, told as the page says, and its hint,
//! pasted, does what it promises.

mod access;
mod build;
mod by_hand;
mod local;
mod page;
mod refusals;
mod releasing;
mod running;
mod shell;
mod usage;

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;

use crate::cloud::CloudProcess;
use crate::world::{Run, World};
use page::Row;
use shell::Shell;

/// The id of a row, and what brings its error about.
type Scenario = (&'static str, fn(&Scene<'_>));

/// Where the scenarios of one file take place, one after the other.
struct Place {
    empty: World,
    standing: OnceCell<(World, CloudProcess)>,
}

struct Scene<'a> {
    place: &'a Place,
    row: &'a Row,
    was_told: Cell<bool>,
}

impl Scene<'_> {
    /// In a folder with nothing in it but what the scenarios leave.
    fn shell(&self) -> Shell<'_> {
        Shell::new(&self.place.empty)
    }

    /// Where the stack is up, in a cloud of its own process. A scenario leaves it whole.
    fn standing(&self) -> (Shell<'_>, &World, &CloudProcess) {
        let (world, cloud) = self.place.standing.get_or_init(|| {
            let world = World::new();
            let cloud = world.cloud();
            world.up(&[]).ok();
            (world, cloud)
        });
        // Whatever proxy was in between is out of the way.
        world.point_at(cloud.keys(), &cloud.url);
        (Shell::new(world), world, cloud)
    }

    /// The run tells what the page says; the commands in its hint are handed back.
    #[track_caller]
    fn told_by(&self, run: &Run) -> Vec<String> {
        self.was_told.set(true);
        self.row.is_told_by(run)
    }
}

fn hold(scenarios: &[Scenario]) {
    let place = Place {
        empty: World::new(),
        standing: OnceCell::new(),
    };
    for (id, bring_about) in scenarios {
        let row = page::rows().iter().find(|row| row.id == *id);
        let scene = Scene {
            place: &place,
            row: row.unwrap_or_else(|| panic!("docs/errors.md has no row `{id}`")),
            was_told: Cell::new(false),
        };
        bring_about(&scene);
        assert!(scene.was_told.get(), "{id} compares nothing");
    }
}

#[test]
fn each_row_has_a_scenario_and_each_scenario_a_row() {
    let files = [
        usage::SCENARIOS,
        access::SCENARIOS,
        refusals::SCENARIOS,
        running::SCENARIOS,
        releasing::SCENARIOS,
        build::SCENARIOS,
        local::SCENARIOS,
    ];
    let scenarios: Vec<&str> = files.concat().into_iter().map(|(id, _)| id).collect();
    let rows: Vec<&str> = page::rows().iter().map(|row| row.id.as_str()).collect();
    for ids in [&scenarios, &rows] {
        let distinct: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "an id stands twice: {ids:?}");
    }
    let set = |ids: Vec<&'static str>| ids.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(set(rows), set(scenarios));
}

#[test]
fn what_cannot_be_read_is_told() {
    hold(usage::SCENARIOS);
}

#[test]
fn what_keeps_the_cloud_away_is_told() {
    hold(access::SCENARIOS);
}

#[test]
fn what_is_refused_is_told() {
    hold(refusals::SCENARIOS);
}

#[test]
fn what_goes_wrong_on_the_way_is_told() {
    hold(running::SCENARIOS);
}

#[test]
fn what_keeps_a_function_from_going_live_is_told() {
    hold(releasing::SCENARIOS);
}

#[test]
fn what_cannot_be_built_is_told() {
    hold(build::SCENARIOS);
}

#[test]
fn what_ails_the_local_cloud_is_told() {
    hold(local::SCENARIOS);
}
