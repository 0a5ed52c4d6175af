//! What was renamed is found by the tags, kept by `up` and deleted by `down`.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use aws_config::SdkConfig;
use local_cloud::{FaultProfile, Span};
use provisioner::commands::Outcome;
use provisioner::policy::RolePolicies;
use provisioner::stack::declaration::{Stack, defaults};
use provisioner::stack::setting::Setting;
use serde_json::{Value, json};

use crate::cloud::{all_names, by_hand};
use crate::drift_by_hand::{BASIC, ROLE};
use crate::in_process::{self, InWeather};
use crate::standing::{RENAMED, Standing};
use crate::world::{Run, World};

const STAYS: &str = "no longer declared; stays until `down --undeclared`";

impl World {
    /// Declares other names, deploys them, and wants `up` and the next `plan` to list exactly these.
    fn rename(&self, names: &str, listed: &[&str]) {
        self.declare(&format!("names = {{ {names} }}"));
        self.plan(&["--exit-code"]).exits(3).lists(listed);
        self.up(&["--yes"]).ok().lists(listed);
        self.plan(&["--exit-code"])
            .ok()
            .lists(listed)
            .says("nothing to do");
    }

    fn down(&self, flags: &[&str]) -> Run {
        self.local(&[&["down", "--yes"], flags].concat())
    }

    /// `down` leaves nothing, under any name.
    fn goes_down(&self) {
        self.down(&["--delete-data"]).ok();
        assert_eq!(by_hand(&self.cloud(), all_names), [""; 0]);
    }
}

impl Run {
    #[track_caller]
    fn lists(self, ids: &[&str]) -> Run {
        let text = self.unwrapped();
        let found: Vec<&str> = text.lines().filter(|line| line.ends_with(STAYS)).collect();
        let expected = ids.iter().map(|id| format!("= {id} {STAYS}"));
        assert_eq!(found, expected.collect::<Vec<_>>(), "{text}");
        self
    }

    /// The output with each resource of a plan on one line.
    fn unwrapped(&self) -> String {
        let all = format!("{}{}", self.stdout, self.stderr).replace("\n    ", " ");
        let lines = all.lines().map(|line| line.split_whitespace().collect());
        let lines = lines.map(|words: Vec<&str>| words.join(" ") + "\n");
        lines.collect()
    }
}

async fn delete_table(config: SdkConfig, name: &str) {
    let client = aws_sdk_dynamodb::Client::new(&config);
    let request = client.update_table().table_name(name);
    let request = request.deletion_protection_enabled(false).send();
    request.await.expect("a change");
    let request = client.delete_table().table_name(name).send();
    request.await.expect("a deletion");
}

#[test]
fn a_renamed_table_is_listed_kept_and_deleted_under_the_usual_guards() {
    let world = World::standing(Standing::Ridden);
    world.rename("table = \"Trips\"", &["table Rides"]);
    world
        .down(&["--undeclared"])
        .exits(4)
        .says("- table Rides                                             no longer declared\n")
        .says("the table Rides contains 1 ride");
    world
        .down(&["--undeclared", "--keep-data"])
        .ok()
        .says("kept     table Rides (kept because of --keep-data)");
    world.plan(&["--exit-code"]).ok().lists(&["table Rides"]);
    world
        .down(&["--undeclared", "--delete-data"])
        .ok()
        .says("deleted  table Rides\n")
        .never_says("table Trips\n");
    // The tags do not list it any more either.
    world.plan(&["--exit-code"]).ok().lists(&[]);
    world.local(&["invoke", "--at", "1,2"]).ok();
    world.goes_down();
}

#[test]
fn the_variable_with_the_name_of_a_renamed_table_is_shown() {
    let world = World::standing(Standing::Up);
    world.declare("names.table = \"Trips\"");
    world.plan(&[]).ok().says("env  ~ TABLE_NAME Rides → Trips");
}

#[test]
fn a_renamed_role_is_listed_and_deleted() {
    let world = World::standing(Standing::Up);
    world.rename("role = \"Rider\"", &["role WildRydesLambda"]);
    world
        .down(&["--undeclared"])
        .ok()
        .says("deleted  role WildRydesLambda\n");
    world.local(&["invoke", "--at", "1,2"]).ok();
    world.goes_down();
}

#[test]
fn a_renamed_function_is_listed_with_its_log_group_and_deleted() {
    let world = World::standing(Standing::Up);
    let old = [
        "log group /aws/lambda/RequestUnicorn",
        "function RequestUnicorn",
    ];
    world.rename("function = \"Unicorns\"", &old);
    let down = world.down(&["--undeclared"]).ok();
    for id in old {
        assert!(down.stdout.contains(&format!("deleted  {id}\n")), "{id}");
    }
    world.plan(&["--exit-code"]).ok().lists(&[]);
    world.goes_down();
}

#[test]
fn down_deletes_what_is_no_longer_declared_too() {
    let world = World::standing(Standing::Renamed);
    world.declare(RENAMED);
    world.plan(&["--exit-code"]).ok().lists(&[
        "table Rides",
        "log group /aws/lambda/RequestUnicorn",
        "function RequestUnicorn",
    ]);
    world.local(&["invoke", "--at", "1,2"]).ok();
    world
        .down(&[])
        .exits(4)
        .says("the table Rides contains 1 ride, and the table Trips contains 1 ride")
        .says("--delete-data` deletes them with their rides");
    world
        .down(&["--keep-data"])
        .ok()
        .says("kept     table Trips (kept because of --keep-data)")
        .says("kept     table Rides (kept because of --keep-data)");
    // The table that is kept tells of the other one.
    world.down(&[]).exits(4).says("table Rides contains 1 ride");
    world.goes_down();
}

#[test]
fn a_name_that_is_given_back_leaves_the_other_one() {
    let world = World::standing(Standing::Ridden);
    world.rename("table = \"Trips\"", &["table Rides"]);
    world.rename("table = \"Rides\"", &["table Trips"]);
    world.local(&["rides"]).ok().says("the_username");
    world.rename("table = \"Tours\"", &["table Rides", "table Trips"]);
    world.goes_down();
}

/// Only the table and the log group tell of the first role, only the role and the table of the first function.
#[test]
fn two_renames_in_a_row_are_both_found() {
    let world = World::standing(Standing::Up);
    world.rename("role = \"Rider\"", &["role WildRydesLambda"]);
    world.rename(
        "role = \"Rider\", function = \"Unicorns\"",
        &[
            "role WildRydesLambda",
            "log group /aws/lambda/RequestUnicorn",
            "function RequestUnicorn",
        ],
    );
    world.goes_down();
}

#[test]
fn a_name_that_was_deleted_by_hand_is_forgotten() {
    let world = World::standing(Standing::Up);
    world.rename("table = \"Trips\"", &["table Rides"]);
    let cloud = world.cloud();
    by_hand(&cloud, async |config| delete_table(config, "Rides").await);
    drop(cloud);
    world.plan(&[]).ok().lists(&[]).says("4 to change");
    // It waits until the table certainly does not exist.
    world.up(&["--wait-limit", "4"]).ok();
    world.plan(&["--exit-code"]).ok().says("nothing to do");
}

#[test]
fn a_name_that_another_stage_has_is_not_listed() {
    let world = World::standing(Standing::Up);
    world.rename("table = \"Trips\"", &["table Rides"]);
    let cloud = world.cloud();
    by_hand(&cloud, async |config| {
        let client = aws_sdk_dynamodb::Client::new(&config);
        let tag = aws_sdk_dynamodb::types::Tag::builder()
            .key("provision:stage")
            .value("dev");
        let arn = "arn:aws:dynamodb:us-east-1:123456789012:table/Rides";
        let request = client.tag_resource().resource_arn(arn);
        let request = request.tags(tag.build().expect("a tag"));
        request.send().await.expect("a change");
    });
    world.plan(&[]).ok().lists(&[]);
    world
        .down(&["--undeclared", "--delete-data"])
        .ok()
        .says("nothing to do");
}

/// The caller's policy has the declared names only.
#[test]
fn what_may_not_be_read_is_listed_and_stops_only_its_deletion() {
    let world = World::standing(Standing::Up);
    world.rename("table = \"Trips\"", &["table Rides"]);
    let why = "= table Rides no longer declared, and cannot be read: AccessDeniedException:";
    let plan = world.plan(&["--exit-code", "--as", "planner"]).ok();
    let text = plan.unwrapped();
    assert!(text.contains(why), "{text}");
    world.up(&["--as", "deployer"]).ok().says("nothing to do");
    let status = world.local(&["status", "--as", "planner"]).ok();
    assert!(
        status
            .stdout
            .contains("unknown  no longer declared, and cannot be read"),
        "{}",
        status.stdout
    );
    for flags in [&[][..], &["--undeclared"]] {
        world
            .down(&[flags, &["--as", "deployer"]].concat())
            .exits(5)
            .says("cannot determine ownership of table Rides")
            .says("hint: the caller's policy needs {\"Effect\":\"Allow\",\"Action\":\"dynamodb:Describe");
    }
    world.plan(&["--exit-code"]).ok().lists(&["table Rides"]);
}

#[test]
fn a_kind_that_this_program_no_longer_has_is_listed_and_left() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    by_hand(&cloud, async |config| {
        let client = aws_sdk_iam::Client::new(&config);
        let role = client.get_role().role_name("WildRydesLambda").send().await;
        let role = role.expect("an answer").role.expect("a role");
        let tag = role.tags().iter();
        let tag = tag.clone().find(|tag| tag.key() == "provision:resources");
        let value = format!("{} queue/Rides", tag.expect("the tag").value());
        let tag = aws_sdk_iam::types::Tag::builder()
            .key("provision:resources")
            .value(value);
        let request = client.tag_role().role_name("WildRydesLambda");
        let request = request.tags(tag.build().expect("a tag"));
        request.send().await.expect("a change");
    });
    let why = "no longer declared; this `provision` has no such kind any more";
    let text = world.plan(&[]).ok().unwrapped();
    assert!(
        text.contains(&format!("= resource queue/Rides {why}\n")),
        "{text}"
    );
    // All list it now.
    world.up(&[]).ok().says("4 updated");
    world.plan(&["--exit-code"]).ok().says("nothing to do");
    let kept = format!("kept     resource queue/Rides ({why})\n");
    world.down(&["--undeclared"]).ok().says(&kept);
    world.down(&[]).ok().says(&kept);
}

#[test]
fn status_lists_it_and_its_check_fails() {
    let world = World::standing(Standing::Up);
    world.local(&["status", "--check"]).ok();
    world.rename("table = \"Trips\"", &["table Rides"]);
    let status = world
        .local(&["status", "--check"])
        .exits(1)
        .says("table Rides is no longer declared");
    let line = "table Rides                           healthy  no longer declared; stays until `down --undeclared`\n";
    assert!(status.stdout.contains(line), "{}", status.stdout);
    let document = world.local(&["status", "--output", "json"]).ok().json();
    let undeclared = &document["undeclared"][0];
    assert_eq!(undeclared["name"], "Rides", "{document:#}");
    assert_eq!(
        document["problems"],
        json!(["table Rides is no longer declared"])
    );
}

#[test]
fn documents_have_it() {
    let world = World::standing(Standing::Up);
    world.rename("table = \"Trips\"", &["table Rides"]);
    let plan = world.plan(&["--output", "json"]).ok().json();
    assert_eq!(plan["changed"], false);
    let last = plan["changes"].as_array().and_then(|all| all.last());
    let last = last.expect("a change");
    assert_eq!(
        (&last["name"], &last["action"]),
        (&json!("Rides"), &json!("leave"))
    );
    let down = ["--undeclared", "--output", "json"];
    let down: Value = world.down(&down).ok().json();
    assert_eq!(down["changes"][0]["note"], "no longer declared");
    assert_eq!(
        down["receipt"]["gone"],
        json!([{"kind": "table", "name": "Rides"}])
    );
}

#[test]
fn sweep_deletes_it_with_its_stage() {
    let world = World::new();
    world.up(&["--stage", "pr-7"]).ok();
    world.declare("[workspace.metadata.provision.stage.\"pr-*\"]\nnames.table = \"Trips\"");
    world.up(&["--stage", "pr-7", "--yes"]).ok();
    let sweep = ["sweep", "--stage", "pr-*", "--older-than", "0s", "--yes"];
    let sweep = world.local(&sweep).ok();
    for table in ["Rides-pr-7", "Trips-pr-7"] {
        assert!(sweep.stdout.contains(&format!("deleted  table {table}\n")));
    }
    assert_eq!(by_hand(&world.cloud(), all_names), [""; 0]);
}

/// An `up` that was killed left the function with the old names.
#[test]
fn what_the_function_still_uses_is_not_deleted_alone() {
    let world = World::standing(Standing::Up);
    world.rename("table = \"Trips\"", &["table Rides"]);
    // Declared, but not deployed.
    world.declare("names.table = \"Rides\"");
    world
        .down(&["--undeclared"])
        .exits(4)
        .says("table Trips is no longer declared, but function RequestUnicorn uses it")
        .says("deploy the declared names first: `provision up");
    world.declare("names.function = \"Unicorns\"");
    world
        .down(&["--undeclared"])
        .exits(4)
        .says("does not exist, so ")
        .says("deploy the declared names first");
    world.goes_down();
}

#[test]
fn a_stack_of_an_older_version_gets_the_index() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    by_hand(&cloud, async |config| {
        let client = aws_sdk_iam::Client::new(&config);
        let request = client.untag_role().role_name("WildRydesLambda");
        let request = request.tag_keys("provision:resources").send();
        request.await.expect("a change");
    });
    world
        .plan(&["--exit-code"])
        .exits(3)
        .says("~ role WildRydesLambda\n    tag provision:resources  added\n");
    world.up(&[]).ok().never_says("test ride");
    world.plan(&["--exit-code"]).ok().says("nothing to do");
}

/// A role and a function with other names, which a killed `up` has created a moment ago, and AWS does not show yet.
#[tokio::test]
async fn what_is_not_shown_yet_is_not_forgotten() {
    let seconds = |seconds: u64| Span::millis(seconds * 1000, seconds * 1000);
    let world = InWeather::new(FaultProfile {
        role_found: seconds(8),
        function_tags_shown: seconds(8),
        ..FaultProfile::calm()
    })
    .await;
    assert_eq!(told(world.commands.deploy(|_| {}).await), "done");
    let mut up = pin!(world.commands.deploy(other_names));
    let created = |what: &str| world.requests().mutating.get(what).copied();
    poll_fn(|context| match created("lambda:CreateFunction") {
        Some(2) => Poll::Ready(()),
        _ => up.as_mut().poll(context).map(|_| ()),
    })
    .await;
    let down = world.commands.run(&["down", "--delete-data"]).await;
    assert_eq!(told(down), "done");
    assert_eq!(all_names(world.config()).await, [""; 0]);
}

/// What the function that is no longer declared does last is logged when its log group is deleted.
#[tokio::test]
async fn down_waits_out_a_log_group_of_another_name_that_a_late_log_brings_back() {
    let world = InWeather::new(FaultProfile {
        logs_late: Span::millis(20_000, 20_000),
        ..FaultProfile::calm()
    })
    .await;
    assert_eq!(told(world.commands.deploy(|_| {}).await), "done");
    assert_eq!(told(world.commands.deploy(other_function).await), "done");
    let iam = aws_sdk_iam::Client::new(&world.config());
    let request = iam.attach_role_policy().role_name(ROLE).policy_arn(BASIC);
    request.send().await.expect("an attachment");
    let lambda = aws_sdk_lambda::Client::new(&world.config());
    let request = lambda.invoke().function_name("Unicorns");
    request.send().await.expect("an answer, whatever it is");
    let before = world.commands.age();
    let down = world.commands.run(&["down", "--delete-data"]).await;
    assert_eq!(told(down), "done");
    let took = world.commands.age() - before;
    assert!(took >= Duration::from_secs(70), "{took:?}");
    assert_eq!(all_names(world.config()).await, [""; 0]);
}

fn other_names(stack: &mut Stack) {
    let mut values = defaults(&stack.stage).on(stack.function.arch.value);
    values.role = Setting::default("Rider".to_owned());
    values.function = Setting::default("Unicorns".to_owned());
    *stack = Stack::new(&stack.stage, values, RolePolicies::embedded());
}

fn other_function(stack: &mut Stack) {
    let mut values = defaults(&stack.stage).on(stack.function.arch.value);
    values.function = Setting::default("Unicorns".to_owned());
    *stack = Stack::new(&stack.stage, values, RolePolicies::embedded());
}

fn told(outcome: Outcome) -> String {
    match outcome {
        Ok(_) => "done".to_owned(),
        Err(errors) => in_process::told(&errors),
    }
}
