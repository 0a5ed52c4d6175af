//! The documents in `policies/` are valid: IAM, as the local cloud has it, accepts them.

use local_cloud::FaultProfile;
use provisioner::policy::permissions::Principal;
use provisioner::policy::{DYNAMODB_WRITE_ACCESS, Names, TRUST, Template, WRITE_LOGS, of_caller};
use serde_json::Value;

use crate::in_process::InWeather;
use crate::standing::Standing;
use crate::world::World;

const NAMES: Names<'static> = Names {
    partition: "aws-cn",
    account: "123456789012",
    region: "cn-north-1",
    table: "Rides-dev",
    log_group: "/aws/lambda/RequestUnicorn-dev",
    role: "WildRydesLambda-dev",
    function: "RequestUnicorn-dev",
};

fn fill(template: &str, names: &Names<'_>) -> Value {
    Template::parse(template).expect("a template").fill(names)
}

/// IAM accepts the policies of callers, and each is short enough for where it is used.
#[tokio::test]
async fn the_policies_of_callers_are_valid() {
    let world = InWeather::new(FaultProfile::calm()).await;
    let config = world.config();
    let iam = aws_sdk_iam::Client::new(&config);
    let sts = aws_sdk_sts::Client::new(&config);
    for (principal, fits_session) in [
        (Principal::Deployer, false),
        (Principal::Planner, true),
        (Principal::Operator, true),
        (Principal::Certifier, false),
    ] {
        let name = principal.name();
        let request = iam.create_role().role_name(name);
        let request = request.assume_role_policy_document(fill(TRUST, &NAMES).to_string());
        request.send().await.expect("a role");
        for test_ride in [Some("5qW5GWt7iTJjwcejKHu_ig"), None] {
            let policy = of_caller(principal, &NAMES, test_ride).to_string();
            let request = iam.put_role_policy().role_name(name).policy_name(name);
            let put = request.policy_document(&policy).send().await;
            put.expect("a valid policy");
            let token = sts.get_federation_token().name(name).policy(policy).send();
            assert_eq!(token.await.is_ok(), fits_session, "{name}");
        }
    }
}

/// `--as` runs a command on the credentials of that policy, in each stage.
#[test]
fn a_command_runs_as_a_principal() {
    let world = World::standing(Standing::Up);
    let planner = |args: &[&str]| world.local(&[args, &["--as", "planner"]].concat());
    planner(&["status"]).ok().says("healthy");
    world.plan(&["--as", "planner", "--exit-code"]).ok();
    planner(&["down", "--yes"])
        .exits(5)
        .says("User: arn:aws:sts::123456789012:assumed-role/provision-planner/provision is not authorized")
        .says("needs {\"Effect\":\"Allow\"");
    planner(&["status"]).ok().says("healthy");
    world.up(&["--as", "planner", "--stage", "dev"]).exits(5);
    world.up(&["--as", "deployer", "--stage", "dev"]).ok();
    world
        .local(&["rides", "--as", "operator", "--stage", "dev"])
        .ok();
    world.local(&["rides", "--as", "deployer"]).exits(5);
    world
        .run(&["status", "--as", "planner"])
        .exits(2)
        .says("`--as` applies to the local cloud only");
}

#[test]
fn a_policy_is_printed_for_many_stages_and_nothing_else_is_for_many() {
    let world = World::new();
    let policy = world.local(&["policy", "deployer", "--stage", "pr-*"]).ok();
    policy
        .says("arn:aws:dynamodb:us-east-1:123456789012:table/Rides-pr-*")
        .says("role/service-role/WildRydesLambda-pr-*")
        .never_says("LeadingKeys");
    world
        .local(&["policy", "function", "--stage", "pr-*"])
        .ok()
        .says("table/Rides-pr-*");
    for verb in ["status", "up", "down"] {
        world
            .local(&[verb, "--stage", "pr-*"])
            .exits(2)
            .says("the stage `pr-*` is malformed");
    }
    world.local(&["policy", "planner", "--stage", "*"]).exits(2);
}

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
