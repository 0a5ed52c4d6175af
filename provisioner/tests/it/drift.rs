//! What somebody else changed is found by `plan`, mended by `up`, and nothing else is touched.

use aws_sdk_lambda::types::Environment;

use crate::cloud::CloudProcess;
use crate::standing::Standing;
use crate::world::{Run, World};

/// Changes the stack behind its back, wants the plan to say `expected`, and `up` to mend it.
async fn check<F: Future<Output = ()>>(
    change: impl FnOnce(aws_config::SdkConfig) -> F,
    expected: &[&str],
) {
    let world = World::standing(Standing::Up);
    let cloud: CloudProcess = world.cloud();
    change(cloud.config()).await;
    let mut plan = world.plan(&["--exit-code"]).exits(3);
    for text in expected {
        plan = plan.says(text);
    }
    world.up(&["--yes"]).ok();
    world.plan(&["--exit-code"]).ok().says("nothing to do");
}

#[tokio::test]
async fn a_changed_retention_is_put_back() {
    let change = |config| async move {
        let client = aws_sdk_cloudwatchlogs::Client::new(&config);
        let request = client
            .put_retention_policy()
            .log_group_name("/aws/lambda/RequestUnicorn");
        request.retention_in_days(7).send().await.expect("a change");
    };
    check(change, &["retention  7 days → 14 days", "1 to change"]).await;
}

#[tokio::test]
async fn lifted_protection_is_put_back() {
    let change = |config| async move {
        let client = aws_sdk_dynamodb::Client::new(&config);
        let request = client.update_table().table_name("Rides");
        request
            .deletion_protection_enabled(false)
            .send()
            .await
            .expect("a change");
    };
    check(change, &["deletion protection  off → on", "1 to change"]).await;
}

#[tokio::test]
async fn a_changed_policy_is_put_back() {
    let change = |config| async move {
        let client = aws_sdk_iam::Client::new(&config);
        let request = client.put_role_policy().role_name("WildRydesLambda");
        let wide = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let request = request
            .policy_name("DynamoDBWriteAccess")
            .policy_document(wide);
        request.send().await.expect("a change");
    };
    let shown = [
        "    policy DynamoDBWriteAccess, statement WriteRides\n      - Allow * on *\n",
        "      + Allow dynamodb:PutItem on table/Rides\n",
        "1 to change",
    ];
    check(change, &shown).await;
}

/// What gives more access than before is marked, and needs a confirmation.
#[tokio::test]
async fn more_access_than_before_needs_consent() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let iam = aws_sdk_iam::Client::new(&cloud.config());
    let narrow = r#"{"Version":"2012-10-17","Statement":[{"Sid":"WriteRides","Effect":"Allow","Action":"dynamodb:PutItem","Resource":"arn:aws:dynamodb:us-east-1:123456789012:table/None"}]}"#;
    let request = iam.put_role_policy().role_name("WildRydesLambda");
    let request = request.policy_name("DynamoDBWriteAccess");
    request
        .policy_document(narrow)
        .send()
        .await
        .expect("a change");
    let line = "      + Allow dynamodb:PutItem on table/Rides             ! widens access\n";
    world.plan(&["--exit-code"]).exits(3).says(line);
    let json = world.plan(&["--output", "json"]).ok().json();
    assert_eq!(
        json["changes"][1]["differences"][0]["widens"], true,
        "{json:#}"
    );
    world
        .up(&[])
        .exits(4)
        .says("role WildRydesLambda: widen access by `policy DynamoDBWriteAccess`")
        .says("--yes");
    world.up(&["--yes"]).ok().says("! widens access");
    world.plan(&["--exit-code"]).ok().never_says("widens");
}

#[tokio::test]
async fn further_policies_and_attachments_are_shown_and_removed_with_consent() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let iam = aws_sdk_iam::Client::new(&cloud.config());
    let extra = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
    let request = iam.put_role_policy().role_name("WildRydesLambda");
    request
        .policy_name("Extra")
        .policy_document(extra)
        .send()
        .await
        .expect("a change");
    let managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let request = iam
        .attach_role_policy()
        .role_name("WildRydesLambda")
        .policy_arn(managed);
    request.send().await.expect("a change");

    world
        .plan(&["--exit-code"])
        .exits(3)
        .says("policy Extra")
        .says(managed);
    world
        .up(&[])
        .exits(4)
        .says("remove `policy Extra`")
        .says("--yes");
    world.plan(&["--exit-code"]).exits(3);
    world.up(&["--yes"]).ok();
    world.plan(&["--exit-code"]).ok();
}

#[tokio::test]
async fn a_changed_configuration_is_put_back_without_touching_the_live_version() {
    let change = |config| async move {
        let client = aws_sdk_lambda::Client::new(&config);
        let request = client
            .update_function_configuration()
            .function_name("RequestUnicorn");
        let variables = Environment::builder()
            .variables("TABLE_NAME", "Elsewhere")
            .build();
        request
            .memory_size(256)
            .environment(variables)
            .send()
            .await
            .expect("a change");
    };
    check(
        change,
        &[
            "memory  256 MB → 128 MB",
            "env     ~ TABLE_NAME → Rides",
            "1 to change",
        ],
    )
    .await;
}

/// Returns the number of a version with more memory.
async fn publish_another_version(client: &aws_sdk_lambda::Client) -> String {
    let request = client
        .update_function_configuration()
        .function_name("RequestUnicorn");
    request.memory_size(256).send().await.expect("a change");
    let function = client.publish_version().function_name("RequestUnicorn");
    let published = function.send().await.expect("a version");
    published.version.expect("a number")
}

#[tokio::test]
async fn a_moved_alias_takes_its_ride_again() {
    let change = |config| async move {
        let client = aws_sdk_lambda::Client::new(&config);
        let version = publish_another_version(&client).await;
        let request = client
            .update_alias()
            .function_name("RequestUnicorn")
            .name("live");
        request
            .function_version(version)
            .send()
            .await
            .expect("a change");
    };
    check(change, &["~ release RequestUnicorn:live"]).await;
}

/// With WARN, the test ride's and the rides' own lines are dropped.
#[tokio::test]
async fn changed_log_levels_are_put_back() {
    let change = |config| async move {
        let client = aws_sdk_lambda::Client::new(&config);
        let logging = aws_sdk_lambda::types::LoggingConfig::builder()
            .log_format(aws_sdk_lambda::types::LogFormat::Json)
            .application_log_level(aws_sdk_lambda::types::ApplicationLogLevel::Warn)
            .build();
        let request = client
            .update_function_configuration()
            .function_name("RequestUnicorn")
            .logging_config(logging);
        request.send().await.expect("a change");
    };
    check(change, &["log levels  WARN for the application"]).await;
}

#[tokio::test]
async fn a_shortened_recovery_period_is_put_back() {
    let world = World::new();
    world.up(&["--stage", "prod"]).ok();
    let cloud = world.cloud();
    let client = aws_sdk_dynamodb::Client::new(&cloud.config());
    let recovery = aws_sdk_dynamodb::types::PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(true)
        .recovery_period_in_days(7)
        .build();
    let request = client.update_continuous_backups().table_name("Rides-prod");
    let request = request.point_in_time_recovery_specification(recovery.expect("a period"));
    request.send().await.expect("a change");
    let plan = world.plan(&["--stage", "prod", "--exit-code"]).exits(3);
    plan.says("point-in-time recovery  on, for 7 days → on");
    world.up(&["--stage", "prod"]).ok();
    world.plan(&["--stage", "prod", "--exit-code"]).ok();
}

/// A second version gets requests without a test ride of this stack's.
#[tokio::test]
async fn a_share_of_the_traffic_for_another_version_is_taken_back() {
    let change = |config| async move {
        let client = aws_sdk_lambda::Client::new(&config);
        let version = publish_another_version(&client).await;
        let routing = aws_sdk_lambda::types::AliasRoutingConfiguration::builder()
            .additional_version_weights(version, 0.1)
            .build();
        let request = client
            .update_alias()
            .function_name("RequestUnicorn")
            .name("live");
        let request = request.routing_config(routing);
        request.send().await.expect("a change");
    };
    check(
        change,
        &["(memory changed, live sends 10.0 % to version 2)"],
    )
    .await;
}

#[tokio::test]
async fn what_was_deleted_is_made_again() {
    let change = |config| async move {
        let client = aws_sdk_lambda::Client::new(&config);
        client
            .delete_function()
            .function_name("RequestUnicorn")
            .send()
            .await
            .expect("a change");
        let client = aws_sdk_cloudwatchlogs::Client::new(&config);
        let request = client
            .delete_log_group()
            .log_group_name("/aws/lambda/RequestUnicorn");
        request.send().await.expect("a change");
    };
    check(change, &["+ log group", "+ function", "+ release"]).await;
}

#[tokio::test]
async fn tags_of_others_are_left_alone() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let iam = aws_sdk_iam::Client::new(&cloud.config());
    let tag = aws_sdk_iam::types::Tag::builder()
        .key("team")
        .value("blue")
        .build()
        .expect("a tag");
    iam.tag_role()
        .role_name("WildRydesLambda")
        .tags(tag)
        .send()
        .await
        .expect("a change");
    world.plan(&["--exit-code"]).ok();
    world.up(&[]).ok().says("nothing to do");
    let tags = iam
        .list_role_tags()
        .role_name("WildRydesLambda")
        .send()
        .await
        .expect("tags");
    assert!(tags.tags().iter().any(|tag| tag.key() == "team"));
}

/// Lambda leaves the tags out for whoever may not list them, in an answer that is well otherwise.
#[tokio::test]
async fn tags_that_may_not_be_read_are_unknown_and_not_absent() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let all_but_tags = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"lambda:ListTags","Resource":"*"}]}"#;
    let sts = aws_sdk_sts::Client::new(&cloud.config());
    let request = sts.get_federation_token().name("somebody");
    let answer = request.policy(all_but_tags).send().await.expect("keys");
    let keys = answer.credentials.expect("keys");
    let down = ["down", "--yes", "--region", "us-east-1", "--endpoint-url"];
    let mut down = world.command(&[&down[..], &[&cloud.url]].concat());
    down.env("AWS_ACCESS_KEY_ID", keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
        .env("AWS_SESSION_TOKEN", keys.session_token);
    Run::of(&mut down)
        .exits(5)
        .says("its tags could not be read")
        .says("lambda:ListTags");
    world.plan(&["--exit-code"]).ok().says("nothing to do");
}

#[tokio::test]
async fn what_is_not_ours_is_refused_with_the_line_that_adopts_it() {
    let world = World::new();
    let cloud = world.cloud();
    let logs = aws_sdk_cloudwatchlogs::Client::new(&cloud.config());
    let name = "/aws/lambda/RequestUnicorn";
    logs.create_log_group()
        .log_group_name(name)
        .send()
        .await
        .expect("a group");
    world
        .up(&["--yes"])
        .exits(4)
        .says("is not managed by provision")
        .says("--adopt log-group");
    world
        .local(&["status"])
        .ok()
        .says("not managed")
        .never_says("healthy    managed");
    world
        .local(&["down", "--yes"])
        .ok()
        .says("kept     log group");
    world
        .up(&["--adopt", "log-group"])
        .exits(4)
        .says("adopt log group")
        .says("--yes");
    world.up(&["--adopt", "log-group", "--yes"]).ok();
    world.plan(&["--exit-code"]).ok();
    drop(cloud);
}

#[tokio::test]
async fn a_table_with_another_key_is_refused_for_good() {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    let world = World::new();
    let cloud = world.cloud();
    let dynamodb = aws_sdk_dynamodb::Client::new(&cloud.config());
    let definition = AttributeDefinition::builder()
        .attribute_name("Id")
        .attribute_type(ScalarAttributeType::S)
        .build()
        .expect("a definition");
    let key = KeySchemaElement::builder()
        .attribute_name("Id")
        .key_type(KeyType::Hash)
        .build();
    let request = dynamodb
        .create_table()
        .table_name("Rides")
        .attribute_definitions(definition);
    let request = request
        .key_schema(key.expect("a key"))
        .billing_mode(BillingMode::PayPerRequest);
    request.send().await.expect("a table");
    world
        .up(&["--adopt", "table", "--yes"])
        .exits(4)
        .says("never replaces a table");
}
