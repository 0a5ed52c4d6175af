//! The life cycle in the local cloud's weather, on a clock that takes no time.

use std::cell::Cell;
use std::io::{Cursor, Write as _};
use std::time::Duration;

use provisioner::commands::Outcome;
use provisioner::error::{Error, Exit};
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::in_process::{InProcess, told};
use crate::seeds::{on_every_core, seeds};
use crate::world::{World, artefact_path};

/// Commands in one kind of weather.
struct Weather {
    commands: InProcess,
    name: &'static str,
    seed: u64,
    /// So far: each has weather of its own, or a call that fails would fail in every command.
    count: Cell<u64>,
    /// What `up` and `plan` are told of the function.
    function: Vec<String>,
}

impl Weather {
    fn new(name: &'static str, seed: u64) -> Weather {
        Weather {
            commands: InProcess::new(),
            name,
            seed,
            count: Cell::new(0),
            function: vec!["--artifact".to_owned(), artefact_path().to_owned()],
        }
    }

    /// With a function that can't run, so without test rides: a fifth of the work.
    fn without_rides(name: &'static str, seed: u64) -> Weather {
        let mut weather = Weather::new(name, seed);
        let path = weather
            .commands
            .world
            .write("function.zip", zip_of_headers());
        let path = path.display().to_string();
        weather.function = vec!["--artifact".to_owned(), path, "--skip-test-ride".to_owned()];
        weather
    }

    async fn run(&self, args: &[&str]) -> Outcome {
        let number = self.count.replace(self.count.get() + 1);
        let seed = (self.seed * 1000 + number).to_string();
        let weather = ["--weather", self.name, "--weather-seed", &seed];
        self.commands.run(&[args, &weather].concat()).await
    }

    #[track_caller]
    fn done(&self, what: &str, outcome: Outcome) {
        match outcome {
            Ok(exit) => assert_eq!(exit, Exit::Done, "{what} in {} {}", self.name, self.seed),
            Err(errors) => panic!("{what} in {} {}: {}", self.name, self.seed, told(&errors)),
        }
    }

    async fn up(&self, flags: &[&str]) {
        let function: Vec<&str> = self.function.iter().map(String::as_str).collect();
        let up = [&["up"], &function[..], flags].concat();
        self.done("up", self.run(&up).await);
        // Nothing left to do.
        let plan = [&["plan", "--exit-code"], &function[..], flags].concat();
        self.done("plan", self.run(&plan).await);
    }

    fn rides(&self) -> bool {
        !self.function.iter().any(|flag| flag == "--skip-test-ride")
    }

    /// A rider tries again, too.
    async fn ride(&self) {
        for _ in 0..5 {
            if self.run(&["invoke", "--at", "47.61,-122.33"]).await.is_ok() {
                return;
            }
        }
        panic!("no ride in {} {}", self.name, self.seed);
    }

    async fn refuses_to_lose_the_ride(&self) {
        let errors = self.run(&["down"]).await.expect_err("there is a ride");
        let refused = |error: &Error| error.exit == Exit::Refused && error.text.contains("ride");
        assert!(errors.iter().all(refused), "{}", told(&errors));
    }

    async fn down(&self) {
        self.done("down", self.run(&["down", "--delete-data"]).await);
        let path = self
            .commands
            .world
            .path()
            .join(".provision/local/state/state.json");
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
        let before = self.commands.age();
        work.await;
        self.commands.age() - before
    }
}

/// Made, ridden, changed, gone, and under the same names once more.
async fn converges(weather: &Weather) {
    weather.up(&[]).await;
    if weather.rides() {
        weather.ride().await;
    }
    weather
        .up(&["--memory", "256", "--retention-days", "7"])
        .await;
    if weather.rides() {
        weather.refuses_to_lose_the_ride().await;
    }
    weather.down().await;
    weather.up(&[]).await;
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
async fn the_life_cycle_converges_in_aws_weather() {
    converges(&Weather::new("aws", 2)).await;
}

/// Two seeds of five take real rides. `PROVISION_TEST_STORM_SEEDS=1..1000` in `.ci/long`.
#[test]
fn the_life_cycle_converges_in_every_storm() {
    on_every_core(seeds("PROVISION_TEST_STORM_SEEDS", 1..=50), |seed| {
        let weather = match seed % 5 {
            0 | 1 => Weather::new("storm", seed),
            _ => Weather::without_rides("storm", seed),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        runtime.block_on(converges(&weather));
        tell(&weather);
    });
}

/// Shown with `--nocapture`.
#[expect(clippy::disallowed_macros, reason = "a test's own output")]
fn tell(weather: &Weather) {
    let rides = if weather.rides() {
        "with rides"
    } else {
        "without rides"
    };
    println!(
        "converged  {} {:4}  {rides}  {:4} s on its clock",
        weather.name,
        weather.seed,
        weather.commands.age().as_secs()
    );
}

/// A program that is nothing but an ELF header and one segment.
pub fn zip_of_headers() -> Vec<u8> {
    let machine: u8 = if cfg!(target_arch = "aarch64") {
        0xb7
    } else {
        0x3e
    };
    let mut elf = vec![0; 120];
    elf[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    // EXEC, the machine, version 1; the program headers at 64, one of 56 bytes; PT_LOAD of it all.
    for (at, value) in [
        (16, 2),
        (18, machine),
        (20, 1),
        (32, 64),
        (52, 64),
        (54, 56),
        (56, 1),
        (64, 1),
        (96, 120),
        (104, 120),
    ] {
        elf[at] = value;
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let executable = SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("bootstrap", executable).expect("a zip");
    zip.write_all(&elf).expect("a zip");
    zip.finish().expect("a zip").into_inner()
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
        .says("omit the flag");
}
