//! The life cycle in the local cloud's weather, on a clock that takes no time.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::Parser as _;
use provisioner::cli::Cli;
use provisioner::clock::{Clock as _, VirtualClock};
use provisioner::commands::{self, Outcome};
use provisioner::error::{Error, Exit};
use provisioner::session::Session;
use provisioner::wait::Stop;
use serde_json::Value;

use crate::world::{World, artefact_path};

/// Commands of one world in one weather, all on one clock.
struct Weather {
    world: World,
    name: &'static str,
    seed: String,
    clock: VirtualClock,
}

impl Weather {
    fn new(name: &'static str, seed: u64) -> Weather {
        Weather {
            world: World::new(),
            name,
            seed: seed.to_string(),
            clock: VirtualClock::starting_at(SystemTime::now()),
        }
    }

    async fn run(&self, args: &[&str]) -> Outcome {
        let folder = self.world.path().join(".provision/local");
        let folder = folder.to_str().expect("UTF-8");
        let local = ["--local", "--local-dir", folder, "--yes"];
        let weather = ["--weather", self.name, "--weather-seed", &self.seed];
        let cli = [&["provision"], args, &local, &weather].concat();
        let cli = Cli::try_parse_from(cli).expect("a command line");
        let (_stopper, stop) = Stop::new();
        let session = Session::new(&cli.global, Arc::new(self.clock.clone()), stop)?;
        commands::run(cli.command, &session).await
    }

    #[track_caller]
    fn done(&self, what: &str, outcome: Outcome) {
        match outcome {
            Ok(exit) => assert_eq!(exit, Exit::Done, "{what} in {} {}", self.name, self.seed),
            Err(errors) => panic!("{what} in {} {}: {}", self.name, self.seed, told(&errors)),
        }
    }

    async fn up(&self, flags: &[&str]) {
        let up = [&["up", "--artifact", artefact_path()], flags].concat();
        self.done("up", self.run(&up).await);
        // Nothing left to do.
        let plan = [
            &["plan", "--exit-code", "--artifact", artefact_path()],
            flags,
        ]
        .concat();
        self.done("plan", self.run(&plan).await);
    }

    async fn down(&self) {
        self.done("down", self.run(&["down", "--delete-data"]).await);
        let path = self.world.path().join(".provision/local/state/state.json");
        let state = std::fs::read_to_string(path).expect("the cloud's state");
        let state: Value = serde_json::from_str(&state).expect("JSON");
        let region = &state["regions"]["us-east-1"];
        for what in [
            &state["iam"]["roles"],
            &region["functions"],
            &region["log_groups"],
        ] {
            assert_eq!(
                what.as_object().map(serde_json::Map::len),
                Some(0),
                "{state}"
            );
        }
        let mut tables = region["tables"].as_object().expect("tables").values();
        assert!(tables.all(|table| table["gone_at"].is_i64()), "{state}");
    }

    /// How long this took on its clock.
    async fn timed(&self, work: impl Future<Output = ()>) -> Duration {
        let started = self.clock.now();
        work.await;
        let took = self.clock.now().duration_since(started);
        took.expect("time goes on")
    }
}

/// With the causes.
fn told(errors: &[Error]) -> String {
    format!("{errors:#?}")
}

async fn converges(name: &'static str, seed: u64) {
    let weather = Weather::new(name, seed);
    weather.up(&[]).await;
    weather
        .up(&["--memory", "256", "--retention-days", "7"])
        .await;
    weather.down().await;
}

#[tokio::test]
async fn the_life_cycle_takes_its_time_in_aws_weather() {
    let weather = Weather::new("aws", 1);
    let first = weather.timed(weather.up(&[])).await;
    // A role alone takes 5 to 10 s.
    assert!(first >= Duration::from_secs(5), "{first:?}");
    assert!(first < Duration::from_secs(60), "{first:?}");
    let second = weather.timed(weather.up(&[])).await;
    assert!(second < Duration::from_secs(1), "{second:?}");
    let down = weather.timed(weather.down()).await;
    assert!(down >= Duration::from_secs(4), "{down:?}");
}

#[tokio::test]
async fn an_update_converges_in_aws_weather() {
    converges("aws", 2).await;
}

#[tokio::test]
async fn an_update_converges_in_a_storm() {
    for seed in storm_seeds() {
        converges("storm", seed).await;
    }
}

/// `PROVISION_TEST_STORM_SEEDS=1..50`: every one is some hundred calls and uploads.
fn storm_seeds() -> RangeInclusive<u64> {
    let asked = std::env::var("PROVISION_TEST_STORM_SEEDS").ok();
    let asked = asked.as_deref().and_then(|seeds| seeds.split_once(".."));
    let number = |text: &str| text.parse().expect("a seed");
    asked.map_or(2..=2, |(first, last)| number(first)..=number(last))
}

#[test]
fn weather_is_for_the_embedded_cloud() {
    let world = World::new();
    world
        .run(&["status", "--weather", "aws", "--region", "eu-west-1"])
        .exits(2)
        .says("add `--local`");
    let _cloud = world.cloud();
    world
        .local(&["status", "--weather", "aws"])
        .exits(2)
        .says("leave the flag out");
}
