//! Changes of a stack that other users and programs make, by the SDK.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate,
    KeySchemaElement, KeyType, PointInTimeRecoverySpecification, Projection, ProjectionType,
    ProvisionedThroughput, ScalarAttributeType, StreamSpecification, StreamViewType, TableClass,
    TimeToLiveSpecification,
};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Environment, EphemeralStorage, LogFormat, LoggingConfig, TracingConfig, TracingMode,
};

pub const TABLE: &str = "Rides";
pub const ROLE: &str = "WildRydesLambda";
pub const LOG_GROUP: &str = "/aws/lambda/RequestUnicorn";
pub const FUNCTION: &str = "RequestUnicorn";
pub const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
const OTHER_TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Action":"sts:AssumeRole","Principal":{"Service":["lambda.amazonaws.com","ec2.amazonaws.com"]}}]}"#;
pub const READ_ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Action":"dynamodb:Scan","Resource":"*"}]}"#;

/// Everything at once.
pub async fn change_all(config: &SdkConfig) {
    change_table(config).await;
    change_role(config).await;
    change_log_group(config).await;
    change_function(config).await;
}

pub async fn change_table(config: &SdkConfig) {
    let client = aws_sdk_dynamodb::Client::new(config);
    let update = || client.update_table().table_name(TABLE);
    // One logical change a call.
    let request = update().deletion_protection_enabled(false);
    request.send().await.expect("protection");
    let units = ProvisionedThroughput::builder()
        .read_capacity_units(1)
        .write_capacity_units(1);
    let request = update()
        .billing_mode(BillingMode::Provisioned)
        .provisioned_throughput(units.build().expect("units"));
    request.send().await.expect("billing");
    let request = update().table_class(TableClass::StandardInfrequentAccess);
    request.send().await.expect("class");
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewImage);
    let request = update().stream_specification(stream.build().expect("a stream"));
    request.send().await.expect("stream");
    let ttl = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name("Expires");
    let request = client.update_time_to_live().table_name(TABLE);
    let request = request.time_to_live_specification(ttl.build().expect("a time"));
    request.send().await.expect("time to live");
    let recovery = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true);
    let request = client.update_continuous_backups().table_name(TABLE);
    let request = request.point_in_time_recovery_specification(recovery.build().expect("recovery"));
    request.send().await.expect("recovery");
    let arn = format!("arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}");
    let request = client.untag_resource().resource_arn(arn);
    let request = request.tag_keys("provision:managed-by");
    request.send().await.expect("tags");
}

pub async fn add_index(config: &SdkConfig) {
    let client = aws_sdk_dynamodb::Client::new(config);
    let definition = |name: &str| {
        let definition = AttributeDefinition::builder().attribute_name(name);
        let definition = definition.attribute_type(ScalarAttributeType::S).build();
        definition.expect("a definition")
    };
    let key = KeySchemaElement::builder()
        .attribute_name("User")
        .key_type(KeyType::Hash);
    let index = CreateGlobalSecondaryIndexAction::builder()
        .index_name("ByUser")
        .key_schema(key.build().expect("a key"))
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::All)
                .build(),
        )
        .build();
    let index = GlobalSecondaryIndexUpdate::builder().create(index.expect("an index"));
    let request = client
        .update_table()
        .table_name(TABLE)
        .attribute_definitions(definition("RideId"))
        .attribute_definitions(definition("User"))
        .global_secondary_index_updates(index.build());
    request.send().await.expect("an index");
}

/// Attaches a managed policy to the role.
pub async fn attach(config: &SdkConfig) {
    let client = aws_sdk_iam::Client::new(config);
    let request = client.attach_role_policy().role_name(ROLE);
    request.policy_arn(BASIC).send().await.expect("attached");
}

pub async fn change_role(config: &SdkConfig) {
    let client = aws_sdk_iam::Client::new(config);
    let request = client.update_assume_role_policy().role_name(ROLE);
    let request = request.policy_document(OTHER_TRUST);
    request.send().await.expect("trust");
    let request = client.update_role().role_name(ROLE);
    let request = request.max_session_duration(7200);
    request.send().await.expect("session");
    let put = |name: &str| {
        let request = client.put_role_policy().role_name(ROLE).policy_name(name);
        request.policy_document(READ_ALL).send()
    };
    put("DynamoDBWriteAccess").await.expect("a policy");
    put("Extra").await.expect("a policy");
    let request = client.delete_role_policy().role_name(ROLE);
    let request = request.policy_name("WriteLogs");
    request.send().await.expect("a policy");
    attach(config).await;
    let request = client.untag_role().role_name(ROLE);
    let request = request.tag_keys("provision:managed-by");
    request.send().await.expect("tags");
}

/// Returns the ID of the new role.
pub async fn delete_and_create_role(iam: &aws_sdk_iam::Client) -> String {
    for policy in ["DynamoDBWriteAccess", "WriteLogs"] {
        let request = iam.delete_role_policy().role_name(ROLE).policy_name(policy);
        request.send().await.expect("a policy");
    }
    let request = iam.delete_role().role_name(ROLE);
    request.send().await.expect("a role");
    let request = iam.create_role().role_name(ROLE);
    let request = request.assume_role_policy_document(OTHER_TRUST);
    let role = request.send().await.expect("a role").role;
    role.expect("a role").role_id
}

pub async fn change_log_group(config: &SdkConfig) {
    let client = aws_sdk_cloudwatchlogs::Client::new(config);
    let request = client.delete_retention_policy().log_group_name(LOG_GROUP);
    request.send().await.expect("retention");
    let arn = format!("arn:aws:logs:us-east-1:123456789012:log-group:{LOG_GROUP}");
    let request = client.untag_resource().resource_arn(arn);
    let request = request.tag_keys("provision:managed-by");
    request.send().await.expect("tags");
}

pub async fn change_function(config: &SdkConfig) {
    let client = aws_sdk_lambda::Client::new(config);
    let environment = Environment::builder()
        .variables("TABLE_NAME", "Elsewhere")
        .variables("DEBUG", "1")
        .build();
    let storage = EphemeralStorage::builder().size(1024).build();
    let tracing = TracingConfig::builder().mode(TracingMode::Active).build();
    let logging = LoggingConfig::builder()
        .log_format(LogFormat::Text)
        .log_group("/elsewhere")
        .build();
    let request = client
        .update_function_configuration()
        .function_name(FUNCTION)
        .handler("other")
        .memory_size(256)
        .timeout(3)
        .environment(environment)
        .ephemeral_storage(storage.expect("a size"))
        .tracing_config(tracing)
        .logging_config(logging);
    request.send().await.expect("configuration");
    let request = client.update_function_code().function_name(FUNCTION);
    let request = request.zip_file(Blob::new(crate::artifact::zip_of_headers()));
    request.send().await.expect("code");
    let request = client.put_function_concurrency().function_name(FUNCTION);
    let request = request.reserved_concurrent_executions(1);
    request.send().await.expect("concurrency");
    let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}");
    let request = client.untag_resource().resource(arn);
    let request = request.tag_keys("provision:managed-by");
    request.send().await.expect("tags");
    let request = client.publish_version().function_name(FUNCTION);
    let version = request.send().await.expect("a version").version;
    let request = client.update_alias().function_name(FUNCTION).name("live");
    let request = request.function_version(version.expect("a number"));
    request.send().await.expect("the alias");
}
