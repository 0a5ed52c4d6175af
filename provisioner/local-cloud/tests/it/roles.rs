//! Roles: descriptions, names, quotas and IAM's errors.

use aws_sdk_iam::types::Tag;
use serde_json::{Value, json};

use crate::world::{ROLE, TRUST, World, told};

const WRITE: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["a:B"],"Resource":"*"}}"#;

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

/// RFC 3986, once, `+` being no space.
fn decoded(document: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = document.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: String = rest.by_ref().take(2).map(char::from).collect();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_role_is_shown_differently_by_each_call() {
    let world = World::new().await;
    let iam = &world.owner.iam;
    let made = iam
        .create_role()
        .role_name("R")
        .assume_role_policy_document(TRUST);
    let made = made
        .description("d")
        .max_session_duration(7200)
        .tags(tag("a", "b"));
    let made = made.send().await.unwrap().role.unwrap();
    assert_eq!((made.description, made.max_session_duration), (None, None));
    assert_eq!(made.arn, ROLE);
    assert!(made.role_id.starts_with("AROA") && made.role_id.len() == 21);
    // Names must differ by more than case.
    let got = iam
        .get_role()
        .role_name("r")
        .send()
        .await
        .unwrap()
        .role
        .unwrap();
    assert_eq!(got.description.as_deref(), Some("d"));
    assert_eq!(got.max_session_duration, Some(7200));
    assert_eq!(got.tags(), [tag("a", "b")]);
    assert_eq!(decoded(&got.assume_role_policy_document.unwrap()), TRUST);
    let listed = iam.list_roles().send().await.unwrap();
    assert!(listed.roles()[0].tags().is_empty());
    let again = iam
        .create_role()
        .role_name("r")
        .assume_role_policy_document(TRUST)
        .send()
        .await;
    assert_eq!(
        told(again),
        "EntityAlreadyExists: Role with name r already exists."
    );
    let missing = iam.get_role().role_name("None").send().await;
    assert_eq!(
        told(missing),
        "NoSuchEntity: The role with name None cannot be found."
    );
}

#[tokio::test]
async fn documents_come_back_as_they_were_sent() {
    let world = World::new().await;
    world.role().await;
    let iam = &world.owner.iam;
    let odd = WRITE
        .replace("a:B", "a:B*")
        .replace("\"*\"", "\"arn:aws:s3:::a+b%3A c\"");
    for document in [WRITE, &odd] {
        let put = iam
            .put_role_policy()
            .role_name("R")
            .policy_name("P")
            .policy_document(document);
        put.send().await.unwrap();
        let got = iam
            .get_role_policy()
            .role_name("R")
            .policy_name("P")
            .send()
            .await
            .unwrap();
        assert_eq!(decoded(&got.policy_document), document);
        assert!(!got.policy_document.contains(['+', ' ', '{']));
    }
    let names = iam
        .list_role_policies()
        .role_name("R")
        .send()
        .await
        .unwrap();
    assert_eq!(names.policy_names(), ["P"]);
    let gone = iam
        .get_role_policy()
        .role_name("R")
        .policy_name("Q")
        .send()
        .await;
    assert_eq!(
        told(gone),
        "NoSuchEntity: The role policy with name Q cannot be found."
    );
}

#[tokio::test]
async fn a_role_is_deleted_once_it_is_bare() {
    let world = World::new().await;
    world.role().await;
    let iam = &world.owner.iam;
    iam.put_role_policy()
        .role_name("R")
        .policy_name("P")
        .policy_document(WRITE)
        .send()
        .await
        .unwrap();
    let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    for _ in 0..2 {
        iam.attach_role_policy()
            .role_name("R")
            .policy_arn(basic)
            .send()
            .await
            .unwrap();
    }
    let attached = iam
        .list_attached_role_policies()
        .role_name("R")
        .send()
        .await
        .unwrap();
    assert_eq!(attached.attached_policies().len(), 1);
    assert_eq!(
        attached.attached_policies()[0].policy_name.as_deref(),
        Some("AWSLambdaBasicExecutionRole")
    );
    let delete = || iam.delete_role().role_name("R").send();
    assert_eq!(
        told(delete().await),
        "DeleteConflict: Cannot delete entity, must delete policies first."
    );
    iam.delete_role_policy()
        .role_name("R")
        .policy_name("P")
        .send()
        .await
        .unwrap();
    assert_eq!(
        told(delete().await),
        "DeleteConflict: Cannot delete entity, must detach all policies first."
    );
    iam.detach_role_policy()
        .role_name("R")
        .policy_arn(basic)
        .send()
        .await
        .unwrap();
    let profiles = iam
        .list_instance_profiles_for_role()
        .role_name("R")
        .send()
        .await
        .unwrap();
    assert!(profiles.instance_profiles().is_empty());
    delete().await.unwrap();
    assert!(told(delete().await).starts_with("NoSuchEntity: "));
    let unknown = iam
        .attach_role_policy()
        .role_name("R")
        .policy_arn("arn:aws:iam::aws:policy/None");
    assert!(told(unknown.send().await).starts_with("NoSuchEntity: "));
}

#[tokio::test]
async fn roles_change_part_by_part() {
    let world = World::new().await;
    world.role().await;
    let iam = &world.owner.iam;
    iam.update_role()
        .role_name("R")
        .description("new")
        .send()
        .await
        .unwrap();
    iam.update_role().role_name("R").send().await.unwrap();
    let trust = TRUST.replace("lambda.", "ec2.");
    let update = iam
        .update_assume_role_policy()
        .role_name("R")
        .policy_document(&trust);
    update.send().await.unwrap();
    iam.tag_role()
        .role_name("R")
        .tags(tag("Key", "1"))
        .send()
        .await
        .unwrap();
    iam.tag_role()
        .role_name("R")
        .tags(tag("KEY", "2"))
        .send()
        .await
        .unwrap();
    let role = iam
        .get_role()
        .role_name("R")
        .send()
        .await
        .unwrap()
        .role
        .unwrap();
    assert_eq!(role.description.as_deref(), Some("new"));
    assert_eq!(decoded(&role.assume_role_policy_document.unwrap()), trust);
    assert_eq!(role.tags.unwrap(), [tag("KEY", "2")]);
    iam.untag_role()
        .role_name("R")
        .tag_keys("key")
        .send()
        .await
        .unwrap();
    assert!(
        iam.list_role_tags()
            .role_name("R")
            .send()
            .await
            .unwrap()
            .tags()
            .is_empty()
    );
    let twice = iam
        .tag_role()
        .role_name("R")
        .tags(tag("a", "1"))
        .tags(tag("A", "1"))
        .send()
        .await;
    assert!(told(twice).starts_with("InvalidInput: Duplicate tag keys found"));
}

#[tokio::test]
async fn bad_policies_and_large_ones_are_refused() {
    let world = World::new().await;
    world.role().await;
    let iam = &world.owner.iam;
    let put = |name: &str, document: String| {
        iam.put_role_policy()
            .role_name("R")
            .policy_name(name)
            .policy_document(document)
            .send()
    };
    assert!(told(put("P", "{".into()).await).starts_with("MalformedPolicyDocument: "));
    let long = |length: usize| {
        let resource = format!("arn:aws:s3:::{}", "x".repeat(length));
        json!({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": resource}})
            .to_string()
    };
    put("P", long(6000)).await.unwrap();
    assert_eq!(
        told(put("Q", long(6000)).await),
        "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role R"
    );
    let mut trust: Value = serde_json::from_str(TRUST).unwrap();
    trust["Statement"][0]["Condition"] = json!({"StringEquals": {"aws:x": "y".repeat(2100)}});
    let update = iam
        .update_assume_role_policy()
        .role_name("R")
        .policy_document(trust.to_string());
    let refused = told(update.send().await);
    assert_eq!(
        refused,
        "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"
    );
    let name = iam
        .create_role()
        .role_name("a b")
        .assume_role_policy_document(TRUST)
        .send()
        .await;
    assert!(told(name).starts_with("ValidationError: 1 validation error detected"));
    let dash = iam
        .update_role()
        .role_name("R")
        .description("a — b")
        .send()
        .await;
    assert!(told(dash).contains("'description' failed to satisfy constraint"));
}

#[tokio::test]
async fn roles_are_listed_in_pages() {
    let world = World::new().await;
    let iam = &world.owner.iam;
    for name in ["C", "a", "B"] {
        iam.create_role()
            .role_name(name)
            .assume_role_policy_document(TRUST)
            .send()
            .await
            .unwrap();
    }
    let first = iam.list_roles().max_items(2).send().await.unwrap();
    assert_eq!((first.roles().len(), first.is_truncated), (2, true));
    let second = iam
        .list_roles()
        .max_items(2)
        .marker(first.marker.unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!((second.roles().len(), second.is_truncated), (1, false));
}

#[tokio::test]
async fn what_a_role_may_do_can_be_asked() {
    let world = World::new().await;
    world.role().await;
    world
        .policy(json!([{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "arn:aws:dynamodb:*:*:table/Rides"}]))
        .await;
    let simulate = world
        .owner
        .iam
        .simulate_principal_policy()
        .policy_source_arn(ROLE);
    let simulate = simulate
        .action_names("dynamodb:PutItem")
        .action_names("dynamodb:DeleteItem");
    let table = "arn:aws:dynamodb:eu-west-1:123456789012:table/Rides";
    let results = simulate
        .resource_arns(table)
        .send()
        .await
        .unwrap()
        .evaluation_results
        .unwrap();
    let decisions: Vec<&str> = results
        .iter()
        .map(|one| one.eval_decision.as_str())
        .collect();
    assert_eq!(decisions, ["allowed", "implicitDeny"]);
}

#[tokio::test]
async fn the_summary_counts_the_roles_of_the_account() {
    use aws_sdk_iam::types::SummaryKeyType;
    let world = World::new().await;
    world.role().await;
    let summary = world.owner.iam.get_account_summary().send().await.unwrap();
    let numbers = summary.summary_map.unwrap();
    assert_eq!(numbers[&SummaryKeyType::Roles], 1);
    assert_eq!(numbers[&SummaryKeyType::RolesQuota], 1000);
}
