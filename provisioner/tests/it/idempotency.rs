//! A retried request takes the same ride, however many run at once.

use std::collections::HashSet;

use futures::future::join_all;
use provisioner::invocation::{RideRequest, invoke};

use crate::standing::Standing;
use crate::world::World;

fn request(latitude: f64) -> Vec<u8> {
    let request = RideRequest {
        latitude,
        longitude: -122.33,
        user: "ann".to_owned(),
        idempotency_key: Some("one key".to_owned()),
    };
    request.event().to_string().into_bytes()
}

#[tokio::test]
async fn a_hundred_retries_at_once_take_one_ride() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let lambda = aws_sdk_lambda::Client::new(&cloud.config());
    let event = request(47.61);
    let calls = (0..100).map(|_| invoke(&lambda, "RequestUnicorn", "live", &event));
    let mut rides = HashSet::new();
    for answer in join_all(calls).await {
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), Some(201), "{}", answer.answer);
        let body = answer.body().expect("a body");
        rides.insert(body["RideId"].as_str().expect("an id").to_owned());
    }
    assert_eq!(rides.len(), 1, "{rides:?}");
    let stored = world.local(&["rides", "--all"]).ok();
    assert_eq!(stored.stdout.lines().count(), 1, "{}", stored.stdout);

    let other = invoke(&lambda, "RequestUnicorn", "live", &request(47.62)).await;
    assert_eq!(other.expect("an answer").status(), Some(409));
}
