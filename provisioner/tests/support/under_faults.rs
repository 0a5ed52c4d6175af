//! The life cycle of a stack in a local cloud that injects faults, on a clock that takes no time.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use provisioner::commands::Outcome;
use provisioner::error::{Error, Exit};
use serde_json::Value;

use crate::artifact::zip_of_headers;
use crate::in_process::{InProcess, told};
use crate::world::artifact_path;

/// Commands, all under the same fault profile.
pub struct UnderFaults {
    pub commands: InProcess,
    name: &'static str,
    seed: u64,
    /// Commands so far. Each has a seed of its own, or a call that fails would fail in every command.
    count: Cell<u64>,
    /// Flags of `up` and `plan` that name the function.
    function: Vec<String>,
}

impl UnderFaults {
    pub fn new(name: &'static str, seed: u64) -> UnderFaults {
        UnderFaults {
            commands: InProcess::new(),
            name,
            seed,
            count: Cell::new(0),
            function: vec!["--artifact".to_owned(), artifact_path().to_owned()],
        }
    }

    /// Without test rides, since its function can't run: a fifth of the work.
    pub fn without_rides(name: &'static str, seed: u64) -> UnderFaults {
        let mut this = UnderFaults::new(name, seed);
        let path = this.commands.world.write("function.zip", zip_of_headers());
        let path = path.display().to_string();
        this.function = vec!["--artifact".to_owned(), path, "--skip-test-ride".to_owned()];
        this
    }

    async fn run(&self, args: &[&str]) -> Outcome {
        let number = self.count.replace(self.count.get() + 1);
        let seed = (self.seed * 1000 + number).to_string();
        let faults = ["--faults", self.name, "--faults-seed", &seed];
        self.commands.run(&[args, &faults].concat()).await
    }

    #[track_caller]
    fn done(&self, what: &str, outcome: Outcome) {
        match outcome {
            Ok(exit) => assert_eq!(exit, Exit::Done, "{what} in {} {}", self.name, self.seed),
            Err(errors) => panic!("{what} in {} {}: {}", self.name, self.seed, told(&errors)),
        }
    }

    pub async fn up(&self, flags: &[&str]) {
        let function: Vec<&str> = self.function.iter().map(String::as_str).collect();
        let up = [&["up"], &function[..], flags].concat();
        self.done("up", self.run(&up).await);
        // Nothing left to do.
        let plan = [&["plan", "--exit-code"], &function[..], flags].concat();
        self.done("plan", self.run(&plan).await);
    }

    /// An `up` that ends after so much time in the middle of whatever it does, as if it were killed. The next
    /// one meets what AWS does not show yet.
    pub async fn up_killed(&self, after: Duration) {
        let function: Vec<&str> = self.function.iter().map(String::as_str).collect();
        let up = [&["up"], &function[..]].concat();
        let mut up = pin!(self.run(&up));
        let end = self.commands.age() + after;
        let killed = poll_fn(|context| {
            if self.commands.age() >= end {
                return Poll::Ready(None);
            }
            up.as_mut().poll(context).map(Some)
        });
        if let Some(outcome) = killed.await {
            self.done("up", outcome);
        }
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

    pub async fn down(&self) {
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
}

/// Creates the stack, takes a ride, updates it, deletes it, and does that once more under the same names.
pub async fn converges(stack: &UnderFaults) {
    stack.up(&[]).await;
    if stack.rides() {
        stack.ride().await;
    }
    stack
        .up(&["--memory", "256", "--retention-days", "7"])
        .await;
    if stack.rides() {
        stack.refuses_to_lose_the_ride().await;
    }
    stack.down().await;
    stack.up(&[]).await;
    stack.down().await;
}
