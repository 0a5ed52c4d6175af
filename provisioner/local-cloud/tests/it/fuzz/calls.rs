//! Well-formed, signed calls of every operation with arbitrary bodies: each gets an answer or an error of
//! the service, never a failure of the local cloud, which stays up.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::TestCaseError;
use serde_json::{Map, Value, json};

use super::wire::Request;
use super::{block_on, one_in, samples};
use crate::world::{TRUST, World, zip_of};

/// The operations that the README lists. REST operations have their path.
const DYNAMODB: &str = "CreateTable DescribeTable UpdateTable DeleteTable ListTables TagResource \
    UntagResource ListTagsOfResource DescribeContinuousBackups UpdateContinuousBackups ListBackups \
    DescribeBackup DescribeTimeToLive UpdateTimeToLive PutItem GetItem UpdateItem DeleteItem Query \
    Scan BatchGetItem BatchWriteItem TransactGetItems TransactWriteItems ExecuteStatement \
    BatchExecuteStatement ExecuteTransaction NoSuchOperation";
const LOGS: &str = "CreateLogGroup DescribeLogGroups DeleteLogGroup PutRetentionPolicy \
    DeleteRetentionPolicy TagResource UntagResource ListTagsForResource TagLogGroup UntagLogGroup \
    ListTagsLogGroup CreateLogStream DescribeLogStreams DeleteLogStream PutLogEvents GetLogEvents \
    FilterLogEvents NoSuchOperation";
const IAM: &str = "CreateRole GetRole ListRoles UpdateRole UpdateRoleDescription DeleteRole \
    UpdateAssumeRolePolicy PutRolePermissionsBoundary DeleteRolePermissionsBoundary PutRolePolicy \
    GetRolePolicy ListRolePolicies DeleteRolePolicy AttachRolePolicy DetachRolePolicy \
    ListAttachedRolePolicies CreatePolicy GetPolicy ListPolicies DeletePolicy \
    CreatePolicyVersion GetPolicyVersion ListPolicyVersions DeletePolicyVersion \
    SetDefaultPolicyVersion CreateServiceLinkedRole TagRole UntagRole ListRoleTags \
    ListInstanceProfilesForRole SimulatePrincipalPolicy SimulateCustomPolicy NoSuchOperation";
const STS: &str = "GetCallerIdentity AssumeRole GetFederationToken NoSuchOperation";
const LAMBDA: &str = "\
    GET /2015-03-31/functions
    POST /2015-03-31/functions
    GET /2015-03-31/functions/{f}
    DELETE /2015-03-31/functions/{f}
    GET /2015-03-31/functions/{f}/configuration
    PUT /2015-03-31/functions/{f}/configuration
    PUT /2015-03-31/functions/{f}/code
    GET /2015-03-31/functions/{f}/versions
    POST /2015-03-31/functions/{f}/versions
    GET /2015-03-31/functions/{f}/aliases
    POST /2015-03-31/functions/{f}/aliases
    GET /2015-03-31/functions/{f}/aliases/{part}
    PUT /2015-03-31/functions/{f}/aliases/{part}
    DELETE /2015-03-31/functions/{f}/aliases/{part}
    GET /2015-03-31/functions/{f}/policy
    POST /2015-03-31/functions/{f}/policy
    DELETE /2015-03-31/functions/{f}/policy/{part}
    POST /2015-03-31/functions/{f}/invocations
    GET /2017-10-31/functions/{f}/concurrency
    PUT /2017-10-31/functions/{f}/concurrency
    DELETE /2017-10-31/functions/{f}/concurrency
    GET /2020-06-30/functions/{f}/code-signing-config
    GET /2021-10-31/functions/{f}/url
    GET /2019-09-25/functions/{f}/event-invoke-config
    GET /2019-09-30/functions/{f}/provisioned-concurrency
    GET /2015-03-31/event-source-mappings
    GET /2017-03-31/tags/{arn}
    POST /2017-03-31/tags/{arn}
    DELETE /2017-03-31/tags/{arn}
    GET /2016-08-19/account-settings
    PATCH /2015-03-31/nowhere/{f}";

#[test]
fn no_call_of_dynamodb_makes_the_cloud_fail() {
    json_calls("dynamodb", DYNAMODB);
}

#[test]
fn no_call_of_logs_makes_the_cloud_fail() {
    json_calls("logs", LOGS);
}

#[test]
fn no_call_of_iam_or_sts_makes_the_cloud_fail() {
    for (service, actions) in [("iam", IAM), ("sts", STS)] {
        each(actions.split_whitespace(), |action| {
            let action = action.to_owned();
            let form = members(service)
                .prop_map(move |members| form(&action, &Value::Object(members)))
                .boxed();
            let nonsense = "\\PC{0,60}".boxed();
            prop_oneof![9 => form, 1 => nonsense]
                .prop_map(move |body| Request::form(service, &body))
                .boxed()
        });
    }
}

#[test]
fn no_call_of_lambda_makes_the_cloud_fail() {
    each(LAMBDA.lines(), |line| {
        let (method, path) = line.trim().split_once(' ').expect("a method and a path");
        let (method, path) = (method.to_owned(), path.to_owned());
        let part = || prop_oneof![3 => samples::one_of(samples::PARTS), 1 => samples::odd_text()];
        (part(), part(), part(), members("lambda"), body("lambda"))
            .prop_map(move |(name, part, arn, query, body)| {
                let path = path
                    .replace("{f}", &percent(&name))
                    .replace("{part}", &percent(&part))
                    .replace("{arn}", &percent(&arn));
                let query: Vec<String> = query
                    .iter()
                    .map(|(name, value)| format!("{name}={}", percent(&text_of(value))))
                    .collect();
                let target = format!("{path}?{}", query.join("&"));
                Request::rest("lambda", &method, &target, &body)
            })
            .boxed()
    });
}

fn json_calls(service: &'static str, actions: &str) {
    each(actions.split_whitespace(), |action| {
        let action = action.to_owned();
        body(service)
            .prop_map(move |body| Request::json(service, &action, &body))
            .boxed()
    });
}

/// Sends a share of the cases for each operation to one cloud, which has a little of everything.
fn each<'a>(
    operations: impl Iterator<Item = &'a str>,
    request: impl Fn(&'a str) -> proptest::strategy::BoxedStrategy<Request>,
) {
    let runtime = block_on();
    let world = runtime.block_on(async {
        let world = World::new().await;
        furnish(&world).await;
        world
    });
    for operation in operations {
        let result = one_in(32).run(&request(operation), |request| {
            runtime.block_on(async {
                let answer = request.send(&world.cloud).await;
                let answer = answer.ok_or_else(|| TestCaseError::fail("no answer"))?;
                if deletes(&request) && answer.status < 300 {
                    furnish(&world).await;
                }
                match answer.status {
                    200..=299 | 400..=499 | 501 => Ok(()),
                    // AWS's own answer to an empty structure of limits in UpdateTable. A failure of the
                    // local cloud has a text.
                    500 if answer.body.contains(r#""message":"""#) => Ok(()),
                    _ => Err(TestCaseError::fail(format!("{answer:?}"))),
                }
            })
        });
        if let Err(error) = result {
            panic!("{operation}: {error}");
        }
    }
    runtime.block_on(async {
        furnish(&world).await;
        let owner = &world.owner;
        owner.sts.get_caller_identity().send().await.expect("STS");
        owner
            .iam
            .get_role()
            .role_name("R")
            .send()
            .await
            .expect("IAM");
        let scan = owner.dynamodb.scan().table_name("Rides");
        scan.send().await.expect("DynamoDB");
        let function = owner.lambda.get_function().function_name("f");
        function.send().await.expect("Lambda");
        owner.logs.describe_log_groups().send().await.expect("Logs");
        // The state can be read again after all of this.
        world.restart().await;
    });
}

fn deletes(request: &Request) -> bool {
    let header = request
        .headers
        .iter()
        .any(|(_, value)| value.contains(".Delete"));
    header || request.method == "DELETE" || request.body.starts_with(b"Action=Delete")
}

/// Creates what an earlier call may have deleted.
async fn furnish(world: &World) {
    let zip = zip_of(&[("bootstrap", b"#!/bin/sh\nexit 1\n", 0o755)]);
    let table = json!({
        "TableName": "Rides", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "RideId", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "RideId", "KeyType": "HASH"}],
    });
    let role = form(
        "CreateRole",
        &json!({"RoleName": "R", "AssumeRolePolicyDocument": TRUST}),
    );
    let function = json!({
        "FunctionName": "f", "Role": crate::world::ROLE, "Runtime": "provided.al2023",
        "Handler": "bootstrap", "Code": {"ZipFile": STANDARD.encode(zip)},
    });
    let alias = json!({"Name": "live", "FunctionVersion": "$LATEST"});
    let functions = "/2015-03-31/functions";
    let group = json!({"logGroupName": "g"});
    let stream = json!({"logGroupName": "g", "logStreamName": "s"});
    for request in [
        Request::json("dynamodb", "CreateTable", &table.to_string()),
        Request::form("iam", &role),
        Request::rest("lambda", "POST", functions, &function.to_string()),
        Request::rest(
            "lambda",
            "POST",
            &format!("{functions}/f/aliases"),
            &alias.to_string(),
        ),
        Request::json("logs", "CreateLogGroup", &group.to_string()),
        Request::json("logs", "CreateLogStream", &stream.to_string()),
    ] {
        request.send(&world.cloud).await.expect("an answer");
    }
}

/// Mostly valid members, some invalid ones; sometimes no members at all.
fn body(service: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![
        12 => members(service).prop_map(|members| Value::Object(members).to_string()),
        1 => samples::value().prop_map(|value| value.to_string()),
        1 => "\\PC{0,60}",
        1 => (1_usize..3_000).prop_map(|depth| "[".repeat(depth)),
        1 => Just(format!("{{\"TableName\":{}1{}}}", "[".repeat(126), "]".repeat(126))),
    ]
}

fn members(service: &'static str) -> impl Strategy<Value = Map<String, Value>> {
    let known = samples::members(service);
    let one = (any::<proptest::sample::Index>(), samples::value(), 0..10_u8).prop_map(
        move |(which, odd, dice)| {
            let (name, usual) = &known[which.index(known.len())];
            let value = if dice < 7 { usual.clone() } else { odd };
            (name.to_string(), value)
        },
    );
    let subject = samples::subject(service);
    proptest::collection::vec(one, 0..9).prop_map(move |some| {
        // The resource first, so that most calls get past its name; what follows may spoil it.
        let mut members = subject.clone();
        members.extend(some);
        members
    })
}

/// The members as an awsQuery form.
fn form(action: &str, members: &Value) -> String {
    fn put(out: &mut String, name: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    put(out, &format!("{name}.{member}"), value);
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    put(out, &format!("{name}.member.{}", at + 1), item);
                }
            }
            other => out.push_str(&format!("&{name}={}", percent(&text_of(other)))),
        }
    }
    let mut out = format!("Action={action}&Version=2010-05-08");
    for (name, value) in members.as_object().into_iter().flatten() {
        put(&mut out, name, value);
    }
    out
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn percent(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// DynamoDB accepts 4,096 bytes, for each of which the stack must be large enough.
#[tokio::test]
async fn the_deepest_expression_is_answered() {
    let world = World::new().await;
    world.table("Rides").await;
    let item = json!({"TableName": "Rides", "Item": {"RideId": {"S": "a"}}});
    let put = Request::json("dynamodb", "PutItem", &item.to_string());
    assert_eq!(put.send(&world.cloud).await.expect("an answer").status, 200);
    for (expression, status) in [
        ("(".repeat(4_096), 400),
        ("NOT ".repeat(1_022) + "a=:v", 200),
        ("a=:v".to_owned() + &" OR a=:v".repeat(511), 200),
        ("(a=:v OR ".repeat(409) + "a=:v" + &")".repeat(409), 200),
        ("a".to_owned() + &".a".repeat(2_000) + "=:v", 200),
        ("NOT ".repeat(1_024) + "a=:v", 400),
    ] {
        let mut scan = json!({
            "TableName": "Rides",
            "ExpressionAttributeValues": {":v": {"S": "x"}},
        });
        scan["FilterExpression"] = json!(expression);
        let scan = Request::json("dynamodb", "Scan", &scan.to_string());
        let answer = scan.send(&world.cloud).await.expect("an answer");
        let start = &expression[..10];
        assert_eq!(answer.status, status, "{start}…: {}", answer.body);
    }
}
