//! What somebody else does meanwhile, in the console or with another tool.

use aws_config::SdkConfig;

pub use crate::cloud::by_hand;

/// A table keyed by `key`, without any tags.
pub async fn make_table(config: SdkConfig, name: &str, key: &str) {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    let definition = AttributeDefinition::builder()
        .attribute_name(key)
        .attribute_type(ScalarAttributeType::S)
        .build();
    let element = KeySchemaElement::builder()
        .attribute_name(key)
        .key_type(KeyType::Hash)
        .build();
    aws_sdk_dynamodb::Client::new(&config)
        .create_table()
        .table_name(name)
        .attribute_definitions(definition.expect("a definition"))
        .key_schema(element.expect("a key"))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .expect("a table");
}

pub async fn enable_time_to_live(config: SdkConfig) {
    let on = aws_sdk_dynamodb::types::TimeToLiveSpecification::builder().enabled(true);
    let on = on.attribute_name("Expires").build().expect("a setting");
    let client = aws_sdk_dynamodb::Client::new(&config);
    let request = client.update_time_to_live().table_name("Rides");
    let request = request.time_to_live_specification(on).send().await;
    request.expect("a change");
}

pub async fn make_log_group(config: SdkConfig, name: &str) {
    aws_sdk_cloudwatchlogs::Client::new(&config)
        .create_log_group()
        .log_group_name(name)
        .send()
        .await
        .expect("a log group");
}

pub async fn lift_protection(config: SdkConfig) {
    aws_sdk_dynamodb::Client::new(&config)
        .update_table()
        .table_name("Rides")
        .deletion_protection_enabled(false)
        .send()
        .await
        .expect("a change");
}

pub async fn put_policy(config: SdkConfig, role: &str, name: &str, statements: &str) {
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    aws_sdk_iam::Client::new(&config)
        .put_role_policy()
        .role_name(role)
        .policy_name(name)
        .policy_document(document)
        .send()
        .await
        .expect("a policy");
}

/// The role of the default stage, with its policies.
pub async fn delete_role(config: SdkConfig) {
    let iam = aws_sdk_iam::Client::new(&config);
    let role = "WildRydesLambda";
    for policy in ["DynamoDBWriteAccess", "WriteLogs"] {
        let delete = iam.delete_role_policy().role_name(role);
        delete.policy_name(policy).send().await.expect("a change");
    }
    let delete = iam.delete_role().role_name(role);
    delete.send().await.expect("a change");
}

pub async fn protect_log_group(config: SdkConfig) {
    aws_sdk_cloudwatchlogs::Client::new(&config)
        .put_log_group_deletion_protection()
        .log_group_identifier("/aws/lambda/RequestUnicorn")
        .deletion_protection_enabled(true)
        .send()
        .await
        .expect("a change");
}
