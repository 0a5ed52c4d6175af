//! Tables: their life cycle, their description, and DynamoDB's errors.

use aws_sdk_dynamodb::types::{BillingMode, ProvisionedThroughput, Tag};

use std::time::Duration;

use crate::world::{Hands, REGION, World, rides, told};

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

fn arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:123456789012:table/{name}")
}

#[tokio::test]
async fn a_table_looks_as_at_aws() {
    let world = World::new().await;
    let db = &world.owner.dynamodb;
    let made = rides(&world.owner, "Rides")
        .tags(tag("a", "b"))
        .deletion_protection_enabled(true);
    let made = made.send().await.unwrap().table_description.unwrap();
    assert_eq!(made.table_status.unwrap().as_str(), "CREATING");
    assert!(made.warm_throughput.is_none());
    // By ARN it is the same table, and the answer has the bare name.
    let table = db
        .describe_table()
        .table_name(arn("Rides"))
        .send()
        .await
        .unwrap()
        .table
        .unwrap();
    assert_eq!(table.table_name.as_deref(), Some("Rides"));
    assert_eq!(table.table_arn, Some(arn("Rides")));
    assert_eq!(table.table_status.unwrap().as_str(), "ACTIVE");
    assert_eq!(table.table_id, made.table_id);
    assert_eq!(table.deletion_protection_enabled, Some(true));
    let billing = table.billing_mode_summary.unwrap();
    assert_eq!(billing.billing_mode, Some(BillingMode::PayPerRequest));
    assert_eq!(
        table.provisioned_throughput.unwrap().read_capacity_units,
        Some(0)
    );
    assert_eq!(
        table.warm_throughput.unwrap().read_units_per_second,
        Some(12_000)
    );
    assert!(table.table_class_summary.is_none() && table.sse_description.is_none());
    let tags = db
        .list_tags_of_resource()
        .resource_arn(arn("Rides"))
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags(), [tag("a", "b")]);
}

#[tokio::test]
async fn a_protected_table_is_not_deleted() {
    let world = World::new().await;
    let db = &world.owner.dynamodb;
    rides(&world.owner, "Rides")
        .deletion_protection_enabled(true)
        .send()
        .await
        .unwrap();
    let refused = told(db.delete_table().table_name("Rides").send().await);
    assert!(refused.starts_with("ValidationException: "), "{refused}");
    assert!(
        refused.contains("currently protected against deletion"),
        "{refused}"
    );
    let lift = db
        .update_table()
        .table_name("Rides")
        .deletion_protection_enabled(false);
    let lifted = lift.send().await.unwrap().table_description.unwrap();
    assert_eq!(lifted.deletion_protection_enabled, Some(false));
    let deleted = db.delete_table().table_name("Rides").send().await.unwrap();
    assert_eq!(
        deleted
            .table_description
            .unwrap()
            .table_status
            .unwrap()
            .as_str(),
        "DELETING"
    );
    let gone = told(db.describe_table().table_name("Rides").send().await);
    assert_eq!(
        gone,
        "ResourceNotFoundException: Requested resource not found: Table: Rides not found"
    );
}

#[tokio::test]
async fn a_table_made_again_is_another_and_empty() {
    let world = World::new().await;
    let db = &world.owner.dynamodb;
    let id = async |made: aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder| {
        made.send().await.unwrap().table_description.unwrap().table_id
    };
    let first = id(rides(&world.owner, "Rides")).await;
    let again = told(rides(&world.owner, "Rides").send().await);
    assert_eq!(again, "ResourceInUseException: Table already exists: Rides");
    let key = aws_sdk_dynamodb::types::AttributeValue::S("a".into());
    db.put_item()
        .table_name("Rides")
        .item("RideId", key)
        .send()
        .await
        .unwrap();
    db.delete_table().table_name("Rides").send().await.unwrap();
    let second = id(rides(&world.owner, "Rides")).await;
    assert_ne!(first, second);
    assert_eq!(db.scan().table_name("Rides").send().await.unwrap().count, 0);
}

#[tokio::test]
async fn one_logical_change_a_call() {
    let world = World::new().await;
    world.table("Rides").await;
    let update = || world.owner.dynamodb.update_table().table_name("Rides");
    let units = ProvisionedThroughput::builder()
        .read_capacity_units(5)
        .write_capacity_units(5)
        .build()
        .unwrap();
    let both = update()
        .deletion_protection_enabled(true)
        .billing_mode(BillingMode::PayPerRequest);
    for (refused, part) in [
        (told(update().send().await), "At least one of"),
        (
            told(both.send().await),
            "must be the only operation in the request",
        ),
        (
            told(update().billing_mode(BillingMode::Provisioned).send().await),
            "must both be specified when BillingMode is PROVISIONED",
        ),
        (
            told(update().provisioned_throughput(units.clone()).send().await),
            "when BillingMode is PAY_PER_REQUEST",
        ),
    ] {
        assert!(
            refused.starts_with("ValidationException: ") && refused.contains(part),
            "{refused}"
        );
    }
    // The answer is not the new state.
    let switch = update()
        .billing_mode(BillingMode::Provisioned)
        .provisioned_throughput(units.clone());
    let answer = switch.send().await.unwrap().table_description.unwrap();
    assert_eq!(answer.table_status.unwrap().as_str(), "UPDATING");
    assert_eq!(
        answer.provisioned_throughput.unwrap().read_capacity_units,
        Some(0)
    );
    let describe = world
        .owner
        .dynamodb
        .describe_table()
        .table_name("Rides")
        .send()
        .await
        .unwrap();
    let table = describe.table.unwrap();
    assert_eq!(
        table.provisioned_throughput.unwrap().read_capacity_units,
        Some(5)
    );
    assert_eq!(
        table.billing_mode_summary.unwrap().billing_mode,
        Some(BillingMode::Provisioned)
    );
    let same = told(update().provisioned_throughput(units).send().await);
    assert!(same.contains("will not change"), "{same}");
    update()
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn tags_are_changed_and_checked() {
    let world = World::new().await;
    world.table("Rides").await;
    let db = &world.owner.dynamodb;
    let set = |tag: Tag| {
        db.tag_resource()
            .resource_arn(arn("Rides"))
            .tags(tag)
            .send()
    };
    set(tag("a", "1")).await.unwrap();
    set(tag("A", "2")).await.unwrap();
    set(tag("a", "3")).await.unwrap();
    let remove = db
        .untag_resource()
        .resource_arn(arn("Rides"))
        .tag_keys("A")
        .tag_keys("none");
    remove.send().await.unwrap();
    let tags = db
        .list_tags_of_resource()
        .resource_arn(arn("Rides"))
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags(), [tag("a", "3")]);
    assert!(told(set(tag("aws:a", "1")).await).starts_with("ValidationException: "));
    let gone = db
        .list_tags_of_resource()
        .resource_arn(arn("None"))
        .send()
        .await;
    assert!(told(gone).starts_with("ResourceNotFoundException: Requested resource not found"));
    // With one invalid tag nothing is created.
    let bad = rides(&world.owner, "Other")
        .tags(tag("a#", "1"))
        .send()
        .await;
    assert!(told(bad).starts_with("ValidationException: "));
    assert_eq!(
        db.list_tables().send().await.unwrap().table_names(),
        ["Rides"]
    );
}

#[tokio::test]
async fn a_deleted_table_with_recovery_leaves_a_backup() {
    use aws_sdk_dynamodb::types::{BackupTypeFilter, PointInTimeRecoverySpecification};
    let world = World::new().await;
    let db = &world.owner.dynamodb;
    let missing = db
        .describe_continuous_backups()
        .table_name("Rides")
        .send()
        .await;
    assert_eq!(
        told(missing),
        "TableNotFoundException: Table not found: Rides"
    );
    world.table("Rides").await;
    let on = PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(true)
        .build()
        .unwrap();
    let update = db.update_continuous_backups().table_name("Rides");
    let answer = update
        .point_in_time_recovery_specification(on)
        .send()
        .await
        .unwrap();
    let description = answer.continuous_backups_description.unwrap();
    let recovery = description.point_in_time_recovery_description.unwrap();
    assert_eq!(
        recovery.point_in_time_recovery_status.unwrap().as_str(),
        "ENABLED"
    );
    assert_eq!(recovery.recovery_period_in_days, Some(35));
    db.delete_table().table_name("Rides").send().await.unwrap();
    let list = || db.list_backups().table_name("Rides");
    assert!(list().send().await.unwrap().backup_summaries().is_empty());
    let all = list()
        .backup_type(BackupTypeFilter::All)
        .send()
        .await
        .unwrap();
    let [backup] = all.backup_summaries() else {
        panic!("{all:?}")
    };
    assert_eq!(
        backup.backup_name.as_deref(),
        Some("Rides$DeletedTableBackup")
    );
    assert_eq!(backup.backup_type.as_ref().unwrap().as_str(), "SYSTEM");
    let arn = backup.backup_arn.clone().unwrap();
    assert!(told(db.delete_backup().backup_arn(arn).send().await).contains("cannot be deleted"));
}

#[tokio::test]
async fn tables_are_listed_in_pages_and_by_region() {
    let world = World::new().await;
    for name in ["Ccc", "Aaa", "Bbb"] {
        world.table(name).await;
    }
    let list = || world.owner.dynamodb.list_tables().limit(2);
    let first = list().send().await.unwrap();
    assert_eq!(first.table_names(), ["Aaa", "Bbb"]);
    assert_eq!(first.last_evaluated_table_name.as_deref(), Some("Bbb"));
    let second = list()
        .exclusive_start_table_name("Bbb")
        .send()
        .await
        .unwrap();
    assert_eq!(second.table_names(), ["Ccc"]);
    assert_eq!(second.last_evaluated_table_name, None);
    let config = world.owner.dynamodb.config().to_builder();
    let elsewhere = config
        .region(aws_sdk_dynamodb::config::Region::new("us-east-1"))
        .build();
    let elsewhere = aws_sdk_dynamodb::Client::from_conf(elsewhere);
    assert!(
        elsewhere
            .list_tables()
            .send()
            .await
            .unwrap()
            .table_names()
            .is_empty()
    );
}

#[tokio::test]
async fn items_are_counted_every_six_hours() {
    let hands = Hands::new();
    let world = World::at(hands.clone()).await;
    world.table("Rides").await;
    let db = &world.owner.dynamodb;
    let id = aws_sdk_dynamodb::types::AttributeValue::S("a".into());
    db.put_item()
        .table_name("Rides")
        .item("RideId", id)
        .send()
        .await
        .unwrap();
    let count = async || {
        let table = db
            .describe_table()
            .table_name("Rides")
            .send()
            .await
            .unwrap()
            .table
            .unwrap();
        table.item_count.unwrap()
    };
    assert_eq!(count().await, 0);
    hands.advance(Duration::from_secs(6 * 3600 + 1));
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn indexes_come_and_go() {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, CreateGlobalSecondaryIndexAction, DeleteGlobalSecondaryIndexAction,
        GlobalSecondaryIndexUpdate, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType,
    };
    let world = World::new().await;
    world.table("Rides").await;
    let db = &world.owner.dynamodb;
    let key = KeySchemaElement::builder()
        .attribute_name("User")
        .key_type(KeyType::Hash)
        .build();
    let index = CreateGlobalSecondaryIndexAction::builder()
        .index_name("byUser")
        .key_schema(key.unwrap())
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::All)
                .build(),
        )
        .build()
        .unwrap();
    let user = AttributeDefinition::builder()
        .attribute_name("User")
        .attribute_type(ScalarAttributeType::S)
        .build()
        .unwrap();
    let create = GlobalSecondaryIndexUpdate::builder().create(index).build();
    let update = || db.update_table().table_name("Rides");
    update()
        .attribute_definitions(user)
        .global_secondary_index_updates(create)
        .send()
        .await
        .unwrap();
    let indexes = async || {
        let table = db
            .describe_table()
            .table_name("Rides")
            .send()
            .await
            .unwrap()
            .table
            .unwrap();
        table.global_secondary_indexes.unwrap_or_default()
    };
    let found = indexes().await;
    assert_eq!(found[0].index_status.as_ref().unwrap().as_str(), "ACTIVE");
    assert_eq!(
        found[0].index_arn,
        Some(format!("{}/index/byUser", arn("Rides")))
    );
    let delete = DeleteGlobalSecondaryIndexAction::builder()
        .index_name("byUser")
        .build()
        .unwrap();
    let delete = GlobalSecondaryIndexUpdate::builder().delete(delete).build();
    update()
        .global_secondary_index_updates(delete)
        .send()
        .await
        .unwrap();
    assert!(indexes().await.is_empty());
}
