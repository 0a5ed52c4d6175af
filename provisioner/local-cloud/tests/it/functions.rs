//! Lambda's control plane: versions, aliases, revisions, limits and errors.

use aws_smithy_types::Blob;
use serde_json::json;

use crate::world::{REGION, ROLE, World, bootstrap, create, told, zip, zip_of};

fn arn(tail: &str) -> String {
    format!("arn:aws:lambda:{REGION}:123456789012:function:{tail}")
}

#[tokio::test]
async fn a_function_begins_pending_and_is_then_found_active() {
    let world = World::new().await;
    world.role().await;
    let made = create(&world.owner, zip(b"#!/bin/sh"))
        .tags("a", "b")
        .send()
        .await
        .unwrap();
    assert_eq!(made.state.unwrap().as_str(), "Pending");
    assert_eq!(made.state_reason_code.unwrap().as_str(), "Creating");
    assert!(made.last_update_status.is_none() && made.environment.is_none());
    let found = world
        .owner
        .lambda
        .get_function()
        .function_name(arn("f"))
        .send()
        .await
        .unwrap();
    let config = found.configuration.unwrap();
    assert_eq!(config.state.unwrap().as_str(), "Active");
    assert_eq!(config.last_update_status.unwrap().as_str(), "Successful");
    assert_ne!(config.revision_id, made.revision_id);
    assert_eq!(
        config.logging_config.unwrap().log_group.as_deref(),
        Some("/aws/lambda/f")
    );
    assert_eq!(found.tags.unwrap()["a"], "b");
    let again = create(&world.owner, zip(b"#!/bin/sh")).send().await;
    assert_eq!(
        told(again),
        "ResourceConflictException: Function already exist: f"
    );
}

#[tokio::test]
async fn a_role_that_lambda_cannot_assume_is_refused() {
    let world = World::new().await;
    let iam = &world.owner.iam;
    let refused = "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.";
    let make = || create(&world.owner, zip(b"#!/bin/sh")).send();
    assert_eq!(told(make().await), refused);
    let ec2 = crate::world::TRUST.replace("lambda.", "ec2.");
    iam.create_role()
        .role_name("R")
        .assume_role_policy_document(ec2)
        .send()
        .await
        .unwrap();
    assert_eq!(told(make().await), refused);
    let trust = iam.update_assume_role_policy().role_name("R");
    trust
        .policy_document(crate::world::TRUST)
        .send()
        .await
        .unwrap();
    make().await.unwrap();
}

#[tokio::test]
async fn every_update_is_a_new_revision_and_guards_hold() {
    let world = World::new().await;
    world.function().await;
    let lambda = &world.owner.lambda;
    let revision = async || {
        let config = lambda
            .get_function_configuration()
            .function_name("f")
            .send()
            .await
            .unwrap();
        config.revision_id.unwrap()
    };
    let first = revision().await;
    let update = lambda
        .update_function_configuration()
        .function_name("f")
        .memory_size(128);
    let answer = update.send().await.unwrap();
    assert_eq!(answer.last_update_status.unwrap().as_str(), "InProgress");
    let second = revision().await;
    assert_ne!(first, second);
    assert_ne!(answer.revision_id.unwrap(), second);
    let stale = lambda
        .update_function_configuration()
        .function_name("f")
        .revision_id(&first);
    let refused = told(stale.memory_size(256).send().await);
    assert!(
        refused.starts_with("PreconditionFailedException: The Revision Id provided does not match")
    );
    let code = lambda
        .update_function_code()
        .function_name("f")
        .zip_file(Blob::new(zip(b"#!")));
    let dry = code.clone().dry_run(true).send().await.unwrap();
    let sha = dry.code_sha256.clone();
    assert_eq!(revision().await, second);
    let wet = code.revision_id(&second).send().await.unwrap();
    assert_eq!(wet.code_sha256, sha);
}

#[tokio::test]
async fn a_version_is_published_only_for_something_new() {
    let world = World::new().await;
    world.function().await;
    let lambda = &world.owner.lambda;
    let publish = async || {
        let version = lambda
            .publish_version()
            .function_name("f")
            .description("d")
            .send()
            .await;
        version.unwrap()
    };
    let one = publish().await;
    assert_eq!(one.version.as_deref(), Some("1"));
    assert_eq!(one.function_arn, Some(arn("f:1")));
    assert_eq!(one.description.as_deref(), Some("d"));
    assert_eq!(publish().await.version.as_deref(), Some("1"));
    lambda
        .update_function_configuration()
        .function_name("f")
        .timeout(5)
        .send()
        .await
        .unwrap();
    assert_eq!(publish().await.version.as_deref(), Some("2"));
    let all = lambda
        .list_versions_by_function()
        .function_name("f")
        .send()
        .await
        .unwrap();
    let names: Vec<_> = all
        .versions()
        .iter()
        .filter_map(|v| v.version.as_deref())
        .collect();
    assert_eq!(names, ["$LATEST", "1", "2"]);
    let wrong = lambda
        .publish_version()
        .function_name("f")
        .code_sha256("eA==")
        .send()
        .await;
    assert!(
        told(wrong).starts_with("InvalidParameterValueException: CodeSHA256 (eA==) is different")
    );
    // A version is immutable.
    let first = lambda
        .get_function_configuration()
        .function_name("f")
        .qualifier("1");
    assert_eq!(first.send().await.unwrap().timeout, Some(3));
}

#[tokio::test]
async fn an_alias_points_at_a_version_and_protects_it() {
    let world = World::new().await;
    world.function().await;
    let lambda = &world.owner.lambda;
    lambda
        .publish_version()
        .function_name("f")
        .send()
        .await
        .unwrap();
    let make = || lambda.create_alias().function_name("f").name("live");
    let missing = told(make().function_version("7").send().await);
    assert_eq!(
        missing,
        format!(
            "ResourceNotFoundException: Function not found: {}",
            arn("f:7")
        )
    );
    let alias = make().function_version("1").send().await.unwrap();
    assert_eq!(alias.alias_arn, Some(arn("f:live")));
    let again = told(make().function_version("1").send().await);
    assert_eq!(
        again,
        format!(
            "ResourceConflictException: Alias already exists: {}",
            arn("f:live")
        )
    );
    let refused = told(
        lambda
            .delete_function()
            .function_name("f")
            .qualifier("1")
            .send()
            .await,
    );
    assert!(
        refused.starts_with("ResourceConflictException: "),
        "{refused}"
    );
    let update = || lambda.update_alias().function_name("f").name("live");
    let moved = update()
        .function_version("$LATEST")
        .description("proven x")
        .send()
        .await
        .unwrap();
    assert_eq!(moved.function_version.as_deref(), Some("$LATEST"));
    let stale = update()
        .revision_id(alias.revision_id.unwrap())
        .function_version("1")
        .send()
        .await;
    assert!(told(stale).starts_with("PreconditionFailedException: "));
    lambda
        .delete_function()
        .function_name("f")
        .qualifier("1")
        .send()
        .await
        .unwrap();
    let found = lambda
        .get_alias()
        .function_name("f")
        .name("live")
        .send()
        .await
        .unwrap();
    assert_eq!(found.description.as_deref(), Some("proven x"));
    assert_eq!(
        lambda
            .list_aliases()
            .function_name("f")
            .send()
            .await
            .unwrap()
            .aliases()
            .len(),
        1
    );
    lambda
        .delete_alias()
        .function_name("f")
        .name("live")
        .send()
        .await
        .unwrap();
    let gone = told(
        lambda
            .get_alias()
            .function_name("f")
            .name("live")
            .send()
            .await,
    );
    assert_eq!(
        gone,
        format!(
            "ResourceNotFoundException: Cannot find alias arn: {}",
            arn("f:live")
        )
    );
}

#[tokio::test]
async fn a_deleted_function_is_gone_with_its_code() {
    let world = World::new().await;
    world.function().await;
    let lambda = &world.owner.lambda;
    lambda
        .publish_version()
        .function_name("f")
        .send()
        .await
        .unwrap();
    let codes = || {
        std::fs::read_dir(world.folder.path().join("code"))
            .unwrap()
            .count()
    };
    assert_eq!(codes(), 1);
    lambda
        .delete_function()
        .function_name("f")
        .send()
        .await
        .unwrap();
    assert_eq!(codes(), 0);
    let gone = told(lambda.get_function().function_name("f").send().await);
    assert_eq!(
        gone,
        format!(
            "ResourceNotFoundException: Function not found: {}",
            arn("f")
        )
    );
    assert!(
        told(lambda.delete_function().function_name("f").send().await)
            .starts_with("ResourceNotFound")
    );
    // Version numbers start again at 1.
    create(&world.owner, zip(b"#!")).send().await.unwrap();
    let version = lambda
        .publish_version()
        .function_name("f")
        .send()
        .await
        .unwrap();
    assert_eq!(version.version.as_deref(), Some("1"));
}

#[tokio::test]
async fn bad_code_is_refused() {
    let world = World::new().await;
    world.role().await;
    let good = zip(b"#!/bin/sh");
    let cut = good[..good.len() - 10].to_vec();
    let bomb = zip_of(&[("bootstrap", &vec![0; 262_144_001], 0o755)]);
    for (bytes, part) in [
        (b"no zip".to_vec(), "Could not unzip uploaded file"),
        (cut, "Could not unzip uploaded file"),
        (bomb, "Unzipped size must be smaller than 262144000 bytes"),
    ] {
        let refused = told(create(&world.owner, bytes).send().await);
        assert!(
            refused.starts_with("InvalidParameterValueException: "),
            "{refused}"
        );
        assert!(refused.contains(part), "{refused}");
    }
    assert!(
        world
            .owner
            .lambda
            .list_functions()
            .send()
            .await
            .unwrap()
            .functions()
            .is_empty()
    );
}

#[tokio::test]
async fn tags_permissions_and_concurrency_are_kept() {
    let world = World::new().await;
    world.function().await;
    let lambda = &world.owner.lambda;
    lambda
        .tag_resource()
        .resource(arn("f"))
        .tags("a", "1")
        .tags("b", "2")
        .send()
        .await
        .unwrap();
    lambda
        .untag_resource()
        .resource(arn("f"))
        .tag_keys("a")
        .send()
        .await
        .unwrap();
    let tags = lambda
        .list_tags()
        .resource(arn("f"))
        .send()
        .await
        .unwrap()
        .tags
        .unwrap();
    assert_eq!(tags, [("b".to_owned(), "2".to_owned())].into());
    let on_version = lambda
        .tag_resource()
        .resource(arn("f:1"))
        .tags("a", "1")
        .send()
        .await;
    assert!(
        told(on_version).starts_with("InvalidParameterValueException: Tags on function aliases")
    );

    let none = told(lambda.get_policy().function_name("f").send().await);
    assert_eq!(
        none,
        "ResourceNotFoundException: The resource you requested does not exist."
    );
    let add = || {
        let add = lambda
            .add_permission()
            .function_name("f")
            .statement_id("api");
        add.action("lambda:InvokeFunction")
            .principal("apigateway.amazonaws.com")
    };
    add()
        .source_arn("arn:aws:execute-api:x")
        .send()
        .await
        .unwrap();
    let twice = told(add().send().await);
    assert!(
        twice.starts_with(
            "ResourceConflictException: The statement id (api) provided already exists"
        )
    );
    let policy = lambda
        .get_policy()
        .function_name("f")
        .send()
        .await
        .unwrap()
        .policy
        .unwrap();
    let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
    assert_eq!(policy["Statement"][0]["Resource"], json!(arn("f")));
    lambda
        .remove_permission()
        .function_name("f")
        .statement_id("api")
        .send()
        .await
        .unwrap();
    let again = lambda
        .remove_permission()
        .function_name("f")
        .statement_id("api")
        .send()
        .await;
    assert!(told(again).starts_with("ResourceNotFoundException: "));

    let put = |n: i32| {
        lambda
            .put_function_concurrency()
            .function_name("f")
            .reserved_concurrent_executions(n)
            .send()
    };
    assert!(told(put(950).await).contains("below its minimum value of [100]"));
    put(5).await.unwrap();
    let found = lambda
        .get_function()
        .function_name("f")
        .send()
        .await
        .unwrap();
    assert_eq!(
        found.concurrency.unwrap().reserved_concurrent_executions,
        Some(5)
    );
    lambda
        .delete_function_concurrency()
        .function_name("f")
        .send()
        .await
        .unwrap();
    let found = lambda
        .get_function_concurrency()
        .function_name("f")
        .send()
        .await
        .unwrap();
    assert_eq!(found.reserved_concurrent_executions, None);
}

#[tokio::test]
async fn functions_are_listed_in_pages() {
    let world = World::new().await;
    world.role().await;
    let code = zip(b"#!");
    for name in ["a", "b", "c"] {
        create(&world.owner, code.clone())
            .function_name(name)
            .send()
            .await
            .unwrap();
    }
    let lambda = &world.owner.lambda;
    let first = lambda.list_functions().max_items(2).send().await.unwrap();
    assert_eq!(first.functions().len(), 2);
    let second = lambda
        .list_functions()
        .max_items(2)
        .marker(first.next_marker.unwrap());
    let second = second.send().await.unwrap();
    assert_eq!((second.functions().len(), second.next_marker), (1, None));
}

#[tokio::test]
async fn code_can_be_downloaded_for_a_while() {
    let world = World::new().await;
    world.role().await;
    let code = zip(bootstrap());
    create(&world.owner, code.clone()).send().await.unwrap();
    let found = world
        .owner
        .lambda
        .get_function()
        .function_name("f")
        .send()
        .await
        .unwrap();
    let location = found.code.unwrap().location.unwrap();
    let (status, body) = crate::door::get(&location).await;
    assert_eq!((status, body == code), (200, true));
    let (status, _) = crate::door::get(&location.replace("seal=", "seal=0")).await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn a_foreign_runtime_is_kept_and_not_run() {
    let world = World::new().await;
    world.role().await;
    let made = create(&world.owner, zip_of(&[("index.mjs", b"export", 0o644)]));
    made.runtime("nodejs22.x".into())
        .handler("index.handler")
        .role(ROLE)
        .send()
        .await
        .unwrap();
    world
        .owner
        .lambda
        .publish_version()
        .function_name("f")
        .send()
        .await
        .unwrap();
    let refused = told(world.owner.lambda.invoke().function_name("f").send().await);
    assert!(
        refused.contains("the local cloud does not have the runtime nodejs22.x"),
        "{refused}"
    );
}
