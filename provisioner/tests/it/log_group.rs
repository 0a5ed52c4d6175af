//! What others decide about the log group: the account's retention, and its deletion protection.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::PolicyType;

use crate::in_process::{InProcess, InWeather, told};
use crate::standing::Standing;
use crate::world::{World, artifact_path};

const LOG_GROUP: &str = "/aws/lambda/RequestUnicorn";

async fn put_account_policy(client: &Client, days: &str) {
    let document = format!(r#"{{"retentionInDays":{days},"enforcementMode":"RETROACTIVE"}}"#);
    let request = client.put_account_policy().policy_name("Audit");
    let request = request.policy_type(PolicyType::RetentionPolicy);
    let request = request.policy_document(document);
    request.send().await.expect("a policy");
}

async fn set_protection(client: &Client, enabled: bool) {
    let request = client.put_log_group_deletion_protection();
    let request = request.log_group_identifier(LOG_GROUP);
    let request = request.deletion_protection_enabled(enabled);
    request.send().await.expect("a change");
}

#[tokio::test]
async fn the_accounts_retention_is_no_difference_and_is_explained() {
    let world = World::new();
    let cloud = world.cloud();
    let client = Client::new(&cloud.config());
    put_account_policy(&client, "30").await;
    let why = "the retention of the log group is 30 days, set by the account's policy Audit";
    world.up(&[]).ok().says(why);
    world.plan(&["--exit-code"]).ok().says(why);
    world
        .local(&["status"])
        .ok()
        .says("retention 30 days, set by the account's policy Audit")
        .never_says("differs");
    put_account_policy(&client, r#""NEVER_EXPIRE""#).await;
    world.up(&[]).ok().says("never expires, set by the account");
    // Its own retention was saved, and counts again.
    let request = client.delete_account_policy().policy_name("Audit");
    let request = request.policy_type(PolicyType::RetentionPolicy);
    request.send().await.expect("deleted");
    world.plan(&["--exit-code"]).ok().never_says("Audit");
    world
        .plan(&["--exit-code", "--retention-days", "7"])
        .exits(3)
        .says("retention");
}

#[tokio::test]
async fn down_lifts_the_protection_of_the_log_group_with_consent_only() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let client = Client::new(&cloud.config());
    set_protection(&client, true).await;
    let on = "deletion protection of the log group is on (not declared)";
    world.plan(&["--exit-code"]).ok().says(on);
    world
        .local(&["status"])
        .ok()
        .says("deletion protection on (not declared)");
    world
        .local(&["down", "--yes"])
        .exits(4)
        .says("--delete-data");
    world
        .local(&["down", "--yes", "--keep-data"])
        .exits(4)
        .says("put-log-group-deletion-protection");
    // Nothing was deleted.
    world.plan(&["--exit-code"]).ok();
    world.local(&["down", "--yes", "--delete-data"]).ok();
    let groups = client.describe_log_groups().send().await.expect("a list");
    assert!(groups.log_groups().is_empty(), "{groups:?}");
}

#[tokio::test]
async fn a_declared_protection_is_set_and_restored() {
    let world = InWeather::new(local_cloud::FaultProfile::calm()).await;
    let inside: &InProcess = &world.commands;
    let protect = |stack: &mut provisioner::stack::declaration::Stack| {
        stack.log_group.deletion_protection = true;
    };
    let client = Client::new(&world.config());
    let protected = async || {
        let groups = client.describe_log_groups().send().await.expect("a list");
        groups.log_groups()[0].deletion_protection_enabled()
    };
    inside.deploy(protect).await.expect("done");
    assert_eq!(protected().await, Some(true));
    set_protection(&client, false).await;
    inside.deploy(protect).await.expect("restored");
    assert_eq!(protected().await, Some(true));
    let errors = inside.run(&["down"]).await.expect_err("protected");
    let told = told(&errors);
    assert!(told.contains("deletion protection"), "{told}");
    let up = ["up", "--artifact", artifact_path()];
    inside.run(&up).await.expect("left as it is");
    assert_eq!(protected().await, Some(true));
}
