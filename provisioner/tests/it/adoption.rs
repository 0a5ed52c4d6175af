//! A stack clicked together after the tutorial is taken over without losing a ride.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, KeySchemaElement, KeyType, ProvisionedThroughput,
    ScalarAttributeType,
};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, Runtime};

use crate::cloud::CloudProcess;
use crate::world::World;

const TRUST: &str = r#"{
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole"
    }
}"#;

const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

async fn table(cloud: &CloudProcess) {
    let client = aws_sdk_dynamodb::Client::new(&cloud.config());
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

async fn role(cloud: &CloudProcess) -> String {
    let client = aws_sdk_iam::Client::new(&cloud.config());
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

async fn function(cloud: &CloudProcess, role: &str) {
    let client = aws_sdk_lambda::Client::new(&cloud.config());
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

#[tokio::test]
async fn a_stack_from_the_console_is_adopted_with_its_rides() {
    let world = World::new();
    let cloud = world.cloud();
    table(&cloud).await;
    let arn = role(&cloud).await;
    function(&cloud, &arn).await;

    world
        .up(&["--yes"])
        .exits(4)
        .says("--adopt table")
        .says("--adopt role")
        .says("--adopt function")
        .says("billing: provisioned, 5 read and 5 write units → on demand")
        .says("attached arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
        .says("runtime: nodejs20.x → provided.al2023")
        .says("callers of the unqualified name `RequestUnicorn` get the new code at once");
    world.local(&["rides"]).ok().says("old-0");

    let adopt = ["--adopt", "table", "--adopt", "role", "--adopt", "function"];
    world
        .up(&adopt)
        .exits(4)
        .says("adopt table Rides")
        .says("--yes");
    world
        .up(&[&adopt[..], &["--yes"]].concat())
        .ok()
        .says("published the previous code as version 1, for a rollback")
        .says("version 2 passed its test ride");
    world.plan(&["--exit-code"]).ok().says("nothing to do");
    world
        .local(&["invoke", "--at", "47.61,-122.33"])
        .ok()
        .says("returned 201");
    let rides = world.local(&["rides", "--all"]).ok();
    for number in 0..3 {
        assert!(
            rides.stdout.contains(&format!("old-{number}")),
            "{}",
            rides.stdout
        );
    }
    // Its path is for good, and it is still the same role.
    world.up(&[]).ok().says(&arn);
}
