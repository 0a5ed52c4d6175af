//! Permissions are enforced for every caller but the owner, with AWS's errors.

use aws_sdk_dynamodb::types::{AttributeValue, Tag};
use serde_json::{Value, json};

use crate::world::{Clients, ROLE, TRUST, World, clients, create, rides, told, zip};

const TRUST_ACCOUNT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#;

/// A session of the role R.
async fn assuming(caller: &Clients, world: &World) -> Clients {
    let assume = caller.sts.assume_role().role_arn(ROLE);
    let assume = assume.role_session_name("me").send().await.unwrap();
    let keys = assume.credentials.unwrap();
    let keys = local_cloud::Credentials {
        access_key_id: keys.access_key_id,
        secret_access_key: keys.secret_access_key,
        session_token: Some(keys.session_token),
        expires_at: None,
    };
    clients(&world.cloud.endpoint_url(), &keys)
}

fn allow(action: Value, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

#[tokio::test]
async fn a_denied_call_is_told_in_each_services_words() {
    let world = World::new().await;
    let nobody = world.holding(json!([]));
    let none = world.holding(json!([allow(json!("s3:*"), "*")]));
    let who = "User: arn:aws:sts::123456789012:federated-user/tester is not authorized to perform";
    for caller in [&nobody, &none] {
        for (told, code, what) in [
            (
                told(
                    caller
                        .dynamodb
                        .describe_table()
                        .table_name("Rides")
                        .send()
                        .await,
                ),
                "AccessDeniedException",
                "dynamodb:DescribeTable on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/Rides",
            ),
            (
                told(caller.iam.get_role().role_name("R").send().await),
                "AccessDenied",
                "iam:GetRole on resource: arn:aws:iam::123456789012:role/R",
            ),
            (
                told(caller.lambda.get_function().function_name("f").send().await),
                "AccessDeniedException",
                "lambda:GetFunction on resource: arn:aws:lambda:eu-west-1:123456789012:function:f",
            ),
            (
                told(
                    caller
                        .logs
                        .create_log_group()
                        .log_group_name("g")
                        .send()
                        .await,
                ),
                "AccessDeniedException",
                "logs:CreateLogGroup on resource: arn:aws:logs:eu-west-1:123456789012:log-group:g",
            ),
        ] {
            assert!(
                told.starts_with(&format!("{code}: {who}: {what}")),
                "{told}"
            );
            let action = what.split(' ').next().unwrap();
            let why = format!("because no identity-based policy allows the {action} action");
            assert!(told.ends_with(&why), "{told}");
        }
        // GetCallerIdentity needs no permission.
        caller.sts.get_caller_identity().send().await.unwrap();
    }
}

#[tokio::test]
async fn an_explicit_deny_counts_most() {
    let world = World::new().await;
    world.table("Rides").await;
    let mut deny = allow(json!("dynamodb:DeleteTable"), "*");
    deny["Effect"] = json!("Deny");
    let caller = world.holding(json!([allow(json!("*"), "*"), deny]));
    caller
        .dynamodb
        .describe_table()
        .table_name("Rides")
        .send()
        .await
        .unwrap();
    let refused = told(
        caller
            .dynamodb
            .delete_table()
            .table_name("Rides")
            .send()
            .await,
    );
    assert!(
        refused.ends_with("with an explicit deny in an identity-based policy"),
        "{refused}"
    );
}

#[tokio::test]
async fn items_are_limited_by_their_leading_key() {
    let world = World::new().await;
    world.table("Rides").await;
    let mut own = allow(
        json!([
            "dynamodb:PutItem",
            "dynamodb:GetItem",
            "dynamodb:DeleteItem",
            "dynamodb:Query",
            "dynamodb:BatchWriteItem"
        ]),
        "arn:aws:dynamodb:*:*:table/Rides",
    );
    own["Condition"] = json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine"]},
        "Null": {"dynamodb:LeadingKeys": "false"}});
    let caller = world.holding(json!([own]));
    let db = &caller.dynamodb;
    let put = |id: &str| {
        db.put_item()
            .table_name("Rides")
            .item("RideId", text(id))
            .send()
    };
    let delete = |id: &str| {
        db.delete_item()
            .table_name("Rides")
            .key("RideId", text(id))
            .send()
    };
    let query = |id: &str| {
        let query = db
            .query()
            .table_name("Rides")
            .key_condition_expression("#k = :v");
        query
            .expression_attribute_names("#k", "RideId")
            .expression_attribute_values(":v", text(id))
            .send()
    };
    put("mine").await.unwrap();
    query("mine").await.unwrap();
    delete("mine").await.unwrap();
    for refused in [
        told(put("other").await),
        told(delete("other").await),
        told(query("other").await),
        told(db.scan().table_name("Rides").send().await),
    ] {
        assert!(refused.starts_with("AccessDeniedException: "), "{refused}");
    }
}

#[tokio::test]
async fn tags_of_request_and_resource_count() {
    let world = World::new().await;
    let mut make = allow(json!(["dynamodb:CreateTable", "dynamodb:TagResource"]), "*");
    make["Condition"] = json!({"StringEquals": {"aws:RequestTag/stack": "wild"}});
    let mut delete = allow(json!("dynamodb:DeleteTable"), "*");
    delete["Condition"] = json!({"StringEquals": {"aws:ResourceTag/stack": "wild"}});
    let caller = world.holding(json!([make, delete]));
    let tag = |value: &str| Tag::builder().key("stack").value(value).build().unwrap();
    assert!(told(rides(&caller, "Rides").send().await).contains("dynamodb:CreateTable"));
    assert!(told(rides(&caller, "Rides").tags(tag("other")).send().await).contains("CreateTable"));
    rides(&caller, "Rides")
        .tags(tag("wild"))
        .send()
        .await
        .unwrap();
    rides(&world.owner, "Other")
        .tags(tag("other"))
        .send()
        .await
        .unwrap();
    assert!(
        told(
            caller
                .dynamodb
                .delete_table()
                .table_name("Other")
                .send()
                .await
        )
        .contains("DeleteTable")
    );
    caller
        .dynamodb
        .delete_table()
        .table_name("Rides")
        .send()
        .await
        .unwrap();
    // Tags at creation require a permission of their own in all services.
    let untagged = world.holding(json!([allow(
        json!([
            "dynamodb:CreateTable",
            "iam:CreateRole",
            "logs:CreateLogGroup"
        ]),
        "*"
    )]));
    let refused = told(rides(&untagged, "New").tags(tag("x")).send().await);
    assert!(refused.contains("dynamodb:TagResource"), "{refused}");
    let role = untagged
        .iam
        .create_role()
        .role_name("N")
        .assume_role_policy_document(TRUST);
    let tag = aws_sdk_iam::types::Tag::builder()
        .key("a")
        .value("b")
        .build()
        .unwrap();
    assert!(told(role.tags(tag).send().await).contains("iam:TagRole"));
    let group = untagged
        .logs
        .create_log_group()
        .log_group_name("g")
        .tags("a", "b")
        .send()
        .await;
    assert!(told(group).contains("logs:TagResource"));
    world.role().await;
    let mut pass = allow(json!("iam:PassRole"), ROLE);
    let make = allow(json!("lambda:CreateFunction"), "*");
    pass["Condition"] = json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}});
    let untagged = world.holding(json!([make, pass]));
    let refused = told(create(&untagged, zip(b"#!")).tags("a", "b").send().await);
    assert!(refused.contains("lambda:TagResource"), "{refused}");
    let tag = allow(json!("lambda:TagResource"), "*");
    let tagged = world.holding(json!([make, pass, tag]));
    let created = create(&tagged, zip(b"#!")).tags("a", "b").send().await;
    created.unwrap();
}

#[tokio::test]
async fn rides_may_be_counted_without_being_read() {
    use aws_sdk_dynamodb::types::Select;
    let world = World::new().await;
    world.table("Rides").await;
    let mut count = allow(json!("dynamodb:Scan"), "*");
    count["Condition"] = json!({"StringEquals": {"dynamodb:Select": "COUNT"}});
    let caller = world.holding(json!([count]));
    let scan = || caller.dynamodb.scan().table_name("Rides");
    scan().select(Select::Count).send().await.unwrap();
    for refused in [
        told(scan().send().await),
        told(scan().select(Select::AllAttributes).send().await),
    ] {
        assert!(refused.contains("dynamodb:Scan"), "{refused}");
    }
}

#[tokio::test]
async fn a_role_is_passed_to_the_named_service_only() {
    let world = World::new().await;
    world.role().await;
    let lambda = allow(json!("lambda:*"), "*");
    for (service, may) in [("lambda.amazonaws.com", true), ("ec2.amazonaws.com", false)] {
        let mut pass = allow(json!("iam:PassRole"), ROLE);
        pass["Condition"] = json!({"StringEquals": {"iam:PassedToService": service}});
        let caller = world.holding(json!([lambda, pass]));
        let created = create(&caller, zip(b"#!")).send().await;
        assert_eq!(created.is_ok(), may, "{service}");
    }
    // Nor is another role.
    let pass = allow(
        json!("iam:PassRole"),
        "arn:aws:iam::123456789012:role/Other",
    );
    let caller = world.holding(json!([lambda, pass]));
    let refused = told(create(&caller, zip(b"#!")).send().await);
    assert!(refused.contains("iam:PassRole"), "{refused}");
}

/// The boundary grants nothing by itself, and limits what the role's policies grant.
#[tokio::test]
async fn a_permissions_boundary_limits_a_role() {
    const LIST_TABLES: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"dynamodb:ListTables","Resource":"*"}]}"#;
    const READ_ONLY: &str = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess";
    let world = World::new().await;
    world.table("Rides").await;
    let iam = &world.owner.iam;
    iam.create_role()
        .role_name("R")
        .assume_role_policy_document(TRUST_ACCOUNT)
        .permissions_boundary(READ_ONLY)
        .send()
        .await
        .unwrap();
    let session = assuming(&world.owner, &world).await;
    let describe = || session.dynamodb.describe_table().table_name("Rides").send();
    let delete = || session.dynamodb.delete_table().table_name("Rides").send();
    let none = told(describe().await);
    assert!(
        none.ends_with("because no identity-based policy allows the dynamodb:DescribeTable action"),
        "{none}"
    );
    world.policy(json!([allow(json!("dynamodb:*"), "*")])).await;
    describe().await.unwrap();
    let limited = told(delete().await);
    assert!(
        limited.ends_with("because no permissions boundary allows the dynamodb:DeleteTable action"),
        "{limited}"
    );
    // A policy of the account limits in the same way.
    let own = iam.create_policy().policy_name("Own");
    let own = own.policy_document(LIST_TABLES).send().await.unwrap();
    let request = iam.put_role_permissions_boundary().role_name("R");
    let request = request.permissions_boundary(own.policy.unwrap().arn.unwrap());
    request.send().await.unwrap();
    session.dynamodb.list_tables().send().await.unwrap();
    assert!(told(describe().await).contains("because no permissions boundary allows"));
    iam.delete_role_permissions_boundary()
        .role_name("R")
        .send()
        .await
        .unwrap();
    delete().await.unwrap();
}

/// How an account requires a boundary of every role that a deployer makes or changes.
#[tokio::test]
async fn a_caller_may_make_roles_within_a_boundary_only() {
    const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let world = World::new().await;
    let mut make = allow(json!(["iam:CreateRole", "iam:PutRolePolicy"]), "*");
    make["Condition"] = json!({"StringEquals": {"iam:PermissionsBoundary": BASIC}});
    let caller = world.holding(json!([make]));
    let create = |iam: &aws_sdk_iam::Client, name: &str| {
        let request = iam.create_role().role_name(name);
        request.assume_role_policy_document(TRUST)
    };
    let put = |name: &str| {
        let document = json!({"Version": "2012-10-17", "Statement": [allow(json!("s3:*"), "*")]});
        let request = caller.iam.put_role_policy().role_name(name);
        let request = request.policy_name("P");
        request.policy_document(document.to_string()).send()
    };
    let within = create(&caller.iam, "R").permissions_boundary(BASIC);
    within.send().await.unwrap();
    put("R").await.unwrap();
    let other = "arn:aws:iam::aws:policy/AdministratorAccess";
    for refused in [
        create(&caller.iam, "S"),
        create(&caller.iam, "S").permissions_boundary(other),
    ] {
        assert!(told(refused.send().await).contains("iam:CreateRole"));
    }
    create(&world.owner.iam, "S").send().await.unwrap();
    assert!(told(put("S").await).contains("iam:PutRolePolicy"));
}

#[tokio::test]
async fn a_role_is_passed_by_permission_only() {
    let world = World::new().await;
    world.role().await;
    let lambda = allow(json!("lambda:*"), "*");
    let without = world.holding(json!([lambda]));
    let refused = told(create(&without, zip(b"#!")).send().await);
    assert!(
        refused.contains(&format!(
            "is not authorized to perform: iam:PassRole on resource: {ROLE}"
        )),
        "{refused}"
    );
    let mut pass = allow(json!("iam:PassRole"), ROLE);
    pass["Condition"] = json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}});
    let with = world.holding(json!([lambda, pass]));
    create(&with, zip(b"#!")).send().await.unwrap();
    let update = |clients: &crate::world::Clients| {
        clients
            .lambda
            .update_function_configuration()
            .function_name("f")
    };
    assert!(told(update(&without).role(ROLE).send().await).contains("iam:PassRole"));
    update(&without).memory_size(256).send().await.unwrap();
    update(&with).role(ROLE).send().await.unwrap();
}

#[tokio::test]
async fn tags_of_a_function_may_be_unreadable() {
    let world = World::new().await;
    world.role().await;
    create(&world.owner, zip(b"#!"))
        .tags("a", "b")
        .send()
        .await
        .unwrap();
    let reader = world.holding(json!([allow(json!("lambda:GetFunction"), "*")]));
    let found = reader
        .lambda
        .get_function()
        .function_name("f")
        .send()
        .await
        .unwrap();
    assert_eq!(found.tags, None);
    assert_eq!(
        found.tags_error.unwrap().error_code,
        "AccessDeniedException"
    );
}

#[tokio::test]
async fn a_role_is_assumed_by_trust_and_narrowed_by_its_session() {
    let world = World::new().await;
    let (iam, sts) = (&world.owner.iam, &world.owner.sts);
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}]});
    iam.create_role()
        .role_name("R")
        .assume_role_policy_document(trust.to_string())
        .send()
        .await
        .unwrap();
    world.policy(json!([allow(json!("dynamodb:*"), "*")])).await;
    let assume =
        |sts: &aws_sdk_sts::Client| sts.assume_role().role_arn(ROLE).role_session_name("me");
    let stranger = world.holding(json!([]));
    assert!(told(assume(&stranger.sts).send().await).starts_with("AccessDenied: User: "));
    let only_list =
        json!({"Version": "2012-10-17", "Statement": [allow(json!("dynamodb:ListTables"), "*")]});
    for (policy, may_scan) in [(None, true), (Some(only_list.to_string()), false)] {
        let keys = assume(sts)
            .set_policy(policy)
            .send()
            .await
            .unwrap()
            .credentials
            .unwrap();
        let keys = local_cloud::Credentials {
            access_key_id: keys.access_key_id,
            secret_access_key: keys.secret_access_key,
            session_token: Some(keys.session_token),
            expires_at: None,
        };
        let session = clients(&world.cloud.endpoint_url(), &keys);
        session.dynamodb.list_tables().send().await.unwrap();
        let scan = told(session.dynamodb.scan().table_name("Rides").send().await);
        let expected = if may_scan {
            "ResourceNotFound"
        } else {
            "AccessDenied"
        };
        assert!(scan.starts_with(expected), "{scan}");
        if !may_scan {
            assert!(scan.ends_with("because no session policy allows the dynamodb:Scan action"));
        }
        let lambda_role = told(
            sts.assume_role()
                .role_arn("arn:aws:iam::123456789012:role/None")
                .role_session_name("me")
                .send()
                .await,
        );
        assert!(lambda_role.starts_with("AccessDenied: "), "{lambda_role}");
    }
}

#[tokio::test]
async fn the_policy_of_a_session_is_limited_in_length() {
    let world = World::new().await;
    let policy = |length: usize| {
        let policy = json!({"Version": "2012-10-17", "Statement": [allow(json!("s3:*"), "*")]});
        format!("{:length$}", policy.to_string())
    };
    let token = |policy: String| {
        let request = world.owner.sts.get_federation_token();
        request.name("planner").policy(policy).send()
    };
    token(policy(2048)).await.unwrap();
    let refused = told(token(policy(2049)).await);
    assert!(
        refused.ends_with("Member must have length less than or equal to 2048"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_session_ends_with_its_role() {
    let world = World::new().await;
    let iam = &world.owner.iam;
    let trust = TRUST.replace(
        "\"Service\":\"lambda.amazonaws.com\"",
        "\"AWS\":\"123456789012\"",
    );
    iam.create_role()
        .role_name("R")
        .assume_role_policy_document(&trust)
        .send()
        .await
        .unwrap();
    let assume = world
        .owner
        .sts
        .assume_role()
        .role_arn(ROLE)
        .role_session_name("me");
    let keys = assume.send().await.unwrap().credentials.unwrap();
    let keys = local_cloud::Credentials {
        access_key_id: keys.access_key_id,
        secret_access_key: keys.secret_access_key,
        session_token: Some(keys.session_token),
        expires_at: None,
    };
    let session = clients(&world.cloud.endpoint_url(), &keys);
    session.sts.get_caller_identity().send().await.unwrap();
    iam.delete_role().role_name("R").send().await.unwrap();
    iam.create_role()
        .role_name("R")
        .assume_role_policy_document(&trust)
        .send()
        .await
        .unwrap();
    assert!(
        told(session.sts.get_caller_identity().send().await).starts_with("InvalidClientTokenId: ")
    );
}

#[tokio::test]
async fn a_function_may_be_opened_to_somebody() {
    let world = World::new().await;
    world.function().await;
    let stranger = world.holding(json!([]));
    let call = || stranger.lambda.invoke().function_name("f").send();
    assert!(told(call().await).contains("lambda:InvokeFunction"));
    let open = world
        .owner
        .lambda
        .add_permission()
        .function_name("f")
        .statement_id("s");
    let open = open.action("lambda:InvokeFunction").principal("*");
    open.send().await.unwrap();
    call().await.unwrap();
    let qualified = stranger
        .lambda
        .invoke()
        .function_name("f")
        .qualifier("$LATEST")
        .send()
        .await;
    assert!(told(qualified).contains("function:f:$LATEST"));
}

#[tokio::test]
async fn federation_hands_out_what_issue_does() {
    let world = World::new().await;
    let policy =
        json!({"Version": "2012-10-17", "Statement": [allow(json!("dynamodb:ListTables"), "*")]});
    let token = world
        .owner
        .sts
        .get_federation_token()
        .name("planner")
        .policy(policy.to_string());
    let keys = token.send().await.unwrap().credentials.unwrap();
    let keys = local_cloud::Credentials {
        access_key_id: keys.access_key_id,
        secret_access_key: keys.secret_access_key,
        session_token: Some(keys.session_token),
        expires_at: None,
    };
    let planner = clients(&world.cloud.endpoint_url(), &keys);
    planner.dynamodb.list_tables().send().await.unwrap();
    assert!(told(planner.iam.list_roles().send().await).starts_with("AccessDenied: "));
    let again = planner.sts.get_federation_token().name("me").send().await;
    assert!(told(again).starts_with("AccessDenied: "));
}
