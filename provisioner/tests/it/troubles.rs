//! Troubles that take their time: what a deadline tells, what AWS gave up on, and what comes back or
//! comes in while `down` runs.

use std::time::Duration;

use futures::future::join;
use local_cloud::{FaultProfile, Span};
use provisioner::error::{Error, Exit};

use crate::artifact::zip_of_headers;
use crate::in_process::{InWeather, template, told};
use crate::proxy::{At, Fault, When};
use crate::standing::Standing;
use crate::world::{Run, World, artifact_path};

const ROLE: &str = "WildRydesLambda";
const LOG_GROUP: &str = "/aws/lambda/RequestUnicorn";
const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/// No role is taken within anybody's patience.
fn young_roles() -> FaultProfile {
    FaultProfile {
        role_assumable: Span::millis(3_600_000, 3_600_000),
        ..FaultProfile::calm()
    }
}

async fn up(world: &InWeather) -> Result<Exit, Vec<Error>> {
    let up = ["up", "--artifact", artifact_path()];
    world.commands.run(&up).await
}

/// `up` until its deadline. It uploads the function twice a second, so that one is small.
async fn up_in_vain(world: &InWeather) -> Vec<Error> {
    let zip = zip_of_headers();
    let path = world.commands.world.write("function.zip", zip);
    let up = ["up", "--artifact", path.to_str().expect("UTF-8")];
    world.commands.run(&up).await.expect_err("the deadline")
}

#[track_caller]
fn check_cause(errors: &[Error], cause: &str, hint: &str) {
    let told = told(errors);
    for text in [
        "create function RequestUnicorn: timed out after 120 s",
        cause,
        hint,
    ] {
        assert!(told.contains(text), "`{text}` is not in\n{told}");
    }
}

#[tokio::test]
async fn a_role_that_is_merely_young_is_told_so_at_the_deadline() {
    let world = InWeather::new(young_roles()).await;
    let errors = up_in_vain(&world).await;
    check_cause(
        &errors,
        "are correct, but Lambda cannot assume it yet",
        "hint: to continue with more time: `… --wait-limit",
    );
}

#[tokio::test]
async fn a_role_that_somebody_deleted_meanwhile_is_told_at_the_deadline() {
    let world = InWeather::new(young_roles()).await;
    let hands = async {
        world.commands.at(Duration::from_secs(30)).await;
        let iam = aws_sdk_iam::Client::new(&world.config());
        for policy in ["DynamoDBWriteAccess", "WriteLogs"] {
            let request = iam.delete_role_policy().role_name(ROLE);
            let deleted = request.policy_name(policy).send().await;
            deleted.expect("a policy");
        }
        let deleted = iam.delete_role().role_name(ROLE).send().await;
        deleted.expect("a role");
    };
    let (errors, ()) = join(up_in_vain(&world), hands).await;
    check_cause(
        &errors,
        "the role WildRydesLambda does not exist",
        "it creates the role again",
    );
}

#[tokio::test]
async fn a_trust_policy_that_leaves_lambda_out_is_told_at_the_deadline() {
    const DISTRUSTFUL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}"#;
    let cause = "the trust policy of the role WildRydesLambda does not let lambda.amazonaws.com";
    // Declared so.
    let world = InWeather::new(FaultProfile::calm()).await;
    let declared = world
        .commands
        .deploy_small(|stack| stack.role.trust = template(DISTRUSTFUL));
    let errors = declared.await.expect_err("the deadline");
    check_cause(
        &errors,
        cause,
        "add to policies/trust.json: {\"Effect\":\"Allow\"",
    );
    // Changed by somebody.
    let world = InWeather::new(young_roles()).await;
    let hands = async {
        world.commands.at(Duration::from_secs(30)).await;
        let iam = aws_sdk_iam::Client::new(&world.config());
        let request = iam.update_assume_role_policy().role_name(ROLE);
        let changed = request.policy_document(DISTRUSTFUL).send().await;
        changed.expect("a change");
    };
    let (errors, ()) = join(up_in_vain(&world), hands).await;
    check_cause(&errors, cause, "it was changed during this run");
}

#[tokio::test]
async fn a_function_that_failed_when_it_was_made_is_made_anew() {
    let world = InWeather::new(FaultProfile {
        failed_creations: 1,
        ..FaultProfile::calm()
    })
    .await;
    let errors = up(&world).await.expect_err("failed");
    let told = told(&errors);
    let reason = "function RequestUnicorn failed: Lambda encountered an internal error.";
    assert!(told.contains(reason), "{told}");
    assert!(told.contains("deletes it and creates it again"), "{told}");
    assert_eq!(up(&world).await.expect("replaced"), Exit::Done);
    let plan = ["plan", "--exit-code", "--artifact", artifact_path()];
    let plan = world.commands.run(&plan).await;
    assert_eq!(plan.expect("a plan"), Exit::Done);
}

#[tokio::test]
async fn an_update_that_failed_is_taken_up_again_while_the_old_version_serves() {
    let world = InWeather::new(FaultProfile {
        failed_updates: 1,
        ..FaultProfile::calm()
    })
    .await;
    up(&world).await.expect("up");
    let update = ["up", "--memory", "256", "--artifact", artifact_path()];
    let errors = world.commands.run(&update).await.expect_err("failed");
    let told = told(&errors);
    assert!(
        told.contains("Failed: Lambda encountered an internal error."),
        "{told}"
    );
    assert!(told.contains("the previous code is still in use"), "{told}");
    let ride = world.commands.run(&["invoke", "--at", "0,0"]).await;
    assert_eq!(ride.expect("a ride"), Exit::Done);
    let again = world.commands.run(&update).await;
    assert_eq!(again.expect("updated"), Exit::Done);
}

/// With `AWSLambdaBasicExecutionRole` attached the role may make the group.
#[tokio::test]
async fn down_waits_out_a_log_group_that_a_late_log_brings_back() {
    let world = InWeather::new(FaultProfile {
        logs_late: Span::millis(20_000, 20_000),
        ..FaultProfile::calm()
    })
    .await;
    up(&world).await.expect("up");
    let iam = aws_sdk_iam::Client::new(&world.config());
    let request = iam.attach_role_policy().role_name(ROLE).policy_arn(BASIC);
    request.send().await.expect("an attachment");
    let ride = world.commands.run(&["invoke", "--at", "0,0"]).await;
    assert_eq!(ride.expect("a ride"), Exit::Done);

    let before = world.commands.age();
    let down = world.commands.run(&["down", "--delete-data"]).await;
    assert_eq!(down.expect("down"), Exit::Done);
    let took = world.commands.age() - before;
    assert!(took >= Duration::from_secs(80), "{took:?}");
    let logs = aws_sdk_cloudwatchlogs::Client::new(&world.config());
    let groups = logs.describe_log_groups().send().await.expect("groups");
    let left = groups
        .log_groups()
        .iter()
        .map(|group| group.log_group_name());
    assert!(!left.into_iter().any(|name| name == Some(LOG_GROUP)));
}

#[tokio::test]
async fn down_does_not_wait_where_the_role_can_not_bring_the_log_group_back() {
    let world = InWeather::new(FaultProfile {
        logs_late: Span::millis(20_000, 20_000),
        ..FaultProfile::calm()
    })
    .await;
    up(&world).await.expect("up");
    let before = world.commands.age();
    let down = world.commands.run(&["down"]).await;
    assert_eq!(down.expect("down"), Exit::Done);
    assert!(world.commands.age() - before < Duration::from_secs(5));
}

/// `down` of a standing stack, held before a call while somebody else does something.
fn held_down<F: Future<Output = ()>>(
    world: &World,
    flags: &[&str],
    call: &'static str,
    hands: impl FnOnce(aws_config::SdkConfig) -> F,
) -> Run {
    let cloud = world.cloud();
    let proxy = world.behind(&cloud, &[(At::Name(call), Fault::Hold(When::Before))]);
    let mut down = world.command(&[&["down", "--local", "--yes"], flags].concat());
    std::thread::scope(|scope| {
        let down = scope.spawn(|| Run::of(&mut down));
        assert!(proxy.wait_for_hold(|| down.is_finished()));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(hands(cloud.config()));
        proxy.release();
        down.join().expect("no panic")
    })
}

async fn protect(config: aws_config::SdkConfig) {
    let client = aws_sdk_dynamodb::Client::new(&config);
    let request = client.update_table().table_name("Rides");
    let request = request.deletion_protection_enabled(true);
    request.send().await.expect("protected");
}

#[test]
fn the_receipt_names_a_table_that_somebody_protected_meanwhile() {
    let world = World::standing(Standing::Up);
    held_down(&world, &[], "DeleteTable", protect)
        .exits(1)
        .says("protected against deletion")
        .says("its deletion protection was enabled during this run")
        .says("REMAINS  table Rides")
        .says("deleted  function RequestUnicorn");
}

#[test]
fn a_receipt_in_json_is_one_document_whatever_went_wrong() {
    let world = World::standing(Standing::Up);
    let run = held_down(&world, &["--output", "json"], "DeleteTable", protect).exits(1);
    let receipt = &run.json()["receipt"];
    assert_eq!(receipt["remaining"][0]["name"], "Rides");
    assert_eq!(receipt["gone"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_ride_that_comes_in_while_down_runs_is_kept() {
    let world = World::standing(Standing::Up);
    let ride = async |config| {
        let client = aws_sdk_lambda::Client::new(&config);
        let event = r#"{"requestContext":{"authorizer":{"claims":{"cognito:username":"late"}}},
            "body":"{\"PickupLocation\":{\"Latitude\":1,\"Longitude\":2}}"}"#;
        let request = client.invoke().function_name("RequestUnicorn");
        let request = request.payload(aws_sdk_lambda::primitives::Blob::new(event));
        let answer = request.send().await.expect("an answer").payload;
        let answer = answer.unwrap_or_else(|| aws_sdk_lambda::primitives::Blob::new(""));
        let answer = String::from_utf8_lossy(answer.as_ref()).into_owned();
        assert!(answer.contains("201"), "{answer}");
    };
    // After the count, before the function goes.
    held_down(&world, &[], "DeleteFunction", ride)
        .exits(4)
        .says("1 ride was added to table Rides during this run")
        .says("REMAINS  table Rides");
}
