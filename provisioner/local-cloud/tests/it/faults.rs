//! Fault injection: one delay or fault at a time, on a clock that the test moves.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::{PointInTimeRecoverySpecification, Tag};
use aws_smithy_types::Blob;
use local_cloud::{FaultProfile, FaultRates, Span};
use serde_json::{Value, json};

use crate::world::{Hands, ROLE, TRUST, World, bootstrap, create, rides, told, with_keys, zip};

const TABLE: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/Rides";
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:f";

async fn world(profile: FaultProfile) -> (World, Arc<Hands>) {
    let hands = Hands::new();
    (World::with_faults(hands.clone(), profile).await, hands)
}

/// A delay of ten seconds.
const TEN: Span = Span::millis(10_000, 10_000);

fn later(hands: &Hands) {
    hands.advance(Duration::from_secs(10));
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().expect("a tag")
}

#[tokio::test]
async fn a_young_role_is_not_assumed_and_a_distrustful_one_never() {
    let (world, hands) = world(FaultProfile {
        role_assumable: TEN,
        ..FaultProfile::calm()
    })
    .await;
    world.role().await;
    let make = || create(&world.owner, zip(bootstrap())).send();
    let refusal = "InvalidParameterValueException: The role defined for the function cannot be \
                   assumed by Lambda.";
    assert_eq!(told(make().await), refusal);
    later(&hands);
    assert_eq!(told(make().await), "");
    let elsewhere = TRUST.replace("lambda", "ec2");
    let distrustful = world.owner.iam.create_role().role_name("D");
    let made = distrustful.assume_role_policy_document(elsewhere).send();
    made.await.expect("a role");
    hands.advance(Duration::from_secs(3600));
    let make = create(&world.owner, zip(bootstrap()))
        .function_name("g")
        .role(ROLE.replace("role/R", "role/D"));
    assert_eq!(told(make.send().await), refusal);
}

#[tokio::test]
async fn a_changed_policy_is_shown_at_once_and_in_force_later() {
    let (world, hands) = world(FaultProfile {
        policy_in_force: TEN,
        ..FaultProfile::calm()
    })
    .await;
    world.table("Rides").await;
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    }]});
    let role = world.owner.iam.create_role().role_name("R");
    let role = role.assume_role_policy_document(trust.to_string());
    role.send().await.expect("a role");
    let assumed = world.owner.sts.assume_role().role_arn(ROLE);
    let assumed = assumed.role_session_name("me").send().await.expect("keys");
    let keys = assumed.credentials.expect("keys");
    let keys = aws_credential_types::Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        Some(keys.session_token),
        None,
        "test",
    );
    let role = with_keys(&world.cloud.endpoint_url(), keys);
    let scan = async || told(role.dynamodb.scan().table_name("Rides").send().await);
    let allow = json!([{"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": "*"}]);
    world.policy(allow).await;
    let shown = world.owner.iam.get_role_policy().role_name("R");
    assert_eq!(told(shown.policy_name("P").send().await), "");
    assert!(scan().await.starts_with("AccessDeniedException: "));
    later(&hands);
    assert_eq!(scan().await, "");
    let gone = world.owner.iam.delete_role_policy().role_name("R");
    gone.policy_name("P").send().await.expect("deleted");
    assert_eq!(scan().await, "");
    later(&hands);
    assert!(scan().await.starts_with("AccessDeniedException: "));
}

#[tokio::test]
async fn a_table_is_made_and_goes_in_its_time() {
    let (world, hands) = world(FaultProfile {
        table_creating: TEN,
        table_deleting: TEN,
        backups_unavailable: TEN,
        ..FaultProfile::calm()
    })
    .await;
    let db = &world.owner.dynamodb;
    let make = || rides(&world.owner, "Rides").send();
    let delete = || db.delete_table().table_name("Rides").send();
    let status = async || {
        let answer = db.describe_table().table_name("Rides").send().await;
        let table = answer.ok().and_then(|answer| answer.table);
        table.map(|table| table.table_status.expect("a status").as_str().to_owned())
    };
    let recover = || {
        let on = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(true)
            .build()
            .expect("a setting");
        let request = db.update_continuous_backups().table_name("Rides");
        request.point_in_time_recovery_specification(on).send()
    };
    let tags = || db.list_tags_of_resource().resource_arn(TABLE).send();
    make().await.expect("a table");
    assert_eq!(status().await.as_deref(), Some("CREATING"));
    assert!(told(make().await).starts_with("ResourceInUseException: Table is being created: "));
    assert!(told(delete().await).starts_with("ResourceInUseException: Table is being created: "));
    assert!(told(tags().await).starts_with("ResourceNotFoundException: "));
    assert!(told(recover().await).starts_with("TableNotFoundException: "));
    later(&hands);
    assert_eq!(status().await.as_deref(), Some("ACTIVE"));
    let unavailable = "ContinuousBackupsUnavailableException: Backups are being enabled";
    assert!(told(recover().await).starts_with(unavailable));
    later(&hands);
    assert_eq!(told(recover().await), "");
    delete().await.expect("accepted");
    assert_eq!(status().await.as_deref(), Some("DELETING"));
    assert!(told(delete().await).contains("Table is being deleted"));
    assert!(told(make().await).starts_with("ResourceInUseException: Table already exists: "));
    assert!(told(tags().await).starts_with("ResourceNotFoundException: "));
    later(&hands);
    assert_eq!(status().await, None);
    assert!(told(delete().await).starts_with("ResourceNotFoundException: "));
    assert_eq!(told(make().await), "");
}

#[tokio::test]
async fn tags_lag_and_lock() {
    let (world, hands) = world(FaultProfile {
        tags_visible: TEN,
        tags_locked: TEN,
        ..FaultProfile::calm()
    })
    .await;
    world.table("Rides").await;
    let db = &world.owner.dynamodb;
    let set = |tags: &[(&str, &str)]| {
        let tags = tags.iter().map(|(key, value)| tag(key, value)).collect();
        let request = db.tag_resource().resource_arn(TABLE);
        request.set_tags(Some(tags)).send()
    };
    let unset = |key: &str| {
        let request = db.untag_resource().resource_arn(TABLE);
        request.tag_keys(key).send()
    };
    let seen = async || {
        let answer = db.list_tags_of_resource().resource_arn(TABLE).send().await;
        answer.expect("tags").tags.unwrap_or_default().len()
    };
    set(&[("a", "1")]).await.expect("tagged");
    assert_eq!(seen().await, 0);
    let locked = "LimitExceededException: Table tags are being updated";
    assert!(told(set(&[("b", "2")]).await).starts_with(locked));
    assert!(told(unset("a").await).starts_with(locked));
    // What changes nothing is free, and what holds the pairs in flight gets through.
    assert_eq!(told(set(&[("a", "1")]).await), "");
    assert_eq!(told(unset("z").await), "");
    assert_eq!(told(set(&[("a", "1"), ("b", "2")]).await), "");
    let delete = db.delete_table().table_name("Rides").send().await;
    assert!(told(delete).starts_with("ResourceInUseException: Table tags are being updated"));
    later(&hands);
    assert_eq!(seen().await, 2);
    assert_eq!(told(unset("a").await), "");
    assert_eq!(seen().await, 2);
    later(&hands);
    assert_eq!(seen().await, 1);
}

#[tokio::test]
async fn protection_cools_down_and_billing_takes_its_time() {
    let (world, hands) = world(FaultProfile {
        protection_cooldown: TEN,
        table_billing: TEN,
        ..FaultProfile::calm()
    })
    .await;
    world.table("Rides").await;
    let db = &world.owner.dynamodb;
    let update = || db.update_table().table_name("Rides");
    let protect = |on| update().deletion_protection_enabled(on).send();
    protect(true).await.expect("protected");
    assert_eq!(told(protect(true).await), "");
    let fixed = "ThrottlingException: Deletion protection setting for table";
    assert!(told(protect(false).await).starts_with(fixed));
    later(&hands);
    protect(false).await.expect("unprotected");
    let units = aws_sdk_dynamodb::types::ProvisionedThroughput::builder()
        .read_capacity_units(1)
        .write_capacity_units(1)
        .build()
        .expect("units");
    let provisioned = update()
        .billing_mode("PROVISIONED".into())
        .provisioned_throughput(units);
    provisioned.send().await.expect("accepted");
    let again = || update().billing_mode("PAY_PER_REQUEST".into()).send();
    let in_use = "ResourceInUseException: Attempt to change a resource which is still in use";
    assert!(told(again().await).starts_with(in_use));
    later(&hands);
    assert_eq!(told(again().await), "");
}

#[tokio::test]
async fn a_function_settles_before_it_changes_again() {
    let (world, hands) = world(FaultProfile {
        function_pending: TEN,
        function_updating: TEN,
        ..FaultProfile::calm()
    })
    .await;
    world.role().await;
    let lambda = &world.owner.lambda;
    let made = create(&world.owner, zip(bootstrap())).send().await;
    let made = made.expect("a function");
    let configure = |timeout| {
        let request = lambda.update_function_configuration().function_name("f");
        request.timeout(timeout).send()
    };
    let invoke = || lambda.invoke().function_name("f").send();
    let publish = || lambda.publish_version().function_name("f").send();
    let pending = "currently in the following state: Pending";
    assert!(told(invoke().await).contains(pending));
    assert!(told(configure(5).await).contains(pending));
    assert!(told(publish().await).contains(pending));
    let got = lambda.get_function().function_name("f").send().await;
    let got = got.expect("a function").configuration.expect("one");
    assert_eq!(got.state.expect("a state").as_str(), "Pending");
    assert_eq!(got.last_update_status, None);
    later(&hands);
    assert_eq!(told(invoke().await), "");
    let got = lambda.get_function().function_name("f").send().await;
    let got = got.expect("a function").configuration.expect("one");
    assert_ne!(got.revision_id, made.revision_id);
    configure(5).await.expect("accepted");
    let busy = format!("An update is in progress for resource: {FUNCTION}");
    assert!(told(configure(6).await).contains(&busy));
    assert!(told(publish().await).contains(&busy));
    let code = lambda.update_function_code().function_name("f");
    let code = code.zip_file(Blob::new(zip(bootstrap())));
    assert!(told(code.send().await).contains(&busy));
    let tag = lambda.tag_resource().resource(FUNCTION).tags("a", "b");
    assert!(told(tag.send().await).contains(&busy));
    // The previous version serves.
    assert_eq!(told(invoke().await), "");
    later(&hands);
    assert_eq!(told(publish().await), "");
}

#[tokio::test]
async fn a_late_log_brings_a_deleted_group_back_where_the_role_may() {
    for may_create in [true, false] {
        let (world, hands) = world(FaultProfile {
            logs_late: TEN,
            ..FaultProfile::calm()
        })
        .await;
        world.function().await;
        let mut actions = vec!["logs:CreateLogStream", "logs:PutLogEvents"];
        actions.extend(may_create.then_some("logs:CreateLogGroup"));
        let allow = json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}]);
        world.policy(allow).await;
        let logs = &world.owner.logs;
        let name = "/aws/lambda/f";
        let group = logs.create_log_group().log_group_name(name);
        group.send().await.expect("a group");
        world.invoke(Value::Null).await;
        let function = world.owner.lambda.delete_function().function_name("f");
        function.send().await.expect("deleted");
        let group = logs.delete_log_group().log_group_name(name);
        group.send().await.expect("deleted");
        let there = async || {
            let found = logs.describe_log_groups().send().await;
            found.expect("groups").log_groups().len()
        };
        assert_eq!(there().await, 0);
        later(&hands);
        assert_eq!(there().await, usize::from(may_create));
    }
}

#[tokio::test]
async fn a_failed_creation_is_final_and_a_failed_update_is_not() {
    let (world, _) = world(FaultProfile {
        failed_creations: 1,
        failed_updates: 1,
        ..FaultProfile::calm()
    })
    .await;
    world.role().await;
    let lambda = &world.owner.lambda;
    let made = create(&world.owner, zip(bootstrap())).send().await;
    made.expect("a function");
    let shown = async || {
        let function = lambda.get_function().function_name("f").send().await;
        let found = function.expect("a function").configuration;
        let found = found.expect("a configuration");
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        (
            text(found.state().map(|state| state.as_str())),
            text(found.last_update_status().map(|status| status.as_str())),
        )
    };
    assert_eq!(shown().await, ("Failed".to_owned(), String::new()));
    let change = async |mb| {
        let request = lambda.update_function_configuration().function_name("f");
        told(request.memory_size(mb).send().await)
    };
    let refusal = change(256).await;
    assert!(
        refusal.starts_with("ResourceConflictException: ") && refusal.ends_with("Failed"),
        "{refusal}"
    );
    let gone = lambda.delete_function().function_name("f").send().await;
    gone.expect("deleted");
    let made = create(&world.owner, zip(bootstrap())).send().await;
    made.expect("a function");
    let serves = async || {
        let function = lambda.invoke().function_name("f").payload(Blob::new("{}"));
        told(function.send().await)
    };
    assert_eq!(change(256).await, "");
    assert_eq!(shown().await, ("Active".to_owned(), "Failed".to_owned()));
    assert_eq!(serves().await, "");
    assert_eq!(change(256).await, "");
    let settled = ("Active".to_owned(), "Successful".to_owned());
    assert_eq!(shown().await, settled);
}

/// Every first call fails in this way, every second succeeds.
fn always(rates: FaultRates) -> FaultProfile {
    FaultProfile {
        rates: FaultRates {
            in_a_row: 1,
            ..rates
        },
        ..FaultProfile::calm()
    }
}

#[tokio::test]
async fn services_throttle_and_fail_in_their_own_words() {
    let rates = FaultRates::default();
    let throttled = FaultRates {
        throttled: 1000,
        ..rates
    };
    let failed = FaultRates {
        failed: 1000,
        ..rates
    };
    for (rates, codes) in [
        (
            throttled,
            [
                "ThrottlingException",
                "Throttling",
                "TooManyRequestsException",
                "ThrottlingException",
            ],
        ),
        (
            failed,
            [
                "InternalServerError",
                "ServiceFailure",
                "ServiceException",
                "ServiceUnavailableException",
            ],
        ),
    ] {
        let (world, _) = world(always(rates)).await;
        let owner = &world.owner;
        for row in 0..2 {
            let told = [
                told(owner.dynamodb.list_tables().send().await),
                told(owner.iam.list_roles().send().await),
                told(owner.lambda.list_functions().send().await),
                told(owner.logs.describe_log_groups().send().await),
            ];
            for (told, code) in told.iter().zip(codes) {
                let fails = told.starts_with(&format!("{code}: "));
                assert_eq!(fails, row == 0, "{told}");
                assert_eq!(told.is_empty(), row == 1, "{told}");
            }
        }
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_its_effect_and_a_lost_call_none() {
    let rates = FaultRates::default();
    let before = FaultRates {
        dropped_before: 1000,
        ..rates
    };
    let after = FaultRates {
        dropped_after: 1000,
        ..rates
    };
    for (rates, again) in [
        (before, ""),
        (
            after,
            "EntityAlreadyExists: Role with name R already exists.",
        ),
    ] {
        let (world, _) = world(always(rates)).await;
        let make = || {
            let request = world.owner.iam.create_role().role_name("R");
            request.assume_role_policy_document(TRUST).send()
        };
        assert_eq!(told(make().await), "no answer");
        assert_eq!(told(make().await), again);
    }
}

/// AWS documents neither answer.
#[tokio::test]
async fn the_number_of_a_deleted_version_may_be_answered_until_the_function_changes() {
    for answers_deleted_version in [false, true] {
        let (world, _) = world(FaultProfile {
            answers_deleted_version,
            ..FaultProfile::calm()
        })
        .await;
        world.function().await;
        let lambda = &world.owner.lambda;
        let publish = async || {
            let publish = lambda.publish_version().function_name("f").send();
            publish.await.expect("a version").version
        };
        assert_eq!(publish().await.as_deref(), Some("1"));
        let delete = lambda.delete_function().function_name("f").qualifier("1");
        delete.send().await.expect("deleted");
        let again = if answers_deleted_version { "1" } else { "2" };
        assert_eq!(publish().await.as_deref(), Some(again));
        let get = lambda.get_function().function_name("f").qualifier("1");
        assert!(get.send().await.is_err());
        let describe = lambda.update_function_configuration().function_name("f");
        describe.description("other").send().await.expect("changed");
        let next = if answers_deleted_version { "2" } else { "3" };
        assert_eq!(publish().await.as_deref(), Some(next));
    }
}
