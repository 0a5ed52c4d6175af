//! Customer-managed policies, their versions, and service-linked roles.

use serde_json::json;

use crate::world::{World, told};

const ARN: &str = "arn:aws:iam::123456789012:policy/team/Rides";

fn allowing(action: &str) -> String {
    let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

async fn create(world: &World) {
    let create = world.owner.iam.create_policy().policy_name("Rides");
    let create = create.path("/team/").description("of the function");
    let created = create.policy_document(allowing("dynamodb:PutItem"));
    let policy = created.send().await.unwrap().policy.unwrap();
    assert_eq!(policy.arn.as_deref(), Some(ARN));
    assert_eq!(policy.default_version_id.as_deref(), Some("v1"));
}

#[tokio::test]
async fn a_policy_is_created_attached_and_in_force() {
    let world = World::new().await;
    let iam = &world.owner.iam;
    create(&world).await;
    let again = iam.create_policy().policy_name("rides");
    let again = again.policy_document(allowing("s3:*")).send().await;
    assert!(told(again).starts_with("EntityAlreadyExists: "));
    let bad = iam.create_policy().policy_name("Bad");
    let bad = bad.policy_document("{}").send().await;
    assert!(told(bad).starts_with("MalformedPolicyDocument: "));
    world.role().await;
    let attach = iam.attach_role_policy().role_name("R").policy_arn(ARN);
    attach.send().await.unwrap();
    let attached = iam.list_attached_role_policies().role_name("R");
    let attached = attached.path_prefix("/team/").send().await.unwrap();
    assert_eq!(attached.attached_policies()[0].policy_arn(), Some(ARN));
    let policy = iam.get_policy().policy_arn(ARN).send().await.unwrap();
    assert_eq!(policy.policy.unwrap().attachment_count, Some(1));
    assert_eq!(may(&world, "dynamodb:PutItem").await, "allowed");
    let version = iam.create_policy_version().policy_arn(ARN);
    let version = version.policy_document(allowing("dynamodb:GetItem"));
    version.set_as_default(true).send().await.unwrap();
    assert_eq!(may(&world, "dynamodb:PutItem").await, "implicitDeny");
    assert_eq!(may(&world, "dynamodb:GetItem").await, "allowed");
    let back = iam.set_default_policy_version().policy_arn(ARN);
    back.version_id("v1").send().await.unwrap();
    assert_eq!(may(&world, "dynamodb:PutItem").await, "allowed");
    let delete = iam.delete_policy().policy_arn(ARN).send().await;
    assert!(told(delete).contains("attached to entities"));
}

/// The decision for the role.
async fn may(world: &World, action: &str) -> String {
    let simulate = world.owner.iam.simulate_principal_policy();
    let simulate = simulate.policy_source_arn(crate::world::ROLE);
    let result = simulate.action_names(action).send().await.unwrap();
    let result = &result.evaluation_results()[0];
    result.eval_decision().as_str().to_owned()
}

#[tokio::test]
async fn versions_come_and_go_up_to_five() {
    let world = World::new().await;
    let iam = &world.owner.iam;
    create(&world).await;
    let add = || {
        let add = iam.create_policy_version().policy_arn(ARN);
        add.policy_document(allowing("dynamodb:GetItem")).send()
    };
    for number in 2..=5 {
        let version = add().await.unwrap().policy_version.unwrap();
        assert_eq!(version.version_id, Some(format!("v{number}")));
        assert!(!version.is_default_version);
    }
    assert!(told(add().await).starts_with("LimitExceeded: "));
    let delete = |id: &str| {
        let delete = iam.delete_policy_version().policy_arn(ARN);
        delete.version_id(id).send()
    };
    assert!(told(delete("v1").await).contains("default version"));
    assert!(told(delete("v9").await).starts_with("NoSuchEntity: "));
    assert!(told(iam.delete_policy().policy_arn(ARN).send().await).contains("more than one"));
    for number in 2..=5 {
        delete(&format!("v{number}")).await.unwrap();
    }
    // Numbers are not used twice.
    let version = add().await.unwrap().policy_version.unwrap();
    assert_eq!(version.version_id.as_deref(), Some("v6"));
    let get = iam.get_policy_version().policy_arn(ARN).version_id("v6");
    let document = get.send().await.unwrap().policy_version.unwrap().document;
    assert!(document.unwrap().contains("dynamodb%3AGetItem"));
    let list = iam.list_policy_versions().policy_arn(ARN).send().await;
    let list = list.unwrap();
    let ids = list.versions().iter().filter_map(|one| one.version_id());
    assert_eq!(ids.collect::<Vec<_>>(), ["v6", "v1"]);
    delete("v6").await.unwrap();
    iam.delete_policy().policy_arn(ARN).send().await.unwrap();
    let gone = told(iam.get_policy().policy_arn(ARN).send().await);
    assert!(gone.starts_with("NoSuchEntity: "), "{gone}");
}

#[tokio::test]
async fn policies_are_listed_by_scope_and_those_of_aws_stay_as_they_are() {
    let world = World::new().await;
    let iam = &world.owner.iam;
    create(&world).await;
    let list = async |scope: &str| {
        let list = iam.list_policies().scope(scope.into()).send().await;
        list.unwrap().policies().len()
    };
    assert_eq!(list("Local").await, 1);
    assert_eq!(list("All").await, list("AWS").await + 1);
    let of_aws = "arn:aws:iam::aws:policy/AdministratorAccess";
    let delete = iam.delete_policy().policy_arn(of_aws).send().await;
    assert!(told(delete).starts_with("AccessDenied: "));
    let get = iam.get_policy().policy_arn(of_aws).send().await.unwrap();
    assert!(get.policy.unwrap().is_attachable);
}

#[tokio::test]
async fn a_service_has_a_role_of_its_own_once() {
    let world = World::new().await;
    let create = || {
        let create = world.owner.iam.create_service_linked_role();
        create
            .aws_service_name("dynamodb.application-autoscaling.amazonaws.com")
            .send()
    };
    let role = create().await.unwrap().role.unwrap();
    assert_eq!(
        role.arn,
        "arn:aws:iam::123456789012:role/aws-service-role/dynamodb.application-autoscaling.\
         amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
    );
    assert!(told(create().await).starts_with("InvalidInput: "));
}
