//! Items: write, find, and DynamoDB's errors.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, Put, PutRequest, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, WriteRequest,
};

use crate::world::{REGION, World, told};

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn ride(id: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("RideId".to_owned(), text(id)),
        ("Eta".to_owned(), AttributeValue::N("30".into())),
    ])
}

#[tokio::test]
async fn a_ride_is_put_read_changed_and_deleted() {
    let world = World::new().await;
    world.table("Rides").await;
    let db = &world.owner.dynamodb;
    db.put_item()
        .table_name("Rides")
        .set_item(Some(ride("a")))
        .send()
        .await
        .unwrap();
    let get = || {
        db.get_item()
            .table_name("Rides")
            .key("RideId", text("a"))
            .consistent_read(true)
    };
    assert_eq!(get().send().await.unwrap().item, Some(ride("a")));
    let update = db
        .update_item()
        .table_name("Rides")
        .key("RideId", text("a"));
    let update = update.update_expression("SET Eta = :e");
    update
        .expression_attribute_values(":e", text("soon"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        get().send().await.unwrap().item.unwrap()["Eta"],
        text("soon")
    );
    let query = db.query().table_name(format!(
        "arn:aws:dynamodb:{REGION}:123456789012:table/Rides"
    ));
    let query = query.key_condition_expression("RideId = :r");
    let found = query
        .expression_attribute_values(":r", text("a"))
        .send()
        .await
        .unwrap();
    assert_eq!(found.count, 1);
    db.delete_item()
        .table_name("Rides")
        .key("RideId", text("a"))
        .send()
        .await
        .unwrap();
    assert_eq!(get().send().await.unwrap().item, None);
}

#[tokio::test]
async fn a_failed_condition_shows_the_item_that_is_there() {
    let world = World::new().await;
    world.table("Rides").await;
    let put = || {
        let put = world
            .owner
            .dynamodb
            .put_item()
            .table_name("Rides")
            .set_item(Some(ride("a")));
        put.condition_expression("attribute_not_exists(RideId)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    };
    put().send().await.unwrap();
    let error = put().send().await.unwrap_err().into_service_error();
    use aws_sdk_dynamodb::operation::put_item::PutItemError;
    let PutItemError::ConditionalCheckFailedException(failed) = error else {
        panic!("{error:?}")
    };
    assert_eq!(failed.item, Some(ride("a")));
    assert_eq!(
        failed.message.as_deref(),
        Some("The conditional request failed")
    );
}

#[tokio::test]
async fn batches_transactions_and_pages_work() {
    let world = World::new().await;
    world.table("Rides").await;
    let db = &world.owner.dynamodb;
    let put = |id: &str| {
        let put = PutRequest::builder()
            .set_item(Some(ride(id)))
            .build()
            .unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let writes = vec![put("a"), put("b"), put("c")];
    db.batch_write_item()
        .request_items("Rides", writes)
        .send()
        .await
        .unwrap();
    let key = HashMap::from([("RideId".to_owned(), text("b"))]);
    let keys = KeysAndAttributes::builder().keys(key).build().unwrap();
    let got = db
        .batch_get_item()
        .request_items("Rides", keys)
        .send()
        .await
        .unwrap();
    assert_eq!(got.responses.unwrap()["Rides"], [ride("b")]);
    let once = |id: &str| {
        let put = Put::builder().table_name("Rides").set_item(Some(ride(id)));
        let put = put
            .condition_expression("attribute_not_exists(RideId)")
            .build()
            .unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let both = db
        .transact_write_items()
        .transact_items(once("d"))
        .transact_items(once("a"));
    assert!(told(both.send().await).starts_with("TransactionCanceledException"));
    let mut seen = 0;
    let mut start = None;
    loop {
        let page = db
            .scan()
            .table_name("Rides")
            .limit(1)
            .set_exclusive_start_key(start);
        let page = page.send().await.unwrap();
        seen += page.count;
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    assert_eq!(seen, 3);
}

#[tokio::test]
async fn what_dynamodb_refuses_is_refused() {
    let world = World::new().await;
    world.table("Rides").await;
    let db = &world.owner.dynamodb;
    let missing = db
        .put_item()
        .table_name("None")
        .set_item(Some(ride("a")))
        .send()
        .await;
    assert_eq!(
        told(missing),
        "ResourceNotFoundException: Requested resource not found"
    );
    for (refused, part) in [
        (
            told(
                db.put_item()
                    .table_name("Rides")
                    .item("Other", text("a"))
                    .send()
                    .await,
            ),
            "Missing the key RideId",
        ),
        (
            told(
                db.get_item()
                    .table_name("Rides")
                    .key("RideId", AttributeValue::N("1".into()))
                    .send()
                    .await,
            ),
            "does not match the schema",
        ),
        (
            told(
                db.put_item()
                    .table_name("Rides")
                    .item("RideId", text(""))
                    .send()
                    .await,
            ),
            "empty string value",
        ),
    ] {
        assert!(
            refused.starts_with("ValidationException: ") && refused.contains(part),
            "{refused}"
        );
        assert!(
            !refused.contains("VALIDATION:") && !refused.contains("at line"),
            "{refused}"
        );
    }
}

/// As boto3's paginator asks, which ends with an error where a page leads to itself.
#[tokio::test]
async fn a_query_ends_behind_the_only_item_of_a_partition() {
    let world = World::new().await;
    world.table("Rides").await;
    let db = &world.owner.dynamodb;
    let put = db.put_item().table_name("Rides");
    put.set_item(Some(ride("a"))).send().await.unwrap();
    let query = |start| {
        let query = db.query().table_name("Rides").limit(1);
        let query = query.key_condition_expression("RideId = :r");
        let query = query.expression_attribute_values(":r", text("a"));
        query.set_exclusive_start_key(start).send()
    };
    let first = query(None).await.unwrap();
    assert_eq!(first.count, 1);
    let second = query(first.last_evaluated_key).await.unwrap();
    assert_eq!((second.count, second.scanned_count), (0, 0));
    assert_eq!(second.items, Some(Vec::new()));
    assert_eq!(second.last_evaluated_key, None);
}

#[tokio::test]
async fn partiql_reads_and_writes_with_its_own_permissions() {
    let world = World::new().await;
    world.table("Rides").await;
    let table = format!("arn:aws:dynamodb:{REGION}:123456789012:table/Rides");
    let reader = world.holding(serde_json::json!([
        {"Effect": "Allow", "Action": "dynamodb:PartiQLSelect", "Resource": table},
    ]));
    let run = async |clients: &crate::world::Clients, statement: &str| {
        let run = clients.dynamodb.execute_statement().statement(statement);
        run.send().await
    };
    let insert = "INSERT INTO \"Rides\" VALUE {'RideId': 'a', 'Eta': 3}";
    let denied = told(run(&reader, insert).await);
    assert!(
        denied.contains("not authorized to perform: dynamodb:PartiQLInsert"),
        "{denied}"
    );
    run(&world.owner, insert).await.unwrap();
    let select = "SELECT * FROM \"Rides\" WHERE RideId = 'a'";
    let found = run(&reader, select).await.unwrap();
    assert_eq!(found.items()[0]["Eta"], AttributeValue::N("3".into()));
    let other = told(run(&reader, "SELECT \"FROM\" FROM Others").await);
    assert!(other.contains("table/Others"), "{other}");
    let missing = told(run(&world.owner, "SELECT * FROM Others").await);
    assert!(missing.starts_with("ResourceNotFoundException: "));
    let statement = |text: &str| {
        let one = aws_sdk_dynamodb::types::BatchStatementRequest::builder();
        one.statement(text).build().unwrap()
    };
    let batch = world.owner.dynamodb.batch_execute_statement();
    let batch = batch.statements(statement(select)).send().await.unwrap();
    assert!(batch.responses()[0].item().is_some());
    let batch = world.owner.dynamodb.batch_execute_statement();
    let absent = "SELECT * FROM \"Others\" WHERE RideId = 'a'";
    let batch = batch.statements(statement(absent));
    let batch = batch.statements(statement(select)).send().await.unwrap();
    let failed = &batch.responses()[0];
    let code = failed.error().and_then(|error| error.code()).unwrap();
    assert_eq!(code.as_str(), "ResourceNotFound");
    assert_eq!(failed.table_name(), Some("Others"));
    assert!(batch.responses()[1].item().is_some());
    let delete = aws_sdk_dynamodb::types::ParameterizedStatement::builder();
    let delete = delete.statement("DELETE FROM \"Rides\" WHERE RideId = 'a'");
    let transaction = world.owner.dynamodb.execute_transaction();
    let transaction = transaction.transact_statements(delete.build().unwrap());
    let answer = transaction.send().await.unwrap();
    assert_eq!(answer.responses, None, "it only writes");
    assert!(run(&reader, select).await.unwrap().items().is_empty());
}
