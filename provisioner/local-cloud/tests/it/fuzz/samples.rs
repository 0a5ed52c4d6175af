//! The parts of calls: valid members, and arbitrary values.

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use serde_json::{Map, Value, json};

/// Names of resources, some of which exist.
pub const PARTS: &[&str] = &[
    "f",
    "f:live",
    "live",
    "$LATEST",
    "1",
    "..",
    ".",
    "arn:aws:lambda:eu-west-1:123456789012:function:f",
    "arn:aws:lambda:eu-west-1:123456789012:function:f:live",
];

const TEXTS: &[&str] = &[
    "",
    "a",
    "R",
    "Rides",
    "f",
    "live",
    "*",
    "%",
    "${aws:username}",
    "arn:",
    "arn:aws:iam::123456789012:role/R",
    "arn:aws:dynamodb:eu-west-1:123456789012:table/Rides",
    "{}",
    "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
    "18446744073709551616",
    "-1",
    "1e400",
    "9223372036854775807",
    "-9223372036854775808",
    "SET a = :v",
    "#n = :v AND (",
    "a[99999999999999999999]",
    "\u{0}",
    "\u{7f}",
    "é\u{10ffff}",
];

pub fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(texts).prop_map(str::to_owned)
}

pub fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => one_of(TEXTS),
        3 => "\\PC{0,20}",
        1 => (any::<char>(), 1_usize..600).prop_map(|(c, n)| c.to_string().repeat(n)),
        1 => (0_usize..4_096).prop_map(|n| "(".repeat(n)),
    ]
}

/// Any JSON, with names that are valid in some place.
pub fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => any::<i64>().prop_map(Value::from),
        2 => (-2_i64..3).prop_map(Value::from),
        1 => Just(json!(i64::MAX)),
        1 => Just(json!(i64::MIN)),
        1 => Just(json!(u64::MAX)),
        1 => any::<f64>().prop_map(Value::from),
        6 => odd_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let names = prop_oneof![
            one_of(&[
                "S",
                "N",
                "B",
                "BOOL",
                "NULL",
                "L",
                "M",
                "SS",
                "NS",
                "BS",
                "Key",
                "Value",
                "Put",
                "PutRequest",
                "Item",
                "TableName",
                "Enabled",
                "Variables",
                "member",
                "RideId",
                "timestamp",
                "message",
                "Rides",
            ]),
            odd_text(),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((names, inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The resource members of a service's calls.
pub fn subject(service: &str) -> Map<String, Value> {
    let subject = match service {
        "dynamodb" => json!({"TableName": "Rides"}),
        "logs" => json!({"logGroupName": "g", "logStreamName": "s"}),
        "iam" => json!({"RoleName": "R"}),
        "sts" => json!({"RoleArn": "arn:aws:iam::123456789012:role/R", "RoleSessionName": "ab"}),
        _ => json!({}),
    };
    subject.as_object().cloned().unwrap_or_default()
}

/// The members of a service's requests, each with a valid value.
pub fn members(service: &str) -> Vec<(&'static str, Value)> {
    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}}"#;
    let item = || json!({"RideId": {"S": "a"}, "n": {"N": "1"}, "l": {"L": [{"S": "x"}]}});
    let key = || json!({"RideId": {"S": "a"}});
    let table = "arn:aws:dynamodb:eu-west-1:123456789012:table/Rides";
    match service {
        "dynamodb" => vec![
            ("TableName", json!("Rides")),
            ("TableName", json!(table)),
            ("ResourceArn", json!(table)),
            ("BackupArn", json!(format!("{table}/backup/0"))),
            ("Item", item()),
            ("Key", key()),
            ("RequestItems", json!({"Rides": {"Keys": [key()]}})),
            (
                "RequestItems",
                json!({"Rides": [{"PutRequest": {"Item": item()}}]}),
            ),
            (
                "TransactItems",
                json!([{"Put": {"TableName": "Rides", "Item": item()}}]),
            ),
            (
                "TransactItems",
                json!([{"Get": {"TableName": "Rides", "Key": key()}}]),
            ),
            (
                "ConditionExpression",
                json!("attribute_exists(#n) AND n < :v"),
            ),
            (
                "FilterExpression",
                json!("contains(l, :v) OR NOT size(RideId) > :v"),
            ),
            ("KeyConditionExpression", json!("RideId = :v")),
            (
                "UpdateExpression",
                json!("SET #n = if_not_exists(n, :v) + :v REMOVE l[0]"),
            ),
            ("ProjectionExpression", json!("RideId, l[0], #n.a")),
            ("ExpressionAttributeNames", json!({"#n": "n"})),
            ("ExpressionAttributeValues", json!({":v": {"N": "1"}})),
            (
                "KeyConditions",
                json!({"RideId": {"AttributeValueList": [{"S": "a"}], "ComparisonOperator": "EQ"}}),
            ),
            ("ExclusiveStartKey", key()),
            (
                "AttributeUpdates",
                json!({"n": {"Action": "ADD", "Value": {"N": "1"}}}),
            ),
            ("Expected", json!({"n": {"Exists": false}})),
            ("AttributesToGet", json!(["n"])),
            ("ReturnValues", json!("ALL_OLD")),
            ("ReturnValuesOnConditionCheckFailure", json!("ALL_OLD")),
            ("ReturnConsumedCapacity", json!("TOTAL")),
            ("Select", json!("COUNT")),
            ("Limit", json!(1)),
            ("Segment", json!(0)),
            ("TotalSegments", json!(2)),
            ("ConsistentRead", json!(true)),
            ("IndexName", json!("i")),
            ("ExclusiveStartTableName", json!("A")),
            ("Tags", json!([{"Key": "k", "Value": "v"}])),
            ("TagKeys", json!(["k"])),
            ("BillingMode", json!("PROVISIONED")),
            (
                "ProvisionedThroughput",
                json!({"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}),
            ),
            ("OnDemandThroughput", json!({"MaxReadRequestUnits": 1})),
            ("WarmThroughput", json!({"ReadUnitsPerSecond": 12000})),
            (
                "AttributeDefinitions",
                json!([{"AttributeName": "RideId", "AttributeType": "S"}]),
            ),
            (
                "KeySchema",
                json!([{"AttributeName": "RideId", "KeyType": "HASH"}]),
            ),
            (
                "GlobalSecondaryIndexes",
                json!([{"IndexName": "iii", "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}]),
            ),
            (
                "GlobalSecondaryIndexUpdates",
                json!([{"Delete": {"IndexName": "iii"}}]),
            ),
            ("StreamSpecification", json!({"StreamEnabled": false})),
            ("SSESpecification", json!({"Enabled": true})),
            ("TableClass", json!("STANDARD_INFREQUENT_ACCESS")),
            ("DeletionProtectionEnabled", json!(false)),
            (
                "PointInTimeRecoverySpecification",
                json!({"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35}),
            ),
            (
                "TimeToLiveSpecification",
                json!({"AttributeName": "n", "Enabled": true}),
            ),
        ],
        "logs" => vec![
            ("logGroupName", json!("g")),
            (
                "logGroupIdentifier",
                json!("arn:aws:logs:eu-west-1:123456789012:log-group:g"),
            ),
            (
                "resourceArn",
                json!("arn:aws:logs:eu-west-1:123456789012:log-group:g"),
            ),
            ("logGroupNamePrefix", json!("g")),
            ("logGroupNamePattern", json!("g")),
            ("logStreamName", json!("s")),
            ("logStreamNamePrefix", json!("s")),
            ("logStreamNames", json!(["s"])),
            ("logEvents", json!([{"timestamp": 1, "message": "m"}])),
            (
                "logEvents",
                json!([{"timestamp": 4_000_000_000_000_i64, "message": "m"}]),
            ),
            ("retentionInDays", json!(14)),
            ("tags", json!({"k": "v"})),
            ("tagKeys", json!(["k"])),
            ("filterPattern", json!("?a -b \"c d\"")),
            ("startTime", json!(0)),
            ("endTime", json!(4_000_000_000_000_i64)),
            ("limit", json!(1)),
            ("nextToken", json!("f/1")),
            ("nextToken", json!("1")),
            ("startFromHead", json!(true)),
            ("orderBy", json!("LastEventTime")),
            ("descending", json!(true)),
        ],
        "iam" | "sts" => vec![
            ("RoleName", json!("R")),
            ("RoleArn", json!("arn:aws:iam::123456789012:role/R")),
            ("RoleSessionName", json!("session")),
            ("Name", json!("name")),
            ("Policy", json!(POLICY)),
            ("DurationSeconds", json!("900")),
            ("ExternalId", json!("x1")),
            ("AssumeRolePolicyDocument", json!(crate::world::TRUST)),
            ("PolicyDocument", json!(POLICY)),
            ("PolicyName", json!("P")),
            (
                "PolicyArn",
                json!("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"),
            ),
            ("PolicySourceArn", json!("arn:aws:iam::123456789012:role/R")),
            (
                "PermissionsBoundary",
                json!("arn:aws:iam::aws:policy/AdministratorAccess"),
            ),
            ("PolicyInputList", json!([POLICY])),
            ("ActionNames", json!(["dynamodb:PutItem"])),
            ("ResourceArns", json!([table])),
            (
                "ContextEntries",
                json!([{"ContextKeyName": "aws:x", "ContextKeyType": "string", "ContextKeyValues": ["y"]}]),
            ),
            ("VersionId", json!("v1")),
            ("Path", json!("/a/")),
            ("PathPrefix", json!("/")),
            ("Description", json!("d")),
            ("MaxSessionDuration", json!("3600")),
            ("Tags", json!([{"Key": "k", "Value": "v"}])),
            ("TagKeys", json!(["k"])),
            ("MaxItems", json!("1")),
            ("Marker", json!("after-1")),
        ],
        _ => vec![
            ("FunctionName", json!("f")),
            ("Role", json!(crate::world::ROLE)),
            ("Runtime", json!("provided.al2023")),
            ("Handler", json!("bootstrap")),
            ("Code", json!({"ZipFile": "UEsFBg=="})),
            ("ZipFile", json!("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==")),
            ("DryRun", json!(true)),
            ("Publish", json!(true)),
            ("Description", json!("d")),
            ("Timeout", json!(3)),
            ("MemorySize", json!(128)),
            ("Environment", json!({"Variables": {"AB": "v"}})),
            ("EphemeralStorage", json!({"Size": 512})),
            ("TracingConfig", json!({"Mode": "Active"})),
            ("SnapStart", json!({"ApplyOn": "None"})),
            (
                "LoggingConfig",
                json!({"LogFormat": "JSON", "LogGroup": "g"}),
            ),
            ("Architectures", json!(["x86_64"])),
            ("Tags", json!({"k": "v"})),
            ("tagKeys", json!("k")),
            ("Name", json!("live")),
            ("FunctionVersion", json!("$LATEST")),
            ("FunctionVersion", json!("1")),
            (
                "RoutingConfig",
                json!({"AdditionalVersionWeights": {"1": 0.5}}),
            ),
            ("RevisionId", json!("x")),
            ("CodeSha256", json!("x")),
            ("StatementId", json!("s")),
            ("Action", json!("lambda:InvokeFunction")),
            ("Principal", json!("apigateway.amazonaws.com")),
            (
                "SourceArn",
                json!("arn:aws:execute-api:eu-west-1:123456789012:x/*"),
            ),
            ("ReservedConcurrentExecutions", json!(1)),
            ("Qualifier", json!("live")),
            ("MaxItems", json!("1")),
            ("Marker", json!("after-1")),
        ],
    }
}
