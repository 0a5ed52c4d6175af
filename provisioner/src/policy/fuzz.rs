//! Property tests with generated documents: canonical form, decoding and `grants` must be correct for all of
//! them.

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use serde_json::{Map, Value, json};

use super::{canonical, canonical_text, decode, grants};

/// Any JSON, with the keys and values of policies.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        8 => word().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        // Only numbers that parsing restores exactly.
        1 => any::<i16>().prop_map(|number| json!(f64::from(number) / 4.0)),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((word(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn word() -> impl Strategy<Value = String> {
    let known = proptest::sample::select(
        &[
            "Version",
            "Statement",
            "Sid",
            "Effect",
            "Allow",
            "Deny",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Principal",
            "NotPrincipal",
            "Condition",
            "StringEquals",
            "AWS:SourceArn",
            "aws:sourcearn",
            "AWS:sourceArn",
            "AWS",
            "Service",
            "*",
            "a:*",
            "A:b",
            "123456789012",
            "arn:aws:iam::123456789012:root",
            "arn:aws-cn:iam::123456789012:root",
            "2012-10-17",
            "",
        ][..],
    );
    prop_oneof![12 => known.prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

/// A document with all elements in their places and any values in them.
fn document() -> impl Strategy<Value = Value> {
    let keys = || {
        proptest::collection::vec((word(), value()), 0..4)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    };
    let member = prop_oneof![
        2 => value().prop_map(|value| ("Action", value)),
        1 => value().prop_map(|value| ("NotAction", value)),
        2 => value().prop_map(|value| ("Resource", value)),
        2 => value().prop_map(|value| ("Principal", value)),
        2 => keys().prop_map(|keys| ("Principal", keys)),
        3 => keys().prop_map(|keys| ("Condition", json!({"StringEquals": keys}))),
        1 => value().prop_map(|value| ("Condition", value)),
        1 => value().prop_map(|value| ("Sid", value)),
        1 => value().prop_map(|value| ("Effect", value)),
    ];
    let statement = proptest::collection::vec(member, 0..6).prop_map(|members| {
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<String, Value>>()
    });
    let sound = proptest::collection::vec(statement, 0..4)
        .prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}));
    prop_oneof![4 => sound, 1 => value()]
}

/// The same document as another tool may write it: lists and members in another order, a list of
/// one as that one.
fn rewritten(value: &Value, list_is_set: bool) -> Value {
    match value {
        Value::Array(items) => match &items[..] {
            [one @ (Value::String(_) | Value::Object(_))] if list_is_set => {
                rewritten(one, list_is_set)
            }
            items if list_is_set => items.iter().rev().map(|v| rewritten(v, true)).collect(),
            items => items.iter().map(|v| rewritten(v, false)).collect(),
        },
        Value::Object(members) => members
            .iter()
            .rev()
            .map(|(name, value)| (name.clone(), rewritten(value, list_is_set)))
            .collect(),
        other => other.clone(),
    }
}

fn encode(text: &str) -> String {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| match unreserved(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

proptest! {
    #[test]
    fn the_canonical_form_is_its_own(document in document()) {
        let once = canonical(&document);
        assert_eq!(canonical(&once), once, "{document}");
        let text = once.to_string();
        assert_eq!(canonical_text(&text).unwrap(), text);
    }

    #[test]
    fn another_way_to_write_a_document_has_the_same_form(document in statements_of_texts()) {
        assert_eq!(canonical(&rewritten(&document, true)), canonical(&document));
    }

    #[test]
    fn what_was_encoded_is_decoded(text in "\\PC{0,80}", value in value()) {
        assert_eq!(decode(&encode(&text)).unwrap(), text);
        let json = value.to_string();
        assert_eq!(decode(&encode(&json)).unwrap(), json);
    }

    #[test]
    fn no_text_does_harm(text in "(%[0-9a-fA-F]{0,2}|\\PC|\\{){0,40}") {
        if let Ok(decoded) = decode(&text) {
            let _ = canonical_text(&decoded);
        }
    }

    #[test]
    fn no_document_does_harm(document in document(), action in word(), resource in word()) {
        // The form is compared instead of the document, so it must grant what the document does.
        assert_eq!(
            grants(&canonical(&document), &action, &resource),
            grants(&document, &action, &resource),
            "{document}",
        );
    }
}

/// Documents that IAM would accept by their form: every list is a set of strings.
fn statements_of_texts() -> impl Strategy<Value = Value> {
    let texts = || proptest::collection::vec(word(), 1..4).prop_map(|texts| json!(texts));
    let keys = proptest::collection::vec((word(), texts()), 0..3)
        .prop_map(|members| Value::Object(members.into_iter().collect()));
    let statement = (texts(), texts(), texts(), keys).prop_map(|(action, resource, who, keys)| {
        json!({
            "Effect": "Allow",
            "Action": action,
            "Resource": resource,
            "Principal": {"AWS": who},
            "Condition": {"StringLike": keys},
        })
    });
    proptest::collection::vec(statement, 1..4)
        .prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

#[test]
fn depth_and_length_do_no_harm() {
    for text in ["[".repeat(100_000), "{\"Statement\":".repeat(100_000)] {
        assert!(canonical_text(&text).is_err());
    }
    let deep = format!("{{\"Statement\":{}1{}}}", "[".repeat(120), "]".repeat(120));
    canonical_text(&deep).unwrap();
    let wild = "a*".repeat(5_000);
    let statement = json!({"Effect": "Allow", "Action": wild, "Resource": wild});
    let document = json!({"Statement": vec![statement; 50]});
    assert!(!grants(&document, &"a".repeat(1_000), "b"));
}
