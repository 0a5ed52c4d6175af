//! SimulatePrincipalPolicy, in the form in which IAM answers.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult};
use serde_json::json;

use crate::world::{ROLE, World, clients, told};

const TABLE: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/Rides";

async fn simulate(world: &World, source: &str, resources: &[&str]) -> Vec<EvaluationResult> {
    let request = world.owner.iam.simulate_principal_policy();
    let request = request.policy_source_arn(source);
    let request = request.action_names("dynamodb:PutItem");
    let resources = resources.iter().map(|one| (*one).to_owned()).collect();
    let request = request.set_resource_arns(Some(resources));
    let answer = request.send().await.expect("an answer");
    answer.evaluation_results.expect("results")
}

#[tokio::test]
async fn an_action_has_one_result_that_contains_one_for_each_of_several_resources() {
    let world = World::new().await;
    world.role().await;
    let allow = json!([{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": TABLE}]);
    world.policy(allow).await;
    let other = &format!("{TABLE}2");
    let results = simulate(&world, ROLE, &[TABLE, other]).await;
    let [result] = &results[..] else {
        panic!("{results:?}")
    };
    assert_eq!(result.eval_decision().as_str(), "implicitDeny");
    let specific = result.resource_specific_results().iter();
    let specific = specific.map(|one| {
        (
            one.eval_resource_name(),
            one.eval_resource_decision().as_str(),
        )
    });
    let specific: Vec<(&str, &str)> = specific.collect();
    assert_eq!(specific, [(TABLE, "allowed"), (other, "implicitDeny")]);
    let single = &simulate(&world, ROLE, &[TABLE]).await[0];
    assert_eq!(single.eval_decision().as_str(), "allowed");
    assert!(single.resource_specific_results().is_empty());
}

#[tokio::test]
async fn a_key_without_a_value_is_reported_whatever_action_it_is_about() {
    let world = World::new().await;
    world.role().await;
    let condition = json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}});
    world
        .policy(json!([
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": condition}
        ]))
        .await;
    let result = &simulate(&world, ROLE, &[TABLE]).await[0];
    assert_eq!(result.missing_context_values(), ["iam:passedtoservice"]);
    let request = world.owner.iam.simulate_principal_policy();
    let entry = ContextEntry::builder()
        .context_key_name("iam:PassedToService")
        .context_key_type(ContextKeyTypeEnum::String)
        .context_key_values("lambda.amazonaws.com");
    let request = request.policy_source_arn(ROLE).action_names("iam:PassRole");
    let request = request.resource_arns(ROLE).context_entries(entry.build());
    let answer = request.send().await.expect("an answer");
    let result = &answer.evaluation_results()[0];
    assert_eq!(result.eval_decision().as_str(), "allowed");
    assert!(result.missing_context_values().is_empty());
}

#[tokio::test]
async fn a_permissions_boundary_is_named() {
    let world = World::new().await;
    world.role().await;
    let all = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    world.policy(all).await;
    let within = async || {
        let result = simulate(&world, ROLE, &[TABLE]).await.remove(0);
        let detail = result.permissions_boundary_decision_detail;
        detail.map(|detail| detail.allowed_by_permissions_boundary)
    };
    assert_eq!(within().await, None);
    for (policy, expected) in [
        ("AmazonDynamoDBReadOnlyAccess", false),
        ("AdministratorAccess", true),
    ] {
        let request = world
            .owner
            .iam
            .put_role_permissions_boundary()
            .role_name("R");
        let arn = format!("arn:aws:iam::aws:policy/{policy}");
        request
            .permissions_boundary(arn)
            .send()
            .await
            .expect("a boundary");
        assert_eq!(within().await, Some(expected), "{policy}");
    }
}

#[tokio::test]
async fn users_and_roles_have_policies_and_sessions_have_none() {
    let world = World::new().await;
    let owner = "arn:aws:iam::123456789012:user/owner";
    let results = simulate(&world, owner, &[TABLE]).await;
    assert_eq!(results[0].eval_decision().as_str(), "allowed");
    for (source, code) in [
        (
            "arn:aws:sts::123456789012:assumed-role/R/session",
            "InvalidInput: Invalid Entity Arn",
        ),
        (
            "arn:aws:sts::123456789012:federated-user/ann",
            "InvalidInput: Invalid Entity Arn",
        ),
        (ROLE, "NoSuchEntity: "),
    ] {
        let request = world.owner.iam.simulate_principal_policy();
        let request = request
            .policy_source_arn(source)
            .action_names("iam:GetRole");
        let told = told(request.send().await);
        assert!(told.starts_with(code), "{told}");
    }
}

#[tokio::test]
async fn the_role_that_is_issued_for_a_policy_has_just_this_policy() {
    let world = World::new().await;
    for (action, allowed) in [("iam:ListRoles", true), ("iam:GetRole", false)] {
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": action, "Resource": "*"}});
        let keys = world.cloud.issue_role("Deployer", &policy, "test").await;
        let caller = clients(&world.cloud.endpoint_url(), &keys.expect("credentials"));
        let identity = caller.sts.get_caller_identity().send().await.expect("it");
        let arn = "arn:aws:sts::123456789012:assumed-role/Deployer/test";
        assert_eq!(identity.arn(), Some(arn));
        assert_eq!(caller.iam.list_roles().send().await.is_ok(), allowed);
    }
}
