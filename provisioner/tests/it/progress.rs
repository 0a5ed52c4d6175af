//! What is reported while a run waits: each wait has its resource, plain words, and an end.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use local_cloud::{FaultProfile, Span};
use provisioner::commands;
use provisioner::error::Exit;
use provisioner::report::{Event, Reporter};

use crate::artifact::zip_of_headers;
use crate::in_process::{InWeather, told};

const fn seconds(seconds: u64) -> Span {
    Span::millis(seconds * 1000, seconds * 1000)
}

/// Keeps what is reported about waits, without repetitions.
#[derive(Default)]
struct Waits(RefCell<Vec<String>>);

impl Waits {
    fn add(&self, line: String) {
        let mut lines = self.0.borrow_mut();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
}

impl Reporter for Waits {
    fn report(&self, event: &Event<'_>) {
        match event {
            Event::Waiting { id, status, .. } => {
                let delay = status.delay.map_or("…", |delay| delay.until);
                self.add(format!("{id} waits until {delay}: {}", status.shown));
            }
            Event::Waited { id, took, .. } => {
                self.add(format!("{id} waited {} s", took.as_secs()));
            }
            Event::Settled { id } => self.add(format!("{id} settled")),
            _ => {}
        }
    }

    fn data(&self, _text: &str) {}
}

/// Runs a command, and returns what it reported about waits of the resource.
async fn waits(world: &InWeather, args: &[&str], resource: &str) -> (Exit, Vec<String>) {
    let (cli, mut session) = world.commands.session(args);
    let waits = Rc::new(Waits::default());
    session.reporter = Rc::clone(&waits) as Rc<dyn Reporter>;
    let outcome = Box::pin(commands::run(cli.command, &session)).await;
    let exit = outcome.unwrap_or_else(|errors| panic!("{}", told(&errors)));
    let mut lines = waits.0.take();
    lines.retain(|line| line.starts_with(resource));
    (exit, lines)
}

async fn up(world: &InWeather, resource: &str) -> Vec<String> {
    let zip = world.commands.world.write("function.zip", zip_of_headers());
    let zip = zip.to_str().expect("UTF-8");
    let args = ["up", "--skip-test-ride", "--artifact", zip];
    let (exit, waits) = waits(world, &args, resource).await;
    assert_eq!(exit, Exit::Done);
    waits
}

#[tokio::test]
async fn a_change_says_what_it_waits_for_and_for_how_long_it_did() {
    let world = InWeather::new(FaultProfile {
        role_assumable: seconds(9),
        ..FaultProfile::calm()
    })
    .await;
    assert_eq!(
        up(&world, "function").await,
        [
            "function RequestUnicorn waits until Lambda can use the role: \
             InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.",
            "function RequestUnicorn waited 9 s",
        ]
    );
}

#[tokio::test]
async fn reads_before_the_plan_say_what_is_in_transition() {
    let world = InWeather::new(FaultProfile {
        function_updating: seconds(5),
        ..FaultProfile::calm()
    })
    .await;
    up(&world, "").await;
    let client = aws_sdk_lambda::Client::new(&world.config());
    let request = client.update_function_configuration();
    let request = request.function_name("RequestUnicorn").memory_size(192);
    request.send().await.expect("by hand");
    let waits = up(&world, "function").await;
    assert_eq!(
        waits[..3],
        [
            "function RequestUnicorn waits until the change that is in progress is done: InProgress",
            "function RequestUnicorn waited 5 s",
            "function RequestUnicorn settled",
        ],
        "{waits:?}"
    );
}

#[tokio::test]
async fn the_verification_says_what_is_not_shown_yet() {
    let world = InWeather::new(FaultProfile {
        policy_shown: seconds(8),
        ..FaultProfile::calm()
    })
    .await;
    assert_eq!(
        up(&world, "role").await,
        [
            "role WildRydesLambda waits until AWS shows what was written: \
             `policy DynamoDBWriteAccess`, `policy WriteLogs` not visible yet",
            "role WildRydesLambda waited 8 s",
            "role WildRydesLambda settled",
        ]
    );
}

#[tokio::test]
async fn the_report_of_down_says_what_is_still_listed() {
    let world = InWeather::new(FaultProfile {
        table_deleting: seconds(8),
        ..FaultProfile::calm()
    })
    .await;
    up(&world, "").await;
    // While the table is deleted, another program creates the log group again.
    let logs = aws_sdk_cloudwatchlogs::Client::new(&world.config());
    let later = world.commands.age() + Duration::from_secs(4);
    let by_hand = async {
        world.commands.at(later).await;
        let request = logs.create_log_group();
        let request = request.log_group_name("/aws/lambda/RequestUnicorn");
        request.send().await.expect("by hand");
    };
    let down = waits(&world, &["down"], "log group");
    let ((exit, waits), ()) = futures::future::join(down, by_hand).await;
    assert_eq!(exit, Exit::Failed);
    assert_eq!(
        waits,
        [
            "log group /aws/lambda/RequestUnicorn waits until AWS no longer lists it: still listed",
            "log group /aws/lambda/RequestUnicorn waited 15 s",
            "log group /aws/lambda/RequestUnicorn settled",
        ]
    );
}
