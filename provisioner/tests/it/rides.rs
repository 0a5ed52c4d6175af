//! How many rides there are is told exactly up to ten pages of 1 MB, and bounded beyond.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::standing::Standing;
use crate::world::World;

/// Nearly the largest item that DynamoDB takes: two of them fill a page, and a third begins one.
const LARGE: usize = 390_000;

async fn put(client: &aws_sdk_dynamodb::Client, id: String, bytes: usize) {
    let request = client.put_item().table_name("Rides");
    let request = request.item("RideId", AttributeValue::S(id));
    let padding = AttributeValue::B(Blob::new(vec![0; bytes]));
    request.item("Padding", padding).send().await.expect("put");
}

#[tokio::test]
async fn rides_are_counted_exactly_up_to_ten_pages() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let client = aws_sdk_dynamodb::Client::new(&cloud.config());
    for number in 0..7 {
        put(&client, format!("ride-{number}"), LARGE).await;
    }
    let down = |said: &str| world.local(&["down", "--yes"]).exits(4).says(said);
    down("the table Rides contains 7 rides");
    world.local(&["rides"]).ok().never_says("--all");
    for number in 7..40 {
        put(&client, format!("ride-{number}"), LARGE).await;
    }
    down("the table Rides contains more than");
    world
        .local(&["rides", "--limit", "3"])
        .ok()
        .says("these are the newest rides of the first 10 pages; `--all` reads the whole table");
    let all = world.local(&["rides", "--all"]).ok();
    assert_eq!(all.stdout.lines().count(), 40);
}

/// What a killed `up` may leave behind.
#[tokio::test]
async fn a_test_ride_that_was_left_behind_is_no_ride() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let client = aws_sdk_dynamodb::Client::new(&cloud.config());
    let id =
        function_contract::idempotent_ride_id("provision-test-ride", "provision-test-ride-default");
    put(&client, id, 1).await;
    let rides = world.local(&["rides", "--all"]).ok();
    assert_eq!(rides.stdout, "");
    world.local(&["down", "--yes"]).ok();
}
