//! `sweep` deletes expired stages, and nothing else.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_lambda::primitives::{DateTime, DateTimeFormat};
use local_cloud::FaultProfile;
use provisioner::commands;
use provisioner::engine::clock::Clock as _;
use provisioner::error::{Exit, exit_of};
use provisioner::report::{Event, Reporter};
use serde_json::Value;

use crate::artifact::zip_of_headers;
use crate::in_process::{InWeather, told};
use crate::schema;

/// What a run of `sweep` needs in a debug build, whose frames are large: twice what a thread has by default.
const STACK: usize = 4 * 1024 * 1024;

fn with_room(test: impl AsyncFnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(test());
    });
    if let Err(panic) = thread.expect("a thread").join() {
        std::panic::resume_unwind(panic);
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Keeps the data, and the texts of what is reported beside progress.
#[derive(Default)]
struct Recorder(RefCell<String>, RefCell<String>);

impl Reporter for Recorder {
    fn report(&self, event: &Event<'_>) {
        if let Event::Info { text } | Event::Warning { text } = event {
            self.1.borrow_mut().push_str(text);
        }
    }

    fn data(&self, text: &str) {
        self.0.borrow_mut().push_str(text);
    }
}

struct Account {
    world: InWeather,
    zip: String,
}

/// The exit code of a run, its data, and its other texts.
struct Ran {
    exit: Exit,
    data: String,
    texts: String,
}

impl Account {
    async fn new() -> Account {
        let world = InWeather::new(FaultProfile::calm()).await;
        let zip = world.commands.world.write("function.zip", zip_of_headers());
        let zip = zip.to_str().expect("UTF-8").to_owned();
        Account { world, zip }
    }

    async fn up(&self, stage: &str, flags: &[&str]) {
        let up = [
            "up",
            "--artifact",
            &self.zip,
            "--skip-test-ride",
            "--stage",
            stage,
        ];
        let outcome = self.world.commands.run(&[&up, flags].concat()).await;
        assert_eq!(outcome.map_err(|errors| told(&errors)), Ok(Exit::Done));
    }

    async fn later(&self, time: Duration) {
        self.world.commands.clock.sleep(time).await;
    }

    async fn run(&self, command: &str, yes: bool) -> Ran {
        let words: Vec<&str> = command.split(' ').collect();
        let (cli, mut session) = self.world.commands.session(&words);
        let recorder = Rc::new(Recorder::default());
        session.reporter = Rc::clone(&recorder) as Rc<dyn Reporter>;
        session.yes = yes;
        let outcome = Box::pin(commands::run(cli.command, &session)).await;
        let (exit, errors) = match outcome {
            Ok(exit) => (exit, String::new()),
            Err(errors) => (exit_of(&errors), told(&errors)),
        };
        Ran {
            exit,
            data: recorder.0.take(),
            texts: recorder.1.take() + &errors,
        }
    }

    async fn sweep(&self, flags: &str) -> Ran {
        self.run(&format!("sweep --stage p* {flags}"), true).await
    }

    fn config(&self) -> SdkConfig {
        self.world.config()
    }

    async fn tables(&self) -> Vec<String> {
        let client = aws_sdk_dynamodb::Client::new(&self.config());
        let answer = client.list_tables().send().await.expect("the tables");
        answer.table_names.unwrap_or_default()
    }

    /// The day of the tag, counted from the beginning.
    async fn day_of_tag(&self, stage: &str) -> u64 {
        let client = aws_sdk_lambda::Client::new(&self.config());
        let function = format!("RequestUnicorn-{stage}");
        let answer = client.get_function().function_name(function).send().await;
        let answer = answer.expect("the function");
        let time = &answer.tags().expect("tags")["provision:deployed-at"];
        let time = DateTime::from_str(time, DateTimeFormat::DateTime).expect("a time");
        let began = self.world.commands.clock.now() - self.world.commands.age();
        let age = time.secs() - DateTime::from(began).secs();
        u64::try_from(age).expect("not before") / DAY.as_secs()
    }

    async fn put_ride(&self, table: &str) {
        let client = aws_sdk_dynamodb::Client::new(&self.config());
        let request = client.put_item().table_name(table);
        let id = AttributeValue::S("a ride".to_owned());
        let request = request.item("RideId", id).send();
        request.await.expect("a ride");
    }
}

impl Ran {
    fn json(&self) -> Value {
        let document = serde_json::from_str(&self.data).expect("one document");
        schema::check("sweep", &document);
        document
    }

    #[track_caller]
    fn exits(&self, exit: Exit) -> &Ran {
        assert_eq!(self.exit, exit, "{}{}", self.data, self.texts);
        self
    }

    #[track_caller]
    fn says(&self, text: &str) -> &Ran {
        let all = format!("{}{}", self.data, self.texts);
        assert!(all.contains(text), "`{text}` is not in\n{all}");
        self
    }
}

#[test]
fn only_expired_stages_are_deleted() {
    with_room(async || {
        let account = Account::new().await;
        for stage in ["default", "prod", "pr-1", "pr-2", "other"] {
            account.up(stage, &[]).await;
        }
        let logs = aws_sdk_cloudwatchlogs::Client::new(&account.config());
        for stage in ["default", "pr-3"] {
            let request = logs.create_log_group();
            let request = request.log_group_name(format!("/aws/lambda/RequestUnicorn-{stage}"));
            request.send().await.expect("a log group");
        }
        account.later(4 * DAY).await;
        // Nothing to do, so nothing is written: pr-1 stays as old as it is.
        account.up("pr-1", &[]).await;
        account.up("pr-2", &["--memory", "256"]).await;
        account.up("pr-4", &[]).await;
        for (stage, day) in [("pr-1", 0), ("pr-2", 4), ("pr-4", 4)] {
            assert_eq!(account.day_of_tag(stage).await, day, "{stage}");
        }
        let before = account.tables().await;

        let listed = account.sweep("--older-than 3d --dry-run").await;
        listed.exits(Exit::Done).says("pr-1  last deployed ");
        listed.says(", 4 d ago; expired\n");
        listed.says("prod  kept: it is a production stage\n");
        listed.says(
            "pr-3  kept: log group /aws/lambda/RequestUnicorn-pr-3 is not managed by provision",
        );
        listed.says("stages: 1 expired, 4 kept");
        assert_eq!(listed.data.matches("it is not old enough").count(), 2);
        assert_eq!(account.tables().await, before);
        let listed = account
            .sweep("--older-than 3d --dry-run --output json")
            .await;
        assert_eq!(listed.json()["stages"][0]["result"], "expired");

        let refused = account.run("sweep --stage p* --older-than 3d", false).await;
        refused
            .exits(Exit::Refused)
            .says("delete stage pr-1 (last deployed ");
        refused.says("--yes");
        assert_eq!(account.tables().await, before);

        let swept = account.sweep("--older-than 3d").await;
        swept.exits(Exit::Done).says("deleted  table Rides-pr-1\n");
        swept.says("stages: 1 deleted, 4 kept");
        // That name gives no stage `default`.
        let others = account.run("sweep --stage d* --older-than 0s", true).await;
        others.exits(Exit::Done).says("no stage d* exists");
        let mut left = before;
        left.retain(|name| name != "Rides-pr-1");
        assert_eq!(account.tables().await, left);
        let again = account.run("status --stage pr-1 --output json", true).await;
        assert_eq!(again.data.matches(r#""health": "absent""#).count(), 5);
    });
}

#[test]
fn a_stage_of_which_only_a_part_is_left_is_found() {
    with_room(async || {
        let account = Account::new().await;
        for stage in ["pr-1", "pr-2"] {
            account.up(stage, &[]).await;
        }
        let config = account.config();
        let lambda = aws_sdk_lambda::Client::new(&config);
        for function in ["RequestUnicorn-pr-1", "RequestUnicorn-pr-2"] {
            let request = lambda.delete_function().function_name(function);
            request.send().await.expect("deleted");
        }
        let tables = aws_sdk_dynamodb::Client::new(&config);
        let unprotected = tables.update_table().table_name("Rides-pr-2");
        let unprotected = unprotected.deletion_protection_enabled(false);
        unprotected.send().await.expect("unprotected");
        let request = tables.delete_table().table_name("Rides-pr-2");
        request.send().await.expect("deleted");
        account.later(4 * DAY).await;
        let swept = account.sweep("--older-than 3d").await;
        swept.exits(Exit::Done).says("stages: 2 deleted");
        swept.says("deleted  role WildRydesLambda-pr-2\n");
        account
            .sweep("--older-than 0s")
            .await
            .says("no stage p* exists");
    });
}

#[test]
fn rides_are_kept_and_the_other_stages_are_deleted() {
    with_room(async || {
        let account = Account::new().await;
        for stage in ["pr-1", "pr-2", "pr-3"] {
            account.up(stage, &[]).await;
        }
        account.put_ride("Rides-pr-1").await;
        account.later(4 * DAY).await;
        let swept = account.sweep("--older-than 3d").await;
        swept
            .exits(Exit::Refused)
            .says("stages: 2 deleted, 1 failed");
        swept.says("the table Rides-pr-1 contains 1 ride");
        // The hint is for that stage alone.
        swept
            .says("provision down --stage pr-1 --local ")
            .says("--keep-data");
        assert_eq!(account.tables().await, ["Rides-pr-1"]);

        let document = account.sweep("--older-than 3d --output json").await;
        document.exits(Exit::Refused);
        let document = document.json();
        let stage = &document["stages"][0];
        assert_eq!(stage["result"], "failed");
        assert_eq!(stage["errors"][0]["exit"], 4);
        assert_eq!(document["changed"], false);

        let swept = account
            .sweep("--older-than 3d --delete-data --output json")
            .await;
        swept.exits(Exit::Done);
        let document = swept.json();
        assert_eq!(document["changed"], true);
        assert_eq!(document["olderThanSeconds"], 259_200);
        let stage = &document["stages"][0];
        assert_eq!(
            (&stage["stage"], &stage["result"]),
            (&"pr-1".into(), &"deleted".into())
        );
        assert_eq!(
            stage["ageSeconds"].as_u64().map(|age| age / 86_400),
            Some(4)
        );
        assert_eq!(stage["receipt"]["gone"].as_array().map(Vec::len), Some(5));
    });
}
