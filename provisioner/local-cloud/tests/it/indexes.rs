//! Indexes of a table, and requests that are checked before their table is looked for.

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex,
    GlobalSecondaryIndexDescription, KeySchemaElement, KeyType, Projection, ProjectionType,
    ProvisionedThroughput, ScalarAttributeType, TableClass, TransactWriteItem, Update,
};
use local_cloud::{FaultProfile, Span};

use crate::world::{Clients, Hands, World, rides, told};

fn user() -> AttributeDefinition {
    AttributeDefinition::builder()
        .attribute_name("User")
        .attribute_type(ScalarAttributeType::S)
        .build()
        .unwrap()
}

fn by_user() -> GlobalSecondaryIndex {
    let key = KeySchemaElement::builder()
        .attribute_name("User")
        .key_type(KeyType::Hash);
    let all = Projection::builder()
        .projection_type(ProjectionType::All)
        .build();
    GlobalSecondaryIndex::builder()
        .index_name("byUser")
        .key_schema(key.build().unwrap())
        .projection(all)
        .build()
        .unwrap()
}

async fn index(clients: &Clients) -> GlobalSecondaryIndexDescription {
    let describe = clients.dynamodb.describe_table().table_name("Rides");
    let table = describe.send().await.unwrap().table.unwrap();
    table.global_secondary_indexes.unwrap().remove(0)
}

fn status(index: &GlobalSecondaryIndexDescription) -> &str {
    index.index_status.as_ref().unwrap().as_str()
}

#[tokio::test]
async fn an_index_of_a_new_table_becomes_active_with_it() {
    let hands = Hands::new();
    let profile = FaultProfile {
        table_creating: Span::millis(60_000, 60_000),
        ..FaultProfile::calm()
    };
    let world = World::with_faults(hands.clone(), profile).await;
    let create = rides(&world.owner, "Rides")
        .attribute_definitions(user())
        .global_secondary_indexes(by_user());
    let created = create.send().await.unwrap().table_description.unwrap();
    assert_eq!(status(&created.global_secondary_indexes()[0]), "CREATING");
    assert_eq!(status(&index(&world.owner).await), "CREATING");
    hands.advance(Duration::from_secs(61));
    assert_eq!(status(&index(&world.owner).await), "ACTIVE");
    let ride = |id: &str| AttributeValue::S(id.to_owned());
    let put = world.owner.dynamodb.put_item().table_name("Rides");
    put.item("RideId", ride("a"))
        .item("User", ride("u"))
        .send()
        .await
        .unwrap();
    // Its items are counted with those of the table.
    assert_eq!(index(&world.owner).await.item_count, Some(0));
    hands.advance(Duration::from_secs(6 * 3600));
    assert_eq!(index(&world.owner).await.item_count, Some(1));
}

#[tokio::test]
async fn a_request_is_checked_before_its_table_is_looked_for() {
    let hands = Hands::new();
    let profile = FaultProfile {
        table_creating: Span::millis(60_000, 60_000),
        ..FaultProfile::calm()
    };
    let world = World::with_faults(hands.clone(), profile).await;
    // Both are CREATING for the whole test, which is no reason to skip the checks either.
    world.table("Young").await;
    let missing = [("Gone", "ResourceNotFoundException"), ("Young", "Resource")];
    for (table, otherwise) in missing {
        for (wrong, refused) in wrong_requests(&world.owner, table).await {
            assert!(
                refused.starts_with("ValidationException: "),
                "{table}, {wrong}: {refused}"
            );
            assert!(!refused.contains("no-such-table"), "{wrong}: {refused}");
        }
        for (right, refused) in right_requests(&world.owner, table).await {
            assert!(
                refused.starts_with(otherwise),
                "{table}, {right}: {refused}"
            );
        }
    }
    // An existing table is no reason to skip the checks of a creation.
    let without_attribute = rides(&world.owner, "Young").global_secondary_indexes(by_user());
    let refused = told(without_attribute.send().await);
    assert!(refused.starts_with("ValidationException: "), "{refused}");
    let again = told(rides(&world.owner, "Young").send().await);
    assert_eq!(
        again,
        "ResourceInUseException: Table is being created: Young"
    );
}

/// Requests that are wrong whatever the table is.
async fn wrong_requests(clients: &Clients, table: &str) -> Vec<(&'static str, String)> {
    let db = &clients.dynamodb;
    let id = || AttributeValue::S("a".into());
    let put = db.put_item().table_name(table).item("RideId", id());
    let put = put.condition_expression("attribute_not_exists(");
    let get = db.get_item().table_name(table).key("RideId", id());
    let get = get.expression_attribute_names("#a", "a");
    let update = db.update_item().table_name(table).key("RideId", id());
    let update = update.update_expression("SET");
    let query = db.query().table_name(table).limit(0);
    let scan = db.scan().table_name(table).filter_expression("a =");
    let transact = db.transact_write_items().transact_items(
        TransactWriteItem::builder()
            .update(
                Update::builder()
                    .table_name(table)
                    .key("RideId", id())
                    .update_expression("SET")
                    .build()
                    .unwrap(),
            )
            .build(),
    );
    let change = || db.update_table().table_name(table);
    let none = ProvisionedThroughput::builder()
        .read_capacity_units(0)
        .write_capacity_units(0)
        .build()
        .unwrap();
    vec![
        ("PutItem", told(put.send().await)),
        ("GetItem", told(get.send().await)),
        ("UpdateItem", told(update.send().await)),
        ("Query", told(query.send().await)),
        ("Scan", told(scan.send().await)),
        ("TransactWriteItems", told(transact.send().await)),
        ("no change", told(change().send().await)),
        (
            "class",
            told(change().table_class(TableClass::from("COLD")).send().await),
        ),
        (
            "mode",
            told(
                change()
                    .billing_mode(BillingMode::from("FREE"))
                    .send()
                    .await,
            ),
        ),
        (
            "capacity",
            told(change().provisioned_throughput(none).send().await),
        ),
        (
            "empty list",
            told(
                change()
                    .set_global_secondary_index_updates(Some(Vec::new()))
                    .send()
                    .await,
            ),
        ),
    ]
}

/// Requests that would succeed on a table with items.
async fn right_requests(clients: &Clients, table: &str) -> Vec<(&'static str, String)> {
    let db = &clients.dynamodb;
    let id = || AttributeValue::S("a".into());
    let put = db.put_item().table_name(table).item("RideId", id());
    let get = db.get_item().table_name(table).key("RideId", id());
    let update = db
        .update_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest);
    vec![
        ("PutItem", told(put.send().await)),
        ("GetItem", told(get.send().await)),
        ("Scan", told(db.scan().table_name(table).send().await)),
        ("UpdateTable", told(update.send().await)),
    ]
}
