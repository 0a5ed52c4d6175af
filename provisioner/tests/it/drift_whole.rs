//! Everything that can be changed behind our back is found by one `plan` and mended by one `up`.

use std::collections::BTreeSet;

use crate::drift_by_hand::{FUNCTION, add_index, change_all, delete_and_create_role};
use crate::standing::Standing;
use crate::world::World;

/// Kind and attribute of every difference in a plan.
fn differences(plan: &serde_json::Value) -> BTreeSet<String> {
    let changes = plan["changes"].as_array().expect("changes").iter();
    let all = changes.flat_map(|change| {
        let kind = change["kind"].as_str().unwrap_or_default().to_owned();
        let found = change["differences"].as_array().cloned();
        let found = found.unwrap_or_default().into_iter();
        found.map(move |difference| {
            let name = difference["attribute"].as_str().unwrap_or_default();
            format!("{kind}: {name}")
        })
    });
    all.collect()
}

#[tokio::test]
async fn all_drift_at_once_is_found_and_mended() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    world.local(&["invoke", "--at", "47.61,-122.33"]).ok();
    change_all(&cloud.config()).await;

    let drop = ["--drop", "stream"];
    let flags = ["--exit-code", "--output", "json"];
    let plan = world.plan(&[&flags[..], &drop].concat()).exits(3);
    let found = differences(&plan.json());
    let expected = [
        "table: billing",
        "table: class",
        "table: deletion protection",
        "table: point-in-time recovery",
        "table: stream",
        "table: tag provision:managed-by",
        "table: time to live",
        "role: attached arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "role: maximum session duration",
        "role: policy DynamoDBWriteAccess",
        "role: policy Extra",
        "role: policy WriteLogs",
        "role: tag provision:managed-by",
        "role: trust",
        "log group: retention",
        "log group: tag provision:managed-by",
        "function: code",
        "function: env DEBUG",
        "function: env TABLE_NAME",
        "function: ephemeral storage",
        "function: handler",
        "function: log format",
        "function: log group",
        "function: memory",
        "function: reserved concurrency",
        "function: tag provision:managed-by",
        "function: timeout",
        "function: tracing",
        "release: proof",
        "release: serves",
        "release: test ride",
    ];
    let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
    assert_eq!(found, expected);

    let up = world.up(&["--yes", "--drop", "stream"]).ok();
    up.says("passed its test ride");
    world.plan(&["--exit-code"]).ok().says("nothing to do");
    world.local(&["rides"]).ok().says("the_username");
    world.local(&["invoke", "--at", "0,0"]).ok();
}

#[tokio::test]
async fn an_index_is_shown_and_stays_until_it_is_named() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    add_index(&cloud.config()).await;
    // Nothing to do: the notice is no change, so that CI goes on.
    let line = "- table Rides, index ByUser  not declared; deleting it needs --drop index/ByUser\n";
    world
        .plan(&["--exit-code"])
        .ok()
        .says(line)
        .says("nothing to do");
    world.up(&["--yes"]).ok().says(line);
    let other = ["--memory", "256", "--yes"];
    world
        .up(&other)
        .ok()
        .says(line)
        .says("passed its test ride");
    let json = world.plan(&["--output", "json"]).ok().json();
    assert_eq!(json["changes"][0]["undeclared"][0], "index/ByUser");

    let drop = ["--drop", "index/ByUser"];
    world
        .plan(&drop)
        .ok()
        .says("    - index ByUser")
        .never_says("needs --drop");
    world.up(&drop).exits(4).says("remove `index ByUser`");
    world.up(&["--drop", "index/byuser", "--yes"]).ok();
    world.plan(&["--exit-code"]).ok().never_says("ByUser");
}

/// A function keeps working with the id of the role it was given, which a role of the same name
/// made later does not have: it must be given another one, and then that one.
#[tokio::test]
async fn a_role_made_anew_under_its_name_is_given_to_the_function_again() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let iam = aws_sdk_iam::Client::new(&cloud.config());
    delete_and_create_role(&iam).await;
    world
        .up(&["--adopt", "role", "--yes"])
        .ok()
        .says("passed its test ride");
    world.plan(&["--exit-code"]).ok();
    world.local(&["invoke", "--at", "0,0"]).ok();
    let roles = iam.list_roles().send().await.expect("a list").roles;
    assert_eq!(roles.len(), 1, "{roles:?}");
}

/// As an earlier version of `provision` left it, or should AWS not have renewed the grant after all: the
/// tag says that the function has its role, and the key is denied to it.
#[tokio::test]
async fn a_ride_without_the_key_makes_the_next_up_assign_the_role_again() {
    let world = World::standing(Standing::Up);
    let cloud = world.cloud();
    let id = delete_and_create_role(&aws_sdk_iam::Client::new(&cloud.config())).await;
    let lambda = aws_sdk_lambda::Client::new(&cloud.config());
    let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}");
    let request = lambda.tag_resource().resource(arn);
    let request = request.tags("provision:role-id", id);
    request.send().await.expect("a tag");
    let up = ["--adopt", "role", "--yes"];
    world.up(&up).exits(1).says("KMSAccessDeniedException");
    world
        .plan(&["--exit-code"])
        .exits(3)
        .says("tag provision:role-id  key denied to version 1");
    world.up(&[]).ok().says("passed its test ride");
    world.plan(&["--exit-code"]).ok();
    world.local(&["invoke", "--at", "0,0"]).ok();
}
