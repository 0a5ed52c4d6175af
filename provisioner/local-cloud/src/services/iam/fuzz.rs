//! Fuzz tests of policy documents: the evaluator must be able to parse every document that IAM's
//! grammar accepts, since a document that it cannot parse neither allows nor denies.

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use serde_json::{Value, json};

use crate::identity::policy::{Context, Policies, Question, decide, parse};
use crate::identity::trust::{trusts, trusts_service, with_principals};
use crate::services::iam::grammar::{check_identity_policy, check_trust_policy};
use crate::state::State;
use crate::state::keys::Keys;

/// Words of the grammar, valid and broken.
fn text() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(
        &[
            "*",
            "dynamodb:PutItem",
            "dynamodb:*",
            "DynamoDB:?utItem",
            "sts:AssumeRole",
            "a:",
            ":a",
            "arn:aws:dynamodb:*:*:table/R*",
            "arn:aws:s3:::b/${aws:PrincipalTag/x}",
            "arn:::::",
            "arn:aws:iam::123456789012:root",
            "${",
            "${}",
            "${*}",
            "${aws:username, 'x'}",
            "}",
            "true",
            "1",
            "-1e400",
            "2026-01-01T00:00:00Z",
            "99999999999999999999",
            "0.0.0.0/0",
            "::/129",
            "1.2.3.4/33",
            "lambda.amazonaws.com",
            "123456789012",
            "Allow",
            "Deny",
            "",
            "2012-10-17",
            "2008-10-17",
        ][..],
    );
    prop_oneof![8 => word.prop_map(str::to_owned), 1 => "\\PC{0,12}", 1 => "[*?a]{0,40}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => text().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            3 => proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            2 => members(inner),
        ]
    })
}

fn members(value: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        4 => proptest::sample::select(&[
            "aws:SourceArn", "AWS:x", "aws:x", "Service", "AWS", "x", "aws:CurrentTime",
            "aws:SourceIp", "aws:TagKeys",
        ][..]).prop_map(str::to_owned),
        1 => text(),
    ];
    proptest::collection::vec((name, value), 0..3)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn condition() -> impl Strategy<Value = Value> {
    const OPERATORS: &[&str] = &[
        "StringEquals",
        "StringLike",
        "StringNotLike",
        "ArnEquals",
        "ArnLike",
        "ArnNotEquals",
        "NumericLessThan",
        "DateGreaterThan",
        "Bool",
        "Null",
        "IpAddress",
        "NotIpAddress",
        "BinaryEquals",
        "ForAllValues:StringLike",
        "ForAnyValue:StringEquals",
        "StringEqualsIfExists",
        "NullIfExists",
        "ForAnyValue:Null",
        "ForAllValues:BoolIfExists",
        "stringequals",
        "Nonsense",
    ];
    let operator = proptest::sample::select(OPERATORS).prop_map(str::to_owned);
    let values = prop_oneof![
        3 => text().prop_map(Value::from),
        2 => proptest::collection::vec(text().prop_map(Value::from), 0..3).prop_map(Value::from),
        1 => value(),
    ];
    proptest::collection::vec((operator, members(values.boxed())), 0..3)
        .prop_map(|operators| Value::Object(operators.into_iter().collect()))
}

fn document() -> impl Strategy<Value = Value> {
    let texts = || {
        prop_oneof![
            3 => text().prop_map(Value::from),
            2 => proptest::collection::vec(text().prop_map(Value::from), 0..4).prop_map(Value::from),
        ]
    };
    let member = prop_oneof![
        3 => texts().prop_map(|value| ("Action", value)),
        1 => texts().prop_map(|value| ("NotAction", value)),
        3 => texts().prop_map(|value| ("Resource", value)),
        1 => texts().prop_map(|value| ("NotResource", value)),
        2 => condition().prop_map(|value| ("Condition", value)),
        1 => members(texts().boxed()).prop_map(|value| ("Principal", value)),
        1 => members(texts().boxed()).prop_map(|value| ("NotPrincipal", value)),
        1 => value().prop_map(|value| ("Sid", value)),
        1 => value().prop_map(|value| ("Effect", value)),
        1 => value().prop_map(|value| ("Action", value)),
    ];
    let statement = (
        proptest::sample::select(&[true, false][..]),
        proptest::collection::vec(member, 0..5),
    )
        .prop_map(|(sound, members)| {
            let mut statement = json!({"Effect": "Allow"});
            if sound {
                statement["Action"] = json!("dynamodb:*");
                statement["Resource"] = json!("*");
            }
            for (name, value) in members {
                statement[name] = value;
            }
            statement
        });
    let statements = prop_oneof![
        3 => proptest::collection::vec(statement.clone(), 0..4).prop_map(Value::from),
        1 => statement,
    ];
    let version = prop_oneof![
        4 => Just(json!("2012-10-17")),
        1 => Just(json!("2008-10-17")),
        1 => value(),
    ];
    (
        statements,
        proptest::option::weighted(0.8, version),
        proptest::option::weighted(0.1, value()),
    )
        .prop_map(|(statements, version, id)| {
            let mut document = json!({"Statement": statements});
            if let Some(version) = version {
                document["Version"] = version;
            }
            if let Some(id) = id {
                document["Id"] = id;
            }
            document
        })
}

fn decides(document: &str, action: &str, resource: &str) {
    let mut context = Context::default();
    context.text("aws:SourceArn", "arn:aws:lambda:eu-west-1:1:function:f");
    context.text("aws:CurrentTime", "2026-01-01T00:00:00Z");
    context.text("aws:SourceIp", "127.0.0.1");
    context.texts("aws:TagKeys", vec!["a".to_owned(), String::new()]);
    let policies = Policies {
        identity: parse(document).into_iter().collect(),
        boundary: parse(document),
        session: parse(document),
        resource: parse(document),
    };
    let question = Question {
        principal: "arn:aws:iam::123456789012:role/R",
        action,
        resource,
        context: &context,
    };
    decide(&policies, &question);
    trusts_service(document, "lambda.amazonaws.com", &context);
    trusts(document, &["arn:a"], "sts:AssumeRole", &context);
}

proptest! {
    #[test]
    fn the_evaluator_parses_what_the_grammar_accepts(
        document in document(),
        action in text(),
        resource in text(),
    ) {
        let document = document.to_string();
        if check_identity_policy(&document).is_ok() {
            assert!(parse(&document).is_some(), "{document}");
        }
        let state = State::new(Keys::generate());
        if check_trust_policy(&document, &state).is_ok() {
            assert!(with_principals(&document, |_| true).is_some(), "{document}");
        }
        decides(&document, &action, &resource);
    }
}

#[test]
fn deep_and_long_documents_do_not_panic() {
    let wild = "a*".repeat(20_000);
    for document in [
        "[".repeat(100_000),
        "{\"Statement\":".repeat(100_000),
        format!("{{\"Statement\":{}1{}}}", "[".repeat(120), "]".repeat(120)),
        json!({"Statement": {"Effect": "Allow", "Action": wild, "Resource": wild}}).to_string(),
        json!({"Statement": vec![json!({"Effect": "Deny", "Action": "*", "Resource": "*"}); 20_000]})
            .to_string(),
    ] {
        let _ = check_identity_policy(&document);
        decides(&document, "dynamodb:PutItem", &"a".repeat(2_000));
    }
}
