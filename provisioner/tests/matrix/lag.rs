//! A first `up` that is killed before or after one of its changes, in a cloud that finds and shows
//! everything late: the next `up` converges. `crash` has these rows in a cloud without delays.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use libtest_mimic::Trial;
use local_cloud::{FaultProfile, Requests, Span};
use provisioner::commands::Outcome;
use provisioner::error::Exit;

use crate::artifact::zip_of_headers;
use crate::in_process::{InWeather, told};
use crate::proxy::When;
use crate::trial;

/// The changes of a first `up` that takes no test ride.
const CHANGES: [&str; 9] = [
    "dynamodb:CreateTable",
    "dynamodb:UpdateContinuousBackups",
    "iam:CreateRole",
    "iam:PutRolePolicy",
    "lambda:CreateAlias",
    "lambda:CreateFunction",
    "lambda:PublishVersion",
    "logs:CreateLogGroup",
    "logs:PutRetentionPolicy",
];

/// A test for each change: `lag::killed_after::iam_CreateRole`.
pub fn trials() -> Vec<Trial> {
    let rows = [When::Before, When::After].into_iter().flat_map(|when| {
        let rows = CHANGES.into_iter();
        rows.map(move |change| (when, change))
    });
    let trials = rows.map(|(when, change)| {
        let row = format!("lag::killed_{}::{}", when.name(), change.replace(':', "_"));
        trial(row.clone(), move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let runtime = runtime.expect("a runtime");
            runtime.block_on(killed(when, change, &row));
        })
    });
    trials.collect()
}

async fn killed(when: When, change: &str, row: &str) {
    let world = InWeather::new(everything_late()).await;
    assert!(first_up(&world, when, change).await, "{row}: never reached");
    for command in ["up", "plan"] {
        match run(&world, command).await {
            Ok(exit) => assert_eq!(exit, Exit::Done, "{row}: {command}"),
            Err(errors) => panic!("{row}: {command}: {}", told(&errors)),
        }
    }
}

/// Runs `up` until its change is called or, for `After`, until the call that follows. False if it never is.
async fn first_up(world: &InWeather, when: When, change: &str) -> bool {
    let mut up = pin!(run(world, "up"));
    let mut called_at = None;
    poll_fn(|context| {
        let requests = world.requests();
        if called_at.is_none() && requests.mutating.contains_key(change) {
            called_at = Some(all(&requests));
        }
        let reached = match when {
            When::Before => called_at.is_some(),
            When::After => called_at.is_some_and(|at| at < all(&requests)),
        };
        if reached {
            return Poll::Ready(true);
        }
        up.as_mut().poll(context).map(|_| false)
    })
    .await
}

fn all(requests: &Requests) -> u64 {
    requests.reads() + requests.mutations()
}

async fn run(world: &InWeather, command: &str) -> Outcome {
    let zip = zip_of_headers();
    let path = world.commands.world.write("function.zip", zip);
    let path = path.to_str().expect("UTF-8");
    let flags = ["--stage", "prod", "--skip-test-ride", "--artifact", path];
    let exit_code = (command == "plan").then_some("--exit-code");
    let args: Vec<&str> = [command]
        .into_iter()
        .chain(flags)
        .chain(exit_code)
        .collect();
    world.commands.run(&args).await
}

/// Delays as at AWS, each time: for what is polled often the shorter ones, for what lags the longer ones.
fn everything_late() -> FaultProfile {
    let seconds = |seconds: u64| Span::millis(seconds * 1000, seconds * 1000);
    FaultProfile {
        table_creating: seconds(1),
        backups_found: seconds(1),
        backups_unavailable: seconds(2),
        recovery_shown: seconds(6),
        tags_visible: seconds(3),
        role_assumable: seconds(6),
        role_found: seconds(8),
        role_changeable: seconds(4),
        role_arn_shown: seconds(10),
        policy_shown: seconds(8),
        function_pending: seconds(1),
        function_found: seconds(4),
        version_found: seconds(4),
        alias_found: seconds(4),
        function_tags_shown: seconds(4),
        group_found: seconds(3),
        retention_shown: seconds(6),
        ..FaultProfile::calm()
    }
}
