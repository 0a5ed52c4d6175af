//! AWS shows late what a run has created or written: the run waits it out, and blames nobody.

use std::time::Duration;

use local_cloud::{FaultProfile, Span};
use provisioner::commands::Outcome;
use provisioner::engine::clock::Clock as _;
use provisioner::error::{Error, Exit};

use crate::artifact::zip_of_headers;
use crate::in_process::{InWeather, told};
use crate::world::artifact_path;

const ROLE: &str = "WildRydesLambda";
const TABLE: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/Rides";

/// A delay of so many seconds.
const fn seconds(seconds: u64) -> Span {
    Span::millis(seconds * 1000, seconds * 1000)
}

/// `up` with a function that is never invoked.
async fn up(world: &InWeather, flags: &[&str]) -> Outcome {
    let zip = zip_of_headers();
    let path = world.commands.world.write("function.zip", zip);
    let path = path.to_str().expect("UTF-8");
    let up = ["up", "--skip-test-ride", "--artifact", path];
    world.commands.run(&[&up, flags].concat()).await
}

#[track_caller]
fn done(outcome: Outcome) {
    match outcome {
        Ok(exit) => assert_eq!(exit, Exit::Done),
        Err(errors) => panic!("{}", told(&errors)),
    }
}

#[track_caller]
fn failed(outcome: Outcome, texts: &[&str]) {
    let errors: Vec<Error> = outcome.expect_err("a failure");
    let told = told(&errors);
    for text in texts {
        assert!(told.contains(text), "`{text}` is not in\n{told}");
    }
}

/// A first `up`, an update, and the update again, which finds nothing to do.
async fn converges(profile: FaultProfile, flags: &[&str]) {
    let world = InWeather::new(profile).await;
    done(up(&world, flags).await);
    let update = [flags, &["--retention-days", "7", "--memory", "192"]].concat();
    done(up(&world, &update).await);
    let before = world.requests().mutations();
    done(up(&world, &update).await);
    assert_eq!(world.requests().mutations(), before);
}

#[tokio::test]
async fn point_in_time_recovery_that_is_not_shown_yet_is_waited_out() {
    let late = FaultProfile {
        backups_found: seconds(2),
        backups_unavailable: seconds(4),
        recovery_shown: seconds(20),
        ..FaultProfile::calm()
    };
    converges(late, &["--stage", "prod"]).await;
}

#[tokio::test]
async fn a_new_role_that_reads_miss_is_waited_out() {
    for late in [
        FaultProfile {
            role_found: seconds(24),
            ..FaultProfile::calm()
        },
        FaultProfile {
            role_arn_shown: seconds(8),
            ..FaultProfile::calm()
        },
        FaultProfile {
            policy_shown: seconds(8),
            ..FaultProfile::calm()
        },
    ] {
        converges(late, &[]).await;
    }
}

#[tokio::test]
async fn a_new_role_that_changes_do_not_find_is_changed_later() {
    let late = FaultProfile {
        role_changeable: seconds(8),
        ..FaultProfile::calm()
    };
    converges(late, &[]).await;
}

#[tokio::test]
async fn a_log_group_that_is_found_late_and_shows_its_retention_late_is_waited_out() {
    let late = FaultProfile {
        group_found: seconds(5),
        retention_shown: seconds(8),
        ..FaultProfile::calm()
    };
    converges(late, &[]).await;
}

#[tokio::test]
async fn a_function_with_its_version_and_alias_that_are_found_late_are_waited_out() {
    let late = FaultProfile {
        function_found: seconds(5),
        version_found: seconds(6),
        alias_found: seconds(7),
        function_tags_shown: seconds(8),
        ..FaultProfile::calm()
    };
    converges(late, &[]).await;
}

#[tokio::test]
async fn a_version_that_invoke_does_not_find_yet_takes_its_test_ride_later() {
    let world = InWeather::new(FaultProfile {
        version_found: seconds(6),
        ..FaultProfile::calm()
    })
    .await;
    let up = ["up", "--artifact", artifact_path()];
    done(world.commands.run(&up).await);
    done(world.commands.run(&["invoke", "--at", "0,0"]).await);
}

/// What was created by another run a moment ago is new as well.
#[tokio::test]
async fn a_role_made_by_hand_just_now_is_adopted() {
    let world = InWeather::new(FaultProfile {
        role_changeable: seconds(8),
        role_arn_shown: seconds(2),
        ..FaultProfile::calm()
    })
    .await;
    let iam = aws_sdk_iam::Client::new(&world.config());
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"Service":"lambda.amazonaws.com"}}]}"#;
    let role = iam.create_role().role_name(ROLE);
    let role = role.assume_role_policy_document(trust).send().await;
    role.expect("a role");
    done(up(&world, &["--adopt", "role"]).await);
}

#[tokio::test]
async fn a_role_that_is_never_found_is_named_at_the_limit() {
    let world = InWeather::new(FaultProfile {
        role_changeable: seconds(3600),
        ..FaultProfile::calm()
    })
    .await;
    let outcome = up(&world, &["--wait-limit", "30"]).await;
    failed(
        outcome,
        &[
            "put the policy DynamoDBWriteAccess of role WildRydesLambda: timed out after 30 s, last \
             status: NoSuchEntity: The role with name WildRydesLambda cannot be found.",
            "hint: to continue with more time: `… --wait-limit 60`",
        ],
    );
}

#[tokio::test]
async fn a_value_that_is_never_shown_is_named_at_the_limit() {
    let world = InWeather::new(FaultProfile {
        retention_shown: seconds(3600),
        ..FaultProfile::calm()
    })
    .await;
    let outcome = up(&world, &["--wait-limit", "30"]).await;
    failed(
        outcome,
        &[
            "verify the stack: timed out after 30 s, last status: log group \
             /aws/lambda/RequestUnicorn: `retention` not visible yet",
        ],
    );
}

/// Deletes what an earlier run created while this one is in a wait.
#[tokio::test]
async fn an_old_function_that_is_not_found_is_an_error_at_once() {
    let world = InWeather::new(FaultProfile {
        function_updating: seconds(30),
        ..FaultProfile::calm()
    })
    .await;
    done(up(&world, &[]).await);
    world.commands.clock.sleep(Duration::from_secs(600)).await;
    let before = world.commands.age();
    let hands = async {
        world.commands.at(before + Duration::from_secs(3)).await;
        let lambda = aws_sdk_lambda::Client::new(&world.config());
        let request = lambda.delete_function().function_name("RequestUnicorn");
        request.send().await.expect("deleted");
    };
    let update = up(&world, &["--memory", "192"]);
    let (outcome, ()) = futures::future::join(update, hands).await;
    failed(
        outcome,
        &[
            "wait for function RequestUnicorn: ResourceNotFoundException: Function not found",
            "hint: if it was deleted during this run, run it again: `…`",
        ],
    );
    let took = world.commands.age() - before;
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn a_second_change_of_the_time_to_live_says_when_it_is_possible() {
    let world = InWeather::new(FaultProfile {
        ttl_cooldown: seconds(31 * 60),
        ..FaultProfile::calm()
    })
    .await;
    done(up(&world, &[]).await);
    let db = aws_sdk_dynamodb::Client::new(&world.config());
    let on = aws_sdk_dynamodb::types::TimeToLiveSpecification::builder().enabled(true);
    let on = on.attribute_name("Expires").build().expect("a setting");
    let request = db.update_time_to_live().table_name("Rides");
    let request = request.time_to_live_specification(on);
    request.send().await.expect("by hand");
    failed(
        up(&world, &[]).await,
        &[
            "turn off time to live (TTL) of table Rides: ValidationException: ",
            "hint: DynamoDB accepts one change of the time to live in an hour; after 20",
            "Z at the latest, run it again: `…`",
        ],
    );
    world
        .commands
        .clock
        .sleep(Duration::from_secs(31 * 60))
        .await;
    done(up(&world, &[]).await);
}

#[tokio::test]
async fn a_second_change_of_protection_or_tags_waits_until_it_is_possible() {
    let world = InWeather::new(FaultProfile {
        protection_cooldown: seconds(15),
        tags_locked: Span::millis(1_800, 1_800),
        tags_visible: seconds(3),
        ..FaultProfile::calm()
    })
    .await;
    done(up(&world, &[]).await);
    let db = aws_sdk_dynamodb::Client::new(&world.config());
    let off = db.update_table().table_name("Rides");
    let off = off.deletion_protection_enabled(false).send().await;
    off.expect("by hand");
    let untag = db.untag_resource().resource_arn(TABLE);
    let untag = untag.tag_keys("provision:managed-by").send().await;
    untag.expect("by hand");
    // Shown, and then changed once more.
    world.commands.clock.sleep(Duration::from_secs(4)).await;
    let tag = aws_sdk_dynamodb::types::Tag::builder();
    let tag = tag.key("team").value("blue").build().expect("a tag");
    let tagged = db.tag_resource().resource_arn(TABLE).tags(tag).send().await;
    tagged.expect("by hand");
    let before = world.commands.age();
    done(up(&world, &[]).await);
    let took = world.commands.age() - before;
    assert!(took >= Duration::from_secs(10), "{took:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}

/// `CreateFunction` is repeated once a second, since each attempt uploads the zip. With a role that can be
/// assumed after 7 to 8 s, the function is live at most half a second later on average than if it was
/// repeated every 100 ms, and never more than a second later.
#[tokio::test]
async fn a_slow_role_costs_few_uploads_and_half_a_pause() {
    let ready = (0..10).map(|tenth| Duration::from_millis(7_025 + 100 * tenth));
    let mut later = Duration::ZERO;
    for ready in ready {
        let millis = u64::try_from(ready.as_millis()).expect("seconds");
        let world = InWeather::new(FaultProfile {
            role_assumable: Span::millis(millis, millis),
            ..FaultProfile::calm()
        })
        .await;
        done(up(&world, &[]).await);
        let uploads = world.requests().mutating["lambda:CreateFunction"];
        assert!(uploads <= 10, "{uploads} uploads for {ready:?}");
        let every_100_ms = Duration::from_millis(millis.next_multiple_of(100));
        let took = world.commands.age();
        assert!(took <= ready + Duration::from_secs(1), "{took:?}");
        later += took - every_100_ms;
    }
    let mean = later / 10;
    assert!(mean <= Duration::from_millis(500), "{mean:?}");
}
