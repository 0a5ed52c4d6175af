//! Nothing goes live unproven.

use local_cloud::FaultProfile;
use provisioner::error::Exit;
use provisioner::stack::declaration::Stack;

use crate::in_process::{InProcess, InWeather, template, told, without_writes};
use crate::proxy::{At, Fault};
use crate::standing::Standing;
use crate::world::{World, artifact_path};

#[tokio::test]
async fn a_missing_statement_fails_the_ride_and_the_old_policy_comes_back() {
    let inside = InProcess::standing(Standing::Up);
    let world = &inside.world;
    for _ in 0..2 {
        let errors = inside.deploy(without_writes).await.expect_err("denied");
        assert_eq!(errors[0].exit, Exit::Failed);
        assert!(
            errors[0]
                .text
                .contains("is not allowed to perform dynamodb:PutItem"),
            "{errors:?}"
        );
        let hint = errors[0].hint.as_deref().unwrap_or_default();
        assert!(hint.contains("dynamodb-write-access.json"), "{hint}");
        assert!(hint.contains("table/{{table}}"), "{hint}");
        // What was live still serves, with the policy it was proven with.
        world
            .local(&["invoke", "--at", "47.61,-122.33"])
            .ok()
            .says("returned 201");
    }
    world.plan(&["--exit-code"]).ok().says("nothing to do");
}

#[tokio::test]
async fn a_first_deployment_that_fails_its_ride_has_no_live_version() {
    let inside = InProcess::new();
    let world = &inside.world;
    let errors = inside.deploy(without_writes).await.expect_err("denied");
    assert!(
        errors[0]
            .text
            .contains("is not allowed to perform dynamodb:PutItem"),
        "{errors:?}"
    );
    world
        .local(&["invoke", "--at", "0,0"])
        .exits(1)
        .says("deploy the stack first");
    // With the statement back, the same resources are finished.
    world.up(&[]).ok().says("passed its test ride");
}

#[tokio::test]
async fn a_function_that_writes_elsewhere_is_not_proven() {
    let inside = InProcess::standing(Standing::Up);
    let world = &inside.world;
    let elsewhere = |stack: &mut Stack| {
        let table = stack
            .function
            .env
            .get_mut("TABLE_NAME")
            .expect("the table's name");
        table.value = "Elsewhere".to_owned();
    };
    inside.deploy(elsewhere).await.expect_err("not proven");
    world
        .local(&["invoke", "--at", "0,0"])
        .ok()
        .says("version 1 returned 201");
    world.up(&[]).ok();
    world.plan(&["--exit-code"]).ok();
}

/// A 201 alone proves nothing about the table that the stack owns.
#[tokio::test]
async fn an_answer_without_a_ride_in_our_table_is_not_proof() {
    const ANY_TABLE: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": "dynamodb:PutItem", "Resource": "*"}]}"#;
    let world = InWeather::new(FaultProfile::calm()).await;
    let inside = &world.commands;
    let other_stage = ["up", "--stage", "other", "--artifact", artifact_path()];
    inside.run(&other_stage).await.expect("another table");
    let errors = inside
        .deploy(|stack| {
            let table = stack.function.env.get_mut("TABLE_NAME").expect("a name");
            table.value = "Rides-other".to_owned();
            stack.role.policies[0].1 = template(ANY_TABLE);
        })
        .await
        .expect_err("not proven");
    let told = told(&errors);
    assert!(
        told.contains("returned 201, but the table Rides contains no ride"),
        "{told}"
    );
    assert!(told.contains("TABLE_NAME"), "{told}");
}

#[tokio::test]
async fn the_test_ride_leaves_nothing_behind() {
    let world = World::standing(Standing::Up);
    let rides = world.local(&["rides"]).ok();
    assert_eq!(rides.stdout, "");
    world.local(&["down", "--yes"]).ok();
}

#[tokio::test]
async fn a_rollback_is_kept_until_the_build_changes_or_forward_is_asked_for() {
    let world = World::standing(Standing::Up);
    world
        .local(&["rollback"])
        .exits(1)
        .says("no version below 1 that passed its test ride is left");
    world
        .up(&["--memory", "256"])
        .ok()
        .says("version 2 passed its test ride");
    world.local(&["rollback"]).ok().says("live: version 2 → 1");
    world
        .local(&["invoke", "--at", "0,0"])
        .ok()
        .says("version 1 returned 201");
    let build = ["--memory", "256"];
    let plan = world.plan(&build).exits(1);
    plan.says("rolled back from version 2");
    world.up(&build).exits(4).says("--forward");
    world
        .up(&["--memory", "256", "--forward"])
        .ok()
        .says("version 2 passed its test ride");
    world
        .local(&["rollback", "--to", "7"])
        .exits(1)
        .says("never passed a test ride");
    world.local(&["rollback", "--to", "1"]).ok();
    // The declared build is the one that is live now.
    world.up(&[]).ok();
}

#[tokio::test]
async fn a_second_rollback_remembers_the_first() {
    let world = World::standing(Standing::TwoVersions);
    world.up(&["--memory", "512"]).ok();
    world.local(&["rollback"]).ok().says("live: version 3 → 2");
    world.local(&["rollback"]).ok().says("live: version 2 → 1");
    let up = world.up(&["--memory", "512"]).exits(4);
    up.says("`live` was rolled back from version 3");
}

/// Another run has the same test ride, and deletes it when it has read it.
#[tokio::test]
async fn a_ride_that_another_run_deletes_is_taken_again() {
    let world = InWeather::new(FaultProfile::calm()).await;
    let proxy = world.proxy();
    proxy.at(At::Name("GetItem"), Fault::Edit("\"Item\"", "\"Deleted\""));
    let deployed = world.commands.deploy(|_| {}).await;
    assert_eq!(deployed.expect("a proven version"), Exit::Done);
    let names = proxy.names();
    let rides = names.iter().filter(|name| name.ends_with("Invoke"));
    assert_eq!(rides.count(), 2);
}

#[tokio::test]
async fn a_version_that_needs_earlier_names_is_no_way_back() {
    let world = World::standing(Standing::Up);
    world.declare("names.table = \"Trips\"");
    world.up(&["--yes"]).ok();
    world
        .local(&["rollback"])
        .exits(4)
        .says("version 1 writes to table Rides, and the role WildRydesLambda may write to the declared table Trips only");
    world.declare("names.table = \"Trips\"\nnames.role = \"Rider\"");
    world.up(&["--yes"]).ok();
    // The earlier role still has its policy.
    world.local(&["rollback"]).ok().says("live: version 3 → 2");
    world.local(&["invoke", "--at", "0,0"]).ok();
    world.local(&["rollback", "--to", "3"]).ok();
    world.local(&["down", "--undeclared", "--yes"]).ok();
    world
        .local(&["rollback"])
        .exits(4)
        .says("version 2 runs as role WildRydesLambda, which this stack does not have any more");
}

/// Nothing about the function changes when only the policy was wrong. AWS documents neither answer of
/// PublishVersion then: the deleted number, or a new one. The next run converges, wherever one ends.
#[tokio::test]
async fn a_version_deleted_after_its_ride_is_published_again_whatever_aws_answers() {
    for answers_deleted_version in [false, true] {
        for stops_at in [
            None,
            Some(At::Name("UpdateFunctionConfiguration")),
            Some(At::Later(1, "PublishVersion")),
            Some(At::Name("Invoke")),
        ] {
            let world = InWeather::new(FaultProfile {
                answers_deleted_version,
                ..FaultProfile::calm()
            })
            .await;
            let inside = &world.commands;
            inside.deploy(without_writes).await.expect_err("denied");
            let proxy = world.proxy();
            if let Some(at) = stops_at {
                proxy.at(at, Fault::Refuse("ValidationException", "not now"));
                // Only one of the readings makes each of the calls.
                let _ = inside.deploy(|_| {}).await;
            }
            inside.deploy(|_| {}).await.expect("a proven version");
            let plan = ["plan", "--exit-code", "--artifact", artifact_path()];
            assert_eq!(inside.run(&plan).await.expect("a plan"), Exit::Done);
        }
    }
}

/// Callers may still be routed to it, and it is the way back.
#[tokio::test]
async fn the_version_that_was_live_when_the_run_began_is_kept() {
    let inside = InProcess::standing(Standing::TwoVersions);
    let world = &inside.world;
    world.local(&["rollback"]).ok().says("live: version 2 → 1");
    let keep_two = |stack: &mut Stack| {
        stack.kept_versions = 2;
        stack.function.memory_mb.value = 512;
    };
    inside.deploy(keep_two).await.expect("version 3");
    world
        .local(&["rollback", "--to", "1"])
        .ok()
        .says("live: version 3 → 1");
}

#[tokio::test]
async fn the_log_tells_the_ride() {
    let world = World::new();
    world
        .local(&["logs"])
        .exits(1)
        .says("deploy the stack first");
    world.up(&[]).ok();
    let invoked = world.local(&["invoke", "--at", "47.61,-122.33"]).ok();
    world
        .local(&["logs", "--since", "1h"])
        .ok()
        .says("rider=the_username")
        .says("cold start");
    let ride = invoked.answer()["RideId"].clone();
    let ride = ride.as_str().expect("the ID of the ride");
    let logs = |more: &[&str]| {
        world
            .local(&[&["logs", "--since", "1h"], more].concat())
            .ok()
    };
    let one = logs(&["--ride", ride]).says("rider=the_username");
    assert_eq!(one.stdout.lines().count(), 2, "{}", one.stdout);
    assert_eq!(logs(&["--errors"]).stdout, "");
    // START, the function's line, REPORT.
    let events = logs(&["--ride", ride, "--output", "json"]);
    assert_eq!(events.stdout.lines().count(), 3, "{}", events.stdout);
}

/// The digest that `plan` and `up` print is the one that the alias's description gets; where it follows
/// from a role that is still to be created, the plan says so.
#[tokio::test]
async fn the_printed_proof_is_the_written_one() {
    let world = World::new();
    let cloud = world.cloud();
    let created = world.up(&["--verbose"]).ok();
    created.says("    proof    (known after apply)");
    let planned = world.plan(&["--memory", "256", "--output", "json"]).ok();
    let changes = planned.json()["changes"].clone();
    let release = changes.as_array().expect("changes").last().cloned();
    let differences = release.expect("the release")["differences"].clone();
    let proof = differences.as_array().expect("differences").iter();
    let proof = proof
        .clone()
        .find(|difference| difference["attribute"] == "proof")
        .and_then(|difference| difference["to"].as_str())
        .expect("a digest");
    world
        .up(&["--memory", "256", "--verbose"])
        .ok()
        .says(&format!("→ {proof}"));
    let alias = aws_sdk_lambda::Client::new(&cloud.config()).get_alias();
    let alias = alias.function_name("RequestUnicorn").name("live");
    let alias = alias.send().await.expect("the alias");
    let description = alias.description().unwrap_or_default();
    assert!(
        description.starts_with(&format!("proven {proof} as 2")),
        "{description}, not {proof}"
    );
}
