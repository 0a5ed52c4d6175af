//! Log groups, streams and events.

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::world::{Hands, REGION, World, told};

fn now() -> i64 {
    i64::try_from(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_millis(),
    )
    .unwrap()
}

fn event(timestamp: i64, message: &str) -> InputLogEvent {
    InputLogEvent::builder()
        .timestamp(timestamp)
        .message(message)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_group_is_made_kept_tagged_and_deleted() {
    let world = World::new().await;
    let logs = &world.owner.logs;
    let make = || {
        logs.create_log_group()
            .log_group_name("/a/b")
            .tags("k", "v")
            .send()
    };
    make().await.unwrap();
    assert_eq!(
        told(make().await),
        "ResourceAlreadyExistsException: The specified log group already exists"
    );
    let keep = |days: i32| {
        logs.put_retention_policy()
            .log_group_name("/a/b")
            .retention_in_days(days)
            .send()
    };
    keep(14).await.unwrap();
    assert!(told(keep(15).await).starts_with("InvalidParameterException: "));
    // A prefix finds more than the name.
    logs.create_log_group()
        .log_group_name("/a/b2")
        .send()
        .await
        .unwrap();
    let found = logs
        .describe_log_groups()
        .log_group_name_prefix("/a/b")
        .limit(1)
        .send()
        .await
        .unwrap();
    let [group] = found.log_groups() else {
        panic!("{found:?}")
    };
    assert_eq!(group.retention_in_days, Some(14));
    let arn = format!("arn:aws:logs:{REGION}:123456789012:log-group:/a/b");
    assert_eq!(group.arn, Some(format!("{arn}:*")));
    assert_eq!(group.log_group_arn.as_deref(), Some(arn.as_str()));
    let next = logs
        .describe_log_groups()
        .set_next_token(found.next_token)
        .send()
        .await
        .unwrap();
    assert_eq!(
        next.log_groups()[0].log_group_name.as_deref(),
        Some("/a/b2")
    );
    logs.tag_resource()
        .resource_arn(&arn)
        .tags("x", "y")
        .send()
        .await
        .unwrap();
    logs.untag_resource()
        .resource_arn(format!("{arn}:*"))
        .tag_keys("k")
        .send()
        .await
        .unwrap();
    let tags = logs
        .list_tags_for_resource()
        .resource_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(
        tags.tags.unwrap(),
        [("x".to_owned(), "y".to_owned())].into()
    );
    logs.delete_log_group()
        .log_group_name("/a/b")
        .send()
        .await
        .unwrap();
    assert_eq!(
        told(logs.delete_log_group().log_group_name("/a/b").send().await),
        "ResourceNotFoundException: The specified log group does not exist."
    );
}

#[tokio::test]
async fn events_are_put_and_found() {
    let world = World::new().await;
    let logs = &world.owner.logs;
    logs.create_log_group()
        .log_group_name("g")
        .send()
        .await
        .unwrap();
    let put = |stream: &str, events: Vec<InputLogEvent>| {
        let put = logs
            .put_log_events()
            .log_group_name("g")
            .log_stream_name(stream);
        put.set_log_events(Some(events)).send()
    };
    let now = now();
    assert!(told(put("s", vec![event(now, "x")]).await).contains("log stream does not exist"));
    for stream in ["s", "t/[$LATEST]1"] {
        logs.create_log_stream()
            .log_group_name("g")
            .log_stream_name(stream)
            .send()
            .await
            .unwrap();
    }
    put(
        "s",
        vec![event(now - 3, "one ERROR"), event(now - 1, "three")],
    )
    .await
    .unwrap();
    put("t/[$LATEST]1", vec![event(now - 2, "two ERROR")])
        .await
        .unwrap();
    let disordered = put("s", vec![event(now, "b"), event(now - 1, "a")]).await;
    assert!(told(disordered).contains("chronological order"));
    let filter = || logs.filter_log_events().log_group_name("g");
    let all = filter().limit(2).send().await.unwrap();
    let messages = |events: &[aws_sdk_cloudwatchlogs::types::FilteredLogEvent]| {
        events
            .iter()
            .filter_map(|e| e.message.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(messages(all.events()), ["one ERROR", "two ERROR"]);
    let rest = filter()
        .limit(2)
        .set_next_token(all.next_token)
        .send()
        .await
        .unwrap();
    assert_eq!(messages(rest.events()), ["three"]);
    let errors = filter()
        .filter_pattern("ERROR")
        .start_time(now - 2)
        .send()
        .await
        .unwrap();
    assert_eq!(messages(errors.events()), ["two ERROR"]);
    let get = || {
        logs.get_log_events()
            .log_group_name("g")
            .log_stream_name("s")
    };
    let page = get().start_from_head(true).limit(1).send().await.unwrap();
    assert_eq!(page.events()[0].message.as_deref(), Some("one ERROR"));
    let token = page.next_forward_token.unwrap();
    let page = get()
        .start_from_head(true)
        .next_token(token)
        .send()
        .await
        .unwrap();
    assert_eq!(page.events()[0].message.as_deref(), Some("three"));
    let token = page.next_forward_token.unwrap();
    let end = get()
        .start_from_head(true)
        .next_token(&token)
        .send()
        .await
        .unwrap();
    assert!(end.events().is_empty());
    assert_eq!(end.next_forward_token, Some(token));
    let streams = logs
        .describe_log_streams()
        .log_group_name("g")
        .send()
        .await
        .unwrap();
    assert_eq!(streams.log_streams().len(), 2);
    // All of it is found again.
    let world = world.restart().await;
    let again = world
        .owner
        .logs
        .filter_log_events()
        .log_group_name("g")
        .send()
        .await
        .unwrap();
    assert_eq!(messages(again.events()).len(), 3);
}

#[tokio::test]
async fn old_events_go_as_the_retention_says() {
    let hands = Hands::new();
    let world = World::at(hands.clone()).await;
    let logs = &world.owner.logs;
    logs.create_log_group()
        .log_group_name("g")
        .send()
        .await
        .unwrap();
    logs.create_log_stream()
        .log_group_name("g")
        .log_stream_name("s")
        .send()
        .await
        .unwrap();
    let put = logs
        .put_log_events()
        .log_group_name("g")
        .log_stream_name("s");
    put.log_events(event(now(), "x")).send().await.unwrap();
    logs.put_retention_policy()
        .log_group_name("g")
        .retention_in_days(1)
        .send()
        .await
        .unwrap();
    let count = async || {
        logs.filter_log_events()
            .log_group_name("g")
            .send()
            .await
            .unwrap()
            .events()
            .len()
    };
    assert_eq!(count().await, 1);
    hands.advance(Duration::from_secs(2 * 24 * 3600));
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn a_policy_of_the_account_overrides_the_retention_of_its_groups() {
    use aws_sdk_cloudwatchlogs::types::PolicyType;
    let world = World::new().await;
    let logs = &world.owner.logs;
    let create = logs.create_log_group().log_group_name("g");
    create.send().await.expect("a group");
    let put = async |name: &str, document: &str| {
        let put = logs.put_account_policy().policy_name(name);
        let put = put.policy_type(PolicyType::RetentionPolicy);
        put.policy_document(document).send().await
    };
    let short = put(
        "Short",
        r#"{"retentionInDays":14,"enforcementMode":"RETROACTIVE"}"#,
    );
    assert!(told(short.await).starts_with("InvalidParameterException"));
    let put_own = async |days| {
        let put = logs.put_retention_policy().log_group_name("g");
        put.retention_in_days(days).send().await.expect("accepted");
    };
    let shown = async || {
        let groups = logs.describe_log_groups().send().await.expect("a list");
        let group = groups.log_groups()[0].clone();
        (group.retention_in_days, group.retention_policy_name)
    };
    let base = r#"{"retentionInDays":30,"enforcementMode":"RETROACTIVE"}"#;
    put("Base", base).await.expect("a policy");
    put_own(14).await;
    assert_eq!(shown().await, (Some(30), Some("Base".to_owned())));
    let longest = r#"{"retentionInDays":"NEVER_EXPIRE","enforcementMode":"RETROACTIVE"}"#;
    put("Longest", longest).await.expect("a policy");
    assert_eq!(shown().await, (None, Some("Longest".to_owned())));
    let list = logs.describe_account_policies();
    let list = list.policy_type(PolicyType::RetentionPolicy).send().await;
    assert_eq!(list.expect("a list").account_policies().len(), 2);
    for name in ["Base", "Longest"] {
        let delete = logs.delete_account_policy().policy_name(name);
        let delete = delete.policy_type(PolicyType::RetentionPolicy).send();
        delete.await.expect("deleted");
    }
    // The group's own setting was saved.
    assert_eq!(shown().await, (Some(14), None));
}

#[tokio::test]
async fn a_protected_group_is_not_deleted() {
    let world = World::new().await;
    let logs = &world.owner.logs;
    let create = logs.create_log_group().log_group_name("g");
    let create = create.deletion_protection_enabled(true).send();
    create.await.expect("a group");
    let delete = || logs.delete_log_group().log_group_name("g").send();
    assert!(told(delete().await).starts_with("ValidationException: "));
    let groups = logs.describe_log_groups().send().await.expect("a list");
    assert_eq!(
        groups.log_groups()[0].deletion_protection_enabled(),
        Some(true)
    );
    let put = logs.put_log_group_deletion_protection();
    let put = put
        .log_group_identifier("g")
        .deletion_protection_enabled(false);
    put.send().await.expect("changed");
    delete().await.expect("deleted");
}
