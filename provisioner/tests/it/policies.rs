//! The documents in `policies/` are valid: IAM, as the local cloud has it, accepts them.

use local_cloud::FaultProfile;
use provisioner::policy::{DYNAMODB_WRITE_ACCESS, Names, TRUST, WRITE_LOGS, fill};

use crate::in_process::InWeather;

const NAMES: Names<'static> = Names {
    partition: "aws-cn",
    account: "123456789012",
    region: "cn-north-1",
    table: "Rides-dev",
    log_group: "/aws/lambda/RequestUnicorn-dev",
    role: "WildRydesLambda-dev",
    function: "RequestUnicorn-dev",
};

/// IAM checks the grammar of a document and the size limits: 2,048 characters for a trust policy,
/// 10,240 for all inline policies of a role together.
async fn check(names: &Names<'_>) {
    let world = InWeather::new(FaultProfile::calm()).await;
    let iam = aws_sdk_iam::Client::new(&world.config());
    let request = iam.create_role().role_name(names.role);
    let request = request.assume_role_policy_document(fill(TRUST, names).to_string());
    request.send().await.expect("a valid trust policy");
    for (name, template) in [
        ("DynamoDBWriteAccess", DYNAMODB_WRITE_ACCESS),
        ("WriteLogs", WRITE_LOGS),
    ] {
        let request = iam.put_role_policy().role_name(names.role);
        let request = request.policy_name(name);
        let request = request.policy_document(fill(template, names).to_string());
        request.send().await.expect(name);
    }
}

#[tokio::test]
async fn the_policies_are_valid_and_below_iams_limits() {
    check(&NAMES).await;
}

#[tokio::test]
async fn the_policies_are_valid_and_below_iams_limits_with_the_longest_names() {
    check(&Names {
        partition: "aws-us-gov",
        account: "123456789012",
        region: "ap-southeast-99",
        table: &"t".repeat(255),
        log_group: &"l".repeat(512),
        role: &"r".repeat(64),
        function: &"f".repeat(64),
    })
    .await;
}
