//! Functions that run: responses, errors, limits, logs, and the end of their processes.

use std::time::Duration;

use aws_smithy_types::Blob;
use serde_json::{Value, json};

use crate::world::{World, bootstrap, create, invoke, told, zip, zip_of};

/// Waits until this is true: the system needs a moment to end a process.
async fn eventually(check: impl Fn() -> bool) -> bool {
    for _ in 0..10_000 {
        if check() {
            return true;
        }
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
    false
}

fn lives(pid: u64) -> bool {
    // A zombie has ended; only its parent has not waited for it yet.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

fn message(answer: &Value) -> &str {
    answer["errorMessage"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_function_answers_and_stays_warm() {
    let world = World::new().await;
    world.function().await;
    let first = world.invoke(json!({"x": 1})).await;
    assert_eq!(first.error, None);
    assert_eq!(
        (&first.answer["event"], &first.answer["count"]),
        (&json!({"x": 1}), &json!(1))
    );
    assert_eq!(first.version, "$LATEST");
    let second = world.invoke(json!({})).await;
    assert_eq!(second.answer["count"], json!(2));
    assert!(first.log.contains("Init Duration: ") && !second.log.contains("Init Duration: "));
    let nothing = world
        .owner
        .lambda
        .invoke()
        .function_name("f")
        .send()
        .await
        .unwrap();
    let answer: Value = serde_json::from_slice(nothing.payload.unwrap().as_ref()).unwrap();
    assert_eq!(answer["event"], json!({}));
}

#[tokio::test]
async fn the_log_tail_holds_the_output_between_its_lines() {
    let world = World::new().await;
    world.function().await;
    let log = world.invoke(json!({"do": "print"})).await.log;
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines[0].starts_with("START RequestId: ") && lines[0].ends_with("Version: $LATEST"));
    assert_eq!(lines[1..3], ["out", "err"]);
    assert!(lines[3].starts_with("END RequestId: "));
    assert!(lines[4].starts_with("REPORT RequestId: ") && lines[4].contains("Memory Size: 128 MB"));
    let flood = world.invoke(json!({"do": "flood"})).await.log;
    assert!(
        flood.len() <= 4096 && flood.contains("REPORT"),
        "{} bytes",
        flood.len()
    );
}

#[tokio::test]
async fn a_function_that_fails_is_told_as_lambda_tells_it() {
    let world = World::new().await;
    world.function().await;
    let lambda = &world.owner.lambda;
    lambda
        .update_function_configuration()
        .function_name("f")
        .timeout(1)
        .send()
        .await
        .unwrap();
    for (what, kind, part) in [
        ("fail", "Broken", "told"),
        (
            "exit",
            "Runtime.ExitError",
            "Error: Runtime exited with error: exit status 3",
        ),
        (
            "hang",
            "Sandbox.Timedout",
            "Error: Task timed out after 1.00 seconds",
        ),
        (
            "big",
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded",
        ),
    ] {
        let failed = world.invoke(json!({"do": what})).await;
        assert_eq!(failed.error.as_deref(), Some("Unhandled"), "{what}");
        assert_eq!(failed.answer["errorType"], json!(kind), "{what}");
        assert!(
            message(&failed.answer).contains(part),
            "{what}: {}",
            failed.answer
        );
        assert!(
            failed.log.contains("REPORT RequestId: "),
            "{what}: {}",
            failed.log
        );
    }
    // The next invocation always gets a working process.
    assert_eq!(
        world.invoke(json!({"do": "exit-after"})).await.answer,
        json!("bye")
    );
    assert_eq!(world.invoke(json!({})).await.error, None);
}

#[tokio::test]
async fn a_function_that_cannot_start_is_told_as_lambda_tells_it() {
    let world = World::new().await;
    world.function().await;
    let lambda = &world.owner.lambda;
    let code = async |bytes: Vec<u8>| {
        let update = lambda
            .update_function_code()
            .function_name("f")
            .zip_file(Blob::new(bytes));
        update.send().await.unwrap();
        world.invoke(json!({})).await
    };
    let elf_of_another_cpu =
        [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 9], &[2, 0, 0xf3, 0]].concat();
    for (bytes, part) in [
        (
            zip_of(&[("other", b"", 0o755)]),
            "Couldn't find valid bootstrap(s)",
        ),
        (
            zip_of(&[("bootstrap", b"#!/bin/sh", 0o644)]),
            "permission denied",
        ),
        (zip(&elf_of_another_cpu), "built for another CPU or system"),
    ] {
        let failed = code(bytes).await;
        assert_eq!(
            failed.answer["errorType"],
            json!("Runtime.InvalidEntrypoint"),
            "{part}"
        );
        assert!(message(&failed.answer).contains(part), "{}", failed.answer);
    }
    code(zip(bootstrap())).await;
    let at_start = async |what: &str| {
        let variables = aws_sdk_lambda::types::Environment::builder().variables("AT_START", what);
        let update = lambda.update_function_configuration().function_name("f");
        update.environment(variables.build()).send().await.unwrap();
        world.invoke(json!({})).await
    };
    let exited = at_start("exit").await;
    assert_eq!(exited.answer["errorType"], json!("Runtime.ExitError"));
    assert!(message(&exited.answer).contains("exit status 7"));
    assert_eq!(
        at_start("error").await.answer["errorType"],
        json!("Start.Broken")
    );
    let printed = at_start("print").await;
    assert!(printed.error.is_none() && printed.log.starts_with("printed at start\nSTART "));
}

#[tokio::test]
async fn a_function_sees_lambdas_variables_and_nothing_of_the_machine() {
    let world = World::new().await;
    world.function().await;
    let variables = aws_sdk_lambda::types::Environment::builder().variables("TABLE_NAME", "Rides");
    let update = world
        .owner
        .lambda
        .update_function_configuration()
        .function_name("f");
    update.environment(variables.build()).send().await.unwrap();
    let Value::Object(seen) = world.invoke(json!({"do": "env"})).await.answer else {
        panic!()
    };
    for (name, value) in [
        ("_HANDLER", "bootstrap"),
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", &world.cloud.endpoint_url()),
        ("TABLE_NAME", "Rides"),
        ("TZ", ":UTC"),
    ] {
        assert_eq!(seen[name], json!(value), "{name}");
    }
    for name in ["HOME", "USER", "CARGO", "CARGO_MANIFEST_DIR"] {
        assert!(!seen.contains_key(name), "{name}");
    }
    // Its credentials are those of its role.
    let keys = aws_credential_types::Credentials::new(
        seen["AWS_ACCESS_KEY_ID"].as_str().unwrap(),
        seen["AWS_SECRET_ACCESS_KEY"].as_str().unwrap(),
        seen["AWS_SESSION_TOKEN"].as_str().map(str::to_owned),
        None,
        "test",
    );
    let function = crate::world::with_keys(&world.cloud.endpoint_url(), keys);
    let who = function.sts.get_caller_identity().send().await.unwrap();
    assert_eq!(
        who.arn.as_deref(),
        Some("arn:aws:sts::123456789012:assumed-role/R/f")
    );
    let denied = told(function.dynamodb.list_tables().send().await);
    assert!(
        denied.starts_with("AccessDeniedException: User: arn:aws:sts::"),
        "{denied}"
    );
}

#[tokio::test]
async fn many_invocations_run_at_once() {
    let world = World::new().await;
    world.function().await;
    let calls = (0..100).map(|n| {
        let owner = world.owner.clone();
        tokio::spawn(async move { invoke(&owner, "f", json!({"n": n})).await.answer })
    });
    let mut seen = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        let answer = call.await.unwrap();
        seen.push(answer["event"]["n"].as_u64().unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..100).collect::<Vec<u64>>());
}

#[tokio::test]
async fn versions_run_what_they_were() {
    let world = World::new().await;
    world.function().await;
    let lambda = &world.owner.lambda;
    lambda
        .publish_version()
        .function_name("f")
        .send()
        .await
        .unwrap();
    lambda
        .create_alias()
        .function_name("f")
        .name("live")
        .function_version("1")
        .send()
        .await
        .unwrap();
    let script = zip(b"#!/bin/sh\nexit 5\n");
    lambda
        .update_function_code()
        .function_name("f")
        .zip_file(Blob::new(script))
        .send()
        .await
        .unwrap();
    assert!(world.invoke(json!({})).await.error.is_some());
    for name in ["f:live", "f:1", "123456789012:function:f:live"] {
        let run = invoke(&world.owner, name, json!({})).await;
        assert_eq!((run.error, run.version.as_str()), (None, "1"), "{name}");
    }
    let missing = told(
        lambda
            .invoke()
            .function_name("f")
            .qualifier("9")
            .send()
            .await,
    );
    assert!(
        missing.starts_with("ResourceNotFoundException: Function not found: "),
        "{missing}"
    );
}

#[tokio::test]
async fn invocations_of_other_kinds_and_bad_payloads() {
    let world = World::new().await;
    world.function().await;
    let call = || world.owner.lambda.invoke().function_name("f");
    let dry = call()
        .invocation_type("DryRun".into())
        .send()
        .await
        .unwrap();
    assert_eq!(dry.status_code, 204);
    let event = call().invocation_type("Event".into()).send().await.unwrap();
    assert_eq!(event.status_code, 202);
    let bad = told(call().payload(Blob::new("{")).send().await);
    assert!(
        bad.starts_with("InvalidRequestContentException: Could not parse request body"),
        "{bad}"
    );
    let large = format!("\"{}\"", "x".repeat(6 * 1024 * 1024));
    let large = told(call().payload(Blob::new(large)).send().await);
    assert!(large.starts_with("RequestTooLargeException: "), "{large}");
    let lambda = &world.owner.lambda;
    let reserve = lambda.put_function_concurrency().function_name("f");
    reserve
        .reserved_concurrent_executions(0)
        .send()
        .await
        .unwrap();
    assert_eq!(
        told(call().send().await),
        "TooManyRequestsException: Rate Exceeded."
    );
}

#[tokio::test]
async fn reserved_concurrency_is_a_limit() {
    let world = World::new().await;
    world.function().await;
    let lambda = &world.owner.lambda;
    lambda
        .update_function_configuration()
        .function_name("f")
        .timeout(1)
        .send()
        .await
        .unwrap();
    let reserve = lambda.put_function_concurrency().function_name("f");
    reserve
        .reserved_concurrent_executions(1)
        .send()
        .await
        .unwrap();
    let hang = lambda
        .invoke()
        .function_name("f")
        .payload(Blob::new(r#"{"do":"hang"}"#))
        .send();
    let hanging = tokio::spawn(hang);
    assert!(
        eventually(|| world
            .cloud
            .requests()
            .mutating
            .contains_key("lambda:Invoke"))
        .await
    );
    let second = lambda.invoke().function_name("f").send().await;
    assert_eq!(told(second), "TooManyRequestsException: Rate Exceeded.");
    assert!(hanging.await.unwrap().unwrap().function_error.is_some());
    assert_eq!(world.invoke(json!({})).await.error, None);
}

#[tokio::test]
async fn a_function_whose_role_is_gone_or_another_does_not_run() {
    let world = World::new().await;
    world.role().await;
    let variables = aws_sdk_lambda::types::Environment::builder()
        .variables("AB", "1")
        .build();
    create(&world.owner, zip(bootstrap()))
        .environment(variables)
        .send()
        .await
        .unwrap();
    assert_eq!(world.invoke(json!({})).await.error, None);
    let call = || world.owner.lambda.invoke().function_name("f").send();
    world
        .owner
        .iam
        .delete_role()
        .role_name("R")
        .send()
        .await
        .unwrap();
    assert_eq!(
        told(call().await),
        "AccessDeniedException: The role defined for the function cannot be assumed by Lambda."
    );
    world.role().await;
    assert!(told(call().await).starts_with("KMSAccessDeniedException: "));
    let point = async |role: &str| {
        let request = world.owner.lambda.update_function_configuration();
        let request = request.function_name("f").role(role);
        request.send().await.unwrap();
    };
    // The grant of the key is renewed only when the function gets another ARN.
    point(crate::world::ROLE).await;
    assert!(told(call().await).starts_with("KMSAccessDeniedException: "));
    let publish = world.owner.lambda.publish_version().function_name("f");
    publish.send().await.unwrap();
    let request = world.owner.iam.create_role().role_name("Other");
    let request = request.assume_role_policy_document(crate::world::TRUST);
    request.send().await.unwrap();
    point("arn:aws:iam::123456789012:role/Other").await;
    point(crate::world::ROLE).await;
    assert_eq!(world.invoke(json!({})).await.error, None);
    // A published version keeps the grant that it was published with.
    let published = world.owner.lambda.invoke().function_name("f");
    let published = published.qualifier("1").send().await;
    assert!(told(published).starts_with("KMSAccessDeniedException: "));
}

#[tokio::test]
async fn nothing_is_left_of_a_function() {
    let world = World::new().await;
    world.function().await;
    let pid = world.invoke(json!({})).await.answer["pid"]
        .as_u64()
        .unwrap();
    assert!(lives(pid));
    // A change ends the processes of the previous revision.
    let lambda = &world.owner.lambda;
    lambda
        .update_function_configuration()
        .function_name("f")
        .timeout(1)
        .send()
        .await
        .unwrap();
    assert!(eventually(|| !lives(pid)).await);
    // A timeout ends the processes that the function started too.
    let log = world.invoke(json!({"do": "child"})).await.log;
    let child = log
        .lines()
        .find_map(|line| line.strip_prefix("child "))
        .unwrap();
    let child: u64 = child.parse().unwrap();
    assert!(eventually(|| !lives(child)).await);
    let pid = world.invoke(json!({})).await.answer["pid"]
        .as_u64()
        .unwrap();
    world.cloud.stop().await;
    assert!(eventually(|| !lives(pid)).await);
}

#[tokio::test]
async fn a_dropped_cloud_ends_what_runs_and_writes_no_more() {
    let World {
        cloud,
        folder,
        owner,
    } = {
        let world = World::new().await;
        world.function().await;
        world
    };
    let pid = invoke(&owner, "f", json!({})).await.answer["pid"]
        .as_u64()
        .unwrap();
    let hanging = owner
        .lambda
        .invoke()
        .function_name("f")
        .payload(Blob::new(r#"{"do":"hang"}"#));
    let hanging = tokio::spawn(hanging.send());
    assert!(eventually(|| cloud.requests().mutating.get("lambda:Invoke") == Some(&2)).await);
    drop(cloud);
    assert!(eventually(|| !lives(pid)).await);
    assert!(hanging.await.unwrap().is_err());
    // The folder is free for the next cloud.
    let cloud =
        crate::world::start(folder.path(), std::sync::Arc::new(local_cloud::SystemClock)).await;
    let owner = crate::world::clients(&cloud.endpoint_url(), cloud.owner());
    assert_eq!(invoke(&owner, "f", json!({})).await.error, None);
}

#[tokio::test]
async fn the_log_goes_where_the_role_lets_it() {
    let world = World::new().await;
    world.function().await;
    let (logs, group) = (&world.owner.logs, "/aws/lambda/f");
    let groups = async || {
        let found = logs.describe_log_groups().send().await.unwrap();
        found.log_groups.unwrap_or_default().len()
    };
    let events = async || {
        let found = logs
            .filter_log_events()
            .log_group_name(group)
            .send()
            .await
            .unwrap();
        found.events.unwrap_or_default()
    };
    world.invoke(json!({"do": "print"})).await;
    assert_eq!(groups().await, 0);
    let write = json!({"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/f:*"});
    world.policy(json!([write])).await;
    world.invoke(json!({"do": "print"})).await;
    assert_eq!(groups().await, 0);
    logs.create_log_group()
        .log_group_name(group)
        .send()
        .await
        .unwrap();
    world.invoke(json!({"do": "print"})).await;
    let found = events().await;
    assert_eq!(found.len(), 5);
    assert_eq!(found[1].message.as_deref(), Some("out\n"));
    assert!(
        found[0]
            .log_stream_name
            .as_deref()
            .unwrap()
            .contains("/[$LATEST]")
    );
    // A role that may create the group does so.
    logs.delete_log_group()
        .log_group_name(group)
        .send()
        .await
        .unwrap();
    world
        .policy(json!([{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]))
        .await;
    world.invoke(json!({"do": "print"})).await;
    assert_eq!(groups().await, 1);
    assert_eq!(events().await.len(), 5);
}

#[tokio::test]
async fn keys_of_a_function_are_renewed_before_they_end() {
    let hands = crate::world::Hands::new();
    let world = World::at(hands.clone()).await;
    world.function().await;
    let first = world.invoke(json!({})).await.answer["pid"].clone();
    assert_eq!(world.invoke(json!({})).await.answer["pid"], first);
    hands.advance(Duration::from_secs(12 * 3600));
    assert_ne!(world.invoke(json!({})).await.answer["pid"], first);
}
