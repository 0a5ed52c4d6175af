//! Answers and errors as they were recorded at AWS.

use aws_sdk_dynamodb::types::{BackupTypeFilter, PointInTimeRecoverySpecification};
use serde_json::Value;

use crate::world::{REGION, World, rides, told};

fn arn(tail: &str) -> String {
    format!("arn:aws:lambda:{REGION}:123456789012:function:{tail}")
}

fn function_not_found(tail: &str) -> String {
    format!(
        "ResourceNotFoundException: Function not found: {}",
        arn(tail)
    )
}

/// A function with version 1 and the alias `live`.
async fn released() -> World {
    let world = World::new().await;
    world.function().await;
    let lambda = &world.owner.lambda;
    let publish = lambda.publish_version().function_name("f");
    publish.send().await.unwrap();
    let alias = lambda.create_alias().function_name("f").name("live");
    alias.function_version("1").send().await.unwrap();
    world
}

#[tokio::test]
async fn not_found_names_what_each_call_of_lambda_looked_for() {
    let world = released().await;
    let lambda = &world.owner.lambda;
    let get = |name: &str, qualifier: Option<&str>| {
        let get = lambda.get_function().function_name(name);
        get.set_qualifier(qualifier.map(str::to_owned)).send()
    };
    assert_eq!(told(get("g", None).await), function_not_found("g"));
    for qualifier in ["$LATEST", "7", "other"] {
        let expected = function_not_found(&format!("g:{qualifier}"));
        assert_eq!(told(get("g", Some(qualifier)).await), expected);
    }
    assert_eq!(
        told(get("f", Some("other")).await),
        function_not_found("f:other")
    );
    let invoke = |name: &str| lambda.invoke().function_name(name).send();
    assert_eq!(told(invoke("g").await), function_not_found("g:$LATEST"));
    assert_eq!(told(invoke("g:live").await), function_not_found("g:live"));
    assert_eq!(told(invoke("f:other").await), function_not_found("f:other"));
    let reserve = lambda.put_function_concurrency().function_name("g");
    let reserve = reserve.reserved_concurrent_executions(1);
    assert_eq!(told(reserve.send().await), function_not_found("g:$LATEST"));
    let alias = lambda.create_alias().function_name("g").name("live");
    assert_eq!(
        told(alias.function_version("1").send().await),
        function_not_found("g:1")
    );
    let publish = lambda.publish_version().function_name("g");
    assert_eq!(told(publish.send().await), function_not_found("g"));
}

#[tokio::test]
async fn a_deletion_refuses_latest_aliases_and_used_versions() {
    let world = released().await;
    let lambda = &world.owner.lambda;
    let delete = |name: &str, qualifier: &str| {
        let delete = lambda.delete_function().function_name(name);
        delete.qualifier(qualifier).send()
    };
    let latest = "InvalidParameterValueException: $LATEST version cannot be deleted without \
                  deleting the function.";
    // Whether there is a function or not.
    assert_eq!(told(delete("f", "$LATEST").await), latest);
    assert_eq!(told(delete("g", "$LATEST").await), latest);
    assert_eq!(
        told(delete("f", "live").await),
        "InvalidParameterValueException: Deletion of aliases is not currently supported."
    );
    assert_eq!(
        told(delete("f", "1").await),
        "ResourceConflictException: Unable to delete version because the following aliases \
         reference it: [live]"
    );
    assert_eq!(told(delete("g", "1").await), function_not_found("g"));
    delete("f", "7").await.unwrap();
}

#[tokio::test]
async fn a_permission_is_added_only_to_the_revision_that_is_meant() {
    let world = released().await;
    let lambda = &world.owner.lambda;
    let add = |id: &str, qualifier: Option<&str>, revision: Option<&str>| {
        let add = lambda.add_permission().function_name("f").statement_id(id);
        add.action("lambda:InvokeFunction")
            .principal("apigateway.amazonaws.com")
            .set_qualifier(qualifier.map(str::to_owned))
            .set_revision_id(revision.map(str::to_owned))
            .send()
    };
    let stale = "PreconditionFailedException: The Revision Id provided does not match the latest \
                 Revision Id. Call the GetPolicy API to retrieve the latest Revision Id";
    // Before there is a policy the revision is that of the function.
    let other = Some("11111111-2222-3333-4444-555555555555");
    assert_eq!(told(add("a", None, other).await), stale);
    assert_eq!(told(add("a", Some("live"), other).await), stale);
    let get = lambda.get_alias().function_name("f").name("live");
    let alias = get.send().await.unwrap().revision_id;
    add("a", Some("live"), alias.as_deref()).await.unwrap();
    // It has changed with that, for the alias and for its policy.
    assert_eq!(told(add("b", Some("live"), alias.as_deref()).await), stale);
    let policy = lambda.get_policy().function_name("f").qualifier("live");
    let revision = policy.send().await.unwrap().revision_id;
    add("b", Some("live"), revision.as_deref()).await.unwrap();
    for (qualifier, expected) in [
        (
            "other",
            format!(
                "ResourceNotFoundException: Cannot find alias arn: {}",
                arn("f:other")
            ),
        ),
        ("42", function_not_found("f:42")),
        ("with-$-sign", function_not_found("f:with-$-sign")),
    ] {
        assert_eq!(told(add("c", Some(qualifier), None).await), expected);
    }
    let remove = lambda.remove_permission().function_name("g");
    assert_eq!(
        told(remove.statement_id("a").send().await),
        format!(
            "ResourceNotFoundException: No policy found for: {}",
            arn("g")
        )
    );
    for name in ["g", "f:42", "f:other"] {
        assert_eq!(
            told(lambda.get_policy().function_name(name).send().await),
            "ResourceNotFoundException: The resource you requested does not exist."
        );
    }
}

#[tokio::test]
async fn a_hundred_invocations_stay_unreserved() {
    let world = World::new().await;
    world.function().await;
    let put = |n: i32| {
        let put = world.owner.lambda.put_function_concurrency();
        put.function_name("f")
            .reserved_concurrent_executions(n)
            .send()
    };
    for too_many in [901, 1000, 5000] {
        let refused = told(put(too_many).await);
        assert!(
            refused.contains("below its minimum value of [100]"),
            "{refused}"
        );
    }
    put(900).await.unwrap();
    put(0).await.unwrap();
}

#[tokio::test]
async fn an_error_of_lambda_has_its_text_under_both_names() {
    let world = World::new().await;
    let lambda = &world.owner.lambda;
    let missing = lambda.get_function().function_name("g").send().await;
    let latest = lambda.delete_function().function_name("g");
    let latest = latest.qualifier("$LATEST").send().await;
    let body = |raw: Option<&aws_smithy_runtime_api::client::orchestrator::HttpResponse>| {
        let bytes = raw.and_then(|response| response.body().bytes());
        serde_json::from_slice::<Value>(bytes.unwrap()).unwrap()
    };
    for body in [
        body(missing.unwrap_err().raw_response()),
        body(latest.unwrap_err().raw_response()),
    ] {
        assert_eq!(body["Type"], "User", "{body}");
        assert_eq!(body["Message"], body["message"], "{body}");
        assert!(body["message"].is_string(), "{body}");
    }
}

#[tokio::test]
async fn a_result_without_members_is_sent_where_the_model_has_one() {
    let world = World::new().await;
    world.role().await;
    // boto3 looks for the element of UpdateRole and fails without it; xml.rs tests its presence.
    let update = world.owner.iam.update_role().role_name("R");
    update.max_session_duration(7200).send().await.unwrap();
}

#[tokio::test]
async fn a_backup_is_described_beside_its_table() {
    let world = World::new().await;
    rides(&world.owner, "Rides").send().await.unwrap();
    let db = &world.owner.dynamodb;
    let on = PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(true)
        .build();
    let update = db.update_continuous_backups().table_name("Rides");
    let update = update.point_in_time_recovery_specification(on.unwrap());
    update.send().await.unwrap();
    db.delete_table().table_name("Rides").send().await.unwrap();
    let list = db.list_backups().backup_type(BackupTypeFilter::All);
    let list = list.send().await.unwrap();
    let backup_arn = list.backup_summaries()[0].backup_arn().unwrap();
    let describe = db.describe_backup().backup_arn(backup_arn).send().await;
    let description = describe.unwrap().backup_description.unwrap();
    let details = description.backup_details.unwrap();
    assert_eq!(details.backup_name, "Rides$DeletedTableBackup");
    let source = description.source_table_details.unwrap();
    assert_eq!(source.table_name, "Rides");
    assert_eq!(source.key_schema[0].attribute_name, "RideId");
    assert_eq!(source.billing_mode.unwrap().as_str(), "PAY_PER_REQUEST");
    let features = description.source_table_feature_details.unwrap();
    assert!(features.time_to_live_description.is_some());
}

#[tokio::test]
async fn limits_of_logs_are_checked() {
    let world = World::new().await;
    let logs = &world.owner.logs;
    let low = |limit: i32| {
        format!(
            "InvalidParameterException: 1 validation error detected: Value '{limit}' at 'limit' \
             failed to satisfy constraint: Member must have value greater than or equal to 1"
        )
    };
    let high = |limit: i32, most: i32| {
        format!(
            "InvalidParameterException: 1 validation error detected: Value '{limit}' at 'limit' \
             failed to satisfy constraint: Member must have value less than or equal to {most}"
        )
    };
    // The group does not exist, and the requests are checked first.
    let filter = |limit: i32| {
        let filter = logs.filter_log_events().log_group_name("/none");
        filter.limit(limit).send()
    };
    assert_eq!(told(filter(0).await), low(0));
    assert_eq!(told(filter(10_001).await), high(10_001, 10_000));
    assert!(told(filter(1).await).starts_with("ResourceNotFoundException: "));
    let get = |limit: i32| {
        let get = logs.get_log_events().log_group_name("/none");
        get.log_stream_name("s").limit(limit).send()
    };
    assert_eq!(told(get(-1).await), low(-1));
    assert_eq!(told(get(10_001).await), high(10_001, 10_000));
    let streams = |limit: i32| {
        let describe = logs.describe_log_streams().log_group_name("/none");
        describe.limit(limit).send()
    };
    assert_eq!(told(streams(0).await), low(0));
    assert_eq!(told(streams(51).await), high(51, 50));
    let order = logs.describe_log_streams().log_group_name("/none");
    let order = told(order.order_by("Size".into()).send().await);
    assert!(order.contains("enum value set: [LogStreamName, LastEventTime]"));
    let groups = |limit: i32| logs.describe_log_groups().limit(limit).send();
    assert_eq!(told(groups(0).await), low(0));
    assert_eq!(told(groups(51).await), high(51, 50));
}

#[tokio::test]
async fn session_tags_are_checked_and_need_a_permission() {
    use aws_sdk_sts::types::Tag;
    let world = World::new().await;
    let trust = |action: &str| {
        let statement = serde_json::json!({
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:user/owner"},
            "Action": ["sts:AssumeRole", action],
        });
        serde_json::json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    let create = world.owner.iam.create_role().role_name("R");
    let create = create.assume_role_policy_document(trust("sts:SetSourceIdentity"));
    create.send().await.unwrap();
    let assume = |tags: Vec<(&str, &str)>, transitive: Option<&str>| {
        let tags = tags.into_iter().map(|(key, value)| {
            let tag = Tag::builder().key(key).value(value).build();
            tag.unwrap()
        });
        let assume = world.owner.sts.assume_role().role_arn(crate::world::ROLE);
        assume
            .role_session_name("test")
            .set_tags(Some(tags.collect()))
            .set_transitive_tag_keys(transitive.map(|key| vec![key.to_owned()]))
            .send()
    };
    for (tags, transitive, part) in [
        (vec![("", "x")], None, "greater than or equal to 1"),
        (vec![("a#", "x")], None, "regular expression pattern"),
        (vec![("a", "1"), ("A", "2")], None, "Duplicate tag keys"),
        (vec![("a", "1")], Some("b"), "transitive tag key"),
    ] {
        let refused = told(assume(tags, transitive).await);
        assert!(refused.contains(part), "{refused}");
    }
    let refused = told(assume(vec![("a", "1")], None).await);
    assert!(refused.contains("to perform: sts:TagSession"), "{refused}");
    assume(Vec::new(), None).await.unwrap();
    let update = world.owner.iam.update_assume_role_policy().role_name("R");
    let update = update.policy_document(trust("sts:TagSession"));
    update.send().await.unwrap();
    assume(vec![("a", "1")], Some("a")).await.unwrap();
}
