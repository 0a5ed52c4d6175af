//! What AWS shows late, or does not find yet: one delay at a time, on a clock that the test moves.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::{PointInTimeRecoverySpecification, TimeToLiveSpecification};
use aws_sdk_iam::types::Tag;
use local_cloud::{FaultProfile, Span};
use serde_json::{Value, json};

use crate::world::{Hands, TRUST, World, bootstrap, create, told, zip};

/// A delay of ten seconds.
const TEN: Span = Span::millis(10_000, 10_000);

async fn world(profile: FaultProfile) -> (World, Arc<Hands>) {
    let hands = Hands::new();
    (World::with_faults(hands.clone(), profile).await, hands)
}

fn later(hands: &Hands, seconds: u64) {
    hands.advance(Duration::from_secs(seconds));
}

fn allow(action: &str) -> Value {
    json!([{"Effect": "Allow", "Action": action, "Resource": "*"}])
}

const NO_ROLE: &str = "NoSuchEntity: The role with name R cannot be found.";

#[tokio::test]
async fn reads_find_a_new_role_later() {
    let (world, hands) = world(FaultProfile {
        role_found: TEN,
        ..FaultProfile::calm()
    })
    .await;
    let iam = &world.owner.iam;
    world.role().await;
    world.policy(allow("s3:GetObject")).await;
    let answers = async || {
        let policy = iam.get_role_policy().role_name("R").policy_name("P");
        [
            told(iam.get_role().role_name("R").send().await),
            told(policy.send().await),
            told(iam.list_role_policies().role_name("R").send().await),
            told(iam.list_role_tags().role_name("R").send().await),
            told(
                iam.list_attached_role_policies()
                    .role_name("R")
                    .send()
                    .await,
            ),
        ]
    };
    assert_eq!(answers().await, [NO_ROLE; 5]);
    let again = iam.create_role().role_name("R");
    let again = again.assume_role_policy_document(TRUST).send().await;
    assert!(told(again).starts_with("EntityAlreadyExists: "));
    later(&hands, 10);
    assert_eq!(answers().await, [""; 5]);
}

#[tokio::test]
async fn changes_find_a_new_role_later() {
    let (world, hands) = world(FaultProfile {
        role_changeable: TEN,
        ..FaultProfile::calm()
    })
    .await;
    let iam = &world.owner.iam;
    world.role().await;
    let answers = async || {
        let policy = iam.put_role_policy().role_name("R").policy_name("P");
        let policy = policy.policy_document(
            json!({"Version": "2012-10-17", "Statement": allow("s3:GetObject")}).to_string(),
        );
        let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        let attach = iam.attach_role_policy().role_name("R").policy_arn(basic);
        let tag = Tag::builder().key("a").value("b").build().expect("a tag");
        let trust = iam.update_assume_role_policy().role_name("R");
        [
            told(policy.send().await),
            told(attach.send().await),
            told(iam.tag_role().role_name("R").tags(tag).send().await),
            told(trust.policy_document(TRUST).send().await),
        ]
    };
    assert_eq!(answers().await, [NO_ROLE; 4]);
    later(&hands, 10);
    assert_eq!(answers().await, [""; 4]);
}

#[tokio::test]
async fn a_new_role_has_its_id_in_place_of_its_arn() {
    let (world, hands) = world(FaultProfile {
        role_arn_shown: TEN,
        ..FaultProfile::calm()
    })
    .await;
    world.role().await;
    let arn = async || {
        let role = world.owner.iam.get_role().role_name("R").send().await;
        role.expect("a role").role.expect("a role").arn
    };
    assert!(arn().await.starts_with("AROA"));
    later(&hands, 10);
    assert!(arn().await.starts_with("arn:"));
}

#[tokio::test]
async fn what_a_role_was_given_is_shown_later() {
    let (world, hands) = world(FaultProfile {
        policy_shown: TEN,
        ..FaultProfile::calm()
    })
    .await;
    let iam = &world.owner.iam;
    world.role().await;
    let shown = async || {
        let policy = iam.get_role_policy().role_name("R").policy_name("P");
        let policy = policy.send().await.map(|policy| policy.policy_document);
        let tags = iam.list_role_tags().role_name("R").send().await;
        (policy.ok(), tags.expect("tags").tags.len())
    };
    let shows = |policy: Option<String>, action: &str| {
        policy.is_some_and(|document| document.contains(action))
    };
    world.policy(allow("s3:GetObject")).await;
    let tag = Tag::builder().key("a").value("b").build().expect("a tag");
    let tagged = iam.tag_role().role_name("R").tags(tag).send().await;
    tagged.expect("tagged");
    assert_eq!(shown().await, (None, 0));
    later(&hands, 10);
    let (policy, tags) = shown().await;
    assert!(shows(policy, "GetObject"));
    assert_eq!(tags, 1);
    world.policy(allow("s3:PutObject")).await;
    assert!(shows(shown().await.0, "GetObject"));
    later(&hands, 10);
    assert!(shows(shown().await.0, "PutObject"));
}

#[tokio::test]
async fn point_in_time_recovery_is_shown_as_disabled_then_as_enabling() {
    let (world, hands) = world(FaultProfile {
        backups_found: TEN,
        recovery_shown: TEN,
        ..FaultProfile::calm()
    })
    .await;
    world.table("Rides").await;
    let db = &world.owner.dynamodb;
    let describe = || db.describe_continuous_backups().table_name("Rides").send();
    let set = |on| {
        let setting = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(on)
            .build()
            .expect("a setting");
        let request = db.update_continuous_backups().table_name("Rides");
        request.point_in_time_recovery_specification(setting).send()
    };
    let status = async || {
        let backups = describe().await.expect("backups");
        let backups = backups.continuous_backups_description.expect("backups");
        let recovery = backups.point_in_time_recovery_description.expect("one");
        let status = recovery.point_in_time_recovery_status;
        status.expect("a status").as_str().to_owned()
    };
    let missing = "TableNotFoundException: Table not found: Rides";
    assert_eq!(told(set(true).await), missing);
    assert_eq!(told(describe().await), missing);
    later(&hands, 10);
    for (on, expected) in [
        (true, ["DISABLED", "ENABLING", "ENABLED"]),
        (false, ["ENABLED", "DISABLING", "DISABLED"]),
    ] {
        set(on).await.expect("accepted");
        for expected in expected {
            assert_eq!(status().await, expected);
            later(&hands, 5);
        }
    }
}

#[tokio::test]
async fn time_to_live_changes_once_in_a_while() {
    let (world, hands) = world(FaultProfile {
        ttl_cooldown: TEN,
        ..FaultProfile::calm()
    })
    .await;
    world.table("Rides").await;
    let set = |on| {
        let setting = TimeToLiveSpecification::builder().enabled(on);
        let setting = setting.attribute_name("Expires").build();
        let request = world.owner.dynamodb.update_time_to_live();
        let request = request.table_name("Rides");
        request
            .time_to_live_specification(setting.expect("a setting"))
            .send()
    };
    assert_eq!(told(set(true).await), "");
    let refusal = told(set(false).await);
    assert!(
        refusal.starts_with("ValidationException: ")
            && refusal.contains("modified multiple times within a fixed interval"),
        "{refusal}"
    );
    later(&hands, 10);
    assert_eq!(told(set(false).await), "");
}

#[tokio::test]
async fn a_new_log_group_is_found_later_and_shows_changes_later_still() {
    let (world, hands) = world(FaultProfile {
        group_found: TEN,
        retention_shown: TEN,
        ..FaultProfile::calm()
    })
    .await;
    let logs = &world.owner.logs;
    let group = logs.create_log_group().log_group_name("g");
    group.send().await.expect("a group");
    let put = |days| {
        let request = logs.put_retention_policy().log_group_name("g");
        request.retention_in_days(days).send()
    };
    let tag = || {
        let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:g";
        let request = logs.tag_resource().resource_arn(arn);
        request.tags("a", "b").send()
    };
    let shown = async || {
        let groups = logs.describe_log_groups().send().await;
        groups.expect("groups").log_groups()[0].retention_in_days
    };
    let missing = "ResourceNotFoundException: The specified log group does not exist.";
    let groups = logs.describe_log_groups().send().await;
    assert_eq!(groups.expect("groups").log_groups().len(), 0);
    assert_eq!(told(put(7).await), missing);
    assert_eq!(told(tag().await), missing);
    later(&hands, 10);
    assert_eq!(told(tag().await), "");
    for (days, before) in [(7, None), (14, Some(7))] {
        put(days).await.expect("accepted");
        assert_eq!(shown().await, before);
        later(&hands, 10);
        assert_eq!(shown().await, Some(days));
    }
}

#[tokio::test]
async fn a_new_function_version_and_alias_are_found_later() {
    let (world, hands) = world(FaultProfile {
        function_found: TEN,
        version_found: TEN,
        alias_found: TEN,
        ..FaultProfile::calm()
    })
    .await;
    let lambda = &world.owner.lambda;
    world.role().await;
    let made = create(&world.owner, zip(bootstrap())).send().await;
    made.expect("a function");
    let get = || lambda.get_function().function_name("f");
    let publish = || lambda.publish_version().function_name("f").send();
    let alias = || lambda.get_alias().function_name("f").name("live").send();
    let missing = "ResourceNotFoundException: Function not found: \
                   arn:aws:lambda:eu-west-1:123456789012:function:f";
    let of_version = format!("{missing}:1");
    let configuration = lambda.get_function_configuration().function_name("f");
    assert_eq!(told(get().send().await), missing);
    assert_eq!(told(configuration.send().await), missing);
    assert_eq!(told(publish().await), missing);
    later(&hands, 10);
    assert_eq!(told(get().send().await), "");
    publish().await.expect("a version");
    let point = || {
        let request = lambda.create_alias().function_name("f").name("live");
        request.function_version("1").send()
    };
    let invoke = || lambda.invoke().function_name("f").qualifier("1").send();
    let listed = async || {
        let versions = lambda.list_versions_by_function().function_name("f");
        let versions = versions.send().await.expect("versions");
        versions.versions().len()
    };
    assert_eq!(told(get().qualifier("1").send().await), of_version);
    assert_eq!(told(invoke().await), of_version);
    assert_eq!(told(point().await), of_version);
    assert_eq!(listed().await, 1);
    later(&hands, 10);
    assert_eq!(told(invoke().await), "");
    assert_eq!(listed().await, 2);
    point().await.expect("an alias");
    assert!(told(alias().await).starts_with("ResourceNotFoundException: "));
    assert!(told(point().await).contains("Alias already exists"));
    later(&hands, 10);
    assert_eq!(told(alias().await), "");
}

#[tokio::test]
async fn a_calm_cloud_finds_and_shows_everything_at_once() {
    let world = World::new().await;
    world.function().await;
    world.policy(allow("s3:GetObject")).await;
    assert_eq!(world.invoke(Value::Null).await.error, None);
    let state = world.folder.path().join("state.json");
    let state = std::fs::read_to_string(state).expect("the state");
    for late in ["unseen", "stale", "shown\""] {
        assert!(!state.contains(late), "`{late}` is in {state}");
    }
}
