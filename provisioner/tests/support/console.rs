//! The stack of the tutorial, as its readers make it in the console.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, KeySchemaElement, KeyType, ProvisionedThroughput,
    ScalarAttributeType,
};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, Runtime};

const TRUST: &str = r#"{
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole"
    }
}"#;

const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/// Without tags: nothing of it is managed by provision. Returns the ARN of its role.
pub async fn click_together(config: &SdkConfig) -> String {
    table(config).await;
    let role = role(config).await;
    function(config, &role).await;
    role
}

async fn table(config: &SdkConfig) {
    let client = aws_sdk_dynamodb::Client::new(config);
    let definition = AttributeDefinition::builder()
        .attribute_name("RideId")
        .attribute_type(ScalarAttributeType::S)
        .build()
        .expect("a definition");
    let key = KeySchemaElement::builder()
        .attribute_name("RideId")
        .key_type(KeyType::Hash);
    let throughput = ProvisionedThroughput::builder()
        .read_capacity_units(5)
        .write_capacity_units(5);
    client
        .create_table()
        .table_name("Rides")
        .attribute_definitions(definition)
        .key_schema(key.build().expect("a key"))
        .provisioned_throughput(throughput.build().expect("a throughput"))
        .send()
        .await
        .expect("a table");
    for number in 0..3 {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let request = client.put_item().table_name("Rides");
        let request = request.item("RideId", text(&format!("old-{number}")));
        request
            .item("User", text("ann"))
            .send()
            .await
            .expect("a ride");
    }
}

async fn role(config: &SdkConfig) -> String {
    let client = aws_sdk_iam::Client::new(config);
    let request = client
        .create_role()
        .role_name("WildRydesLambda")
        .path("/service-role/");
    let request = request.assume_role_policy_document(TRUST);
    let role = request.send().await.expect("a role").role.expect("a role");
    let request = client.attach_role_policy().role_name("WildRydesLambda");
    request
        .policy_arn(BASIC)
        .send()
        .await
        .expect("an attachment");
    role.arn
}

async fn function(config: &SdkConfig, role: &str) {
    let client = aws_sdk_lambda::Client::new(config);
    let zip = provisioner_zip();
    client
        .create_function()
        .function_name("RequestUnicorn")
        .runtime(Runtime::Nodejs20x)
        .handler("index.handler")
        .role(role)
        .code(FunctionCode::builder().zip_file(Blob::new(zip)).build())
        .send()
        .await
        .expect("a function");
}

/// What the console would have zipped; nobody runs it here.
fn provisioner_zip() -> Vec<u8> {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("index.mjs", options).expect("an entry");
    zip.write_all(b"export const handler = async () => ({});")
        .expect("bytes");
    zip.finish().expect("a zip").into_inner()
}
