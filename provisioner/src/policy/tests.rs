//! What must hold for the documents in `policies/` and for the canonical form.

use serde_json::{Value, json};

use super::{
    DYNAMODB_WRITE_ACCESS, Names, PolicyError, TRUST, Template, WRITE_LOGS, canonical,
    canonical_text, grants,
};

const NAMES: Names<'static> = Names {
    partition: "aws-cn",
    account: "123456789012",
    region: "cn-north-1",
    table: "Rides-dev",
    log_group: "/aws/lambda/RequestUnicorn-dev",
    role: "WildRydesLambda-dev",
    function: "RequestUnicorn-dev",
};

fn fill(template: &str, names: &Names<'_>) -> Value {
    Template::parse(template).expect("a template").fill(names)
}

#[test]
fn the_function_may_write_this_table_and_this_log_group_and_nothing_else() {
    let table = "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/Rides-dev";
    let items = fill(DYNAMODB_WRITE_ACCESS, &NAMES);
    assert!(grants(&items, "dynamodb:PutItem", table));
    for action in [
        "dynamodb:GetItem",
        "dynamodb:DeleteItem",
        "dynamodb:UpdateItem",
        "logs:Put",
    ] {
        assert!(!grants(&items, action, table), "{action}");
    }
    assert!(!grants(
        &items,
        "dynamodb:PutItem",
        &format!("{table}/index/x")
    ));
    assert!(!grants(
        &items,
        "dynamodb:PutItem",
        &table.replace("-dev", "")
    ));

    let group = "arn:aws-cn:logs:cn-north-1:123456789012:log-group:/aws/lambda/RequestUnicorn-dev";
    let logs = fill(WRITE_LOGS, &NAMES);
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        assert!(grants(
            &logs,
            action,
            &format!("{group}:log-stream:2026/11/22/[1]abc")
        ));
        assert!(grants(&logs, action, &format!("{group}:log-stream:")));
        assert!(!grants(&logs, action, &format!("{group}2:log-stream:x")));
    }
    assert!(!grants(&logs, "logs:CreateLogGroup", &format!("{group}:*")));
}

#[test]
fn the_role_trusts_lambda_on_behalf_of_this_account_alone() {
    let document = canonical(&fill(TRUST, &NAMES));
    let statement = &document["Statement"][0];
    assert_eq!(document["Statement"].as_array().unwrap().len(), 1);
    assert_eq!(
        statement["Principal"],
        json!({"Service": ["lambda.amazonaws.com"]})
    );
    assert_eq!(statement["Action"], json!(["sts:assumerole"]));
    assert_eq!(
        statement["Condition"],
        json!({"StringEquals": {"aws:sourceaccount": ["123456789012"]}})
    );
}

#[test]
fn documents_of_one_meaning_have_one_canonical_form() {
    let statement = |changes: Value| {
        let mut statement = json!({"Effect": "Allow", "Action": "s3:Get", "Resource": "*"});
        for (key, value) in changes.as_object().unwrap() {
            statement[key] = value.clone();
        }
        json!({"Version": "2012-10-17", "Statement": [statement]})
    };
    let (a, b) = (
        json!({"Sid": "A", "Effect": "Allow"}),
        json!({"Sid": "B", "Effect": "Deny"}),
    );
    let both = |first: &Value, second: &Value| json!({"Statement": [first, second]});
    for (left, right) in [
        (json!({"Statement": [a]}), json!({"Statement": a})),
        (
            json!({"Statement": [a]}),
            json!({"Version": "2008-10-17", "Statement": [a, a]}),
        ),
        (both(&a, &b), both(&b, &a)),
        (
            statement(json!({})),
            statement(json!({"Action": ["s3:Get"], "Resource": ["*"]})),
        ),
        (
            statement(json!({"Action": ["a:B", "a:C"]})),
            statement(json!({"Action": ["A:c", "a:b"]})),
        ),
        (
            statement(json!({"Resource": ["x", "y"]})),
            statement(json!({"Resource": ["y", "x", "y"]})),
        ),
        (
            statement(json!({"Sid": ""})),
            statement(json!({"Condition": {}})),
        ),
        (
            statement(json!({"Principal": "*"})),
            statement(json!({"Principal": {"AWS": ["*"]}})),
        ),
        (
            statement(json!({"Principal": {"AWS": ["arn:aws:iam::123456789012:root"]}})),
            statement(json!({"Principal": {"AWS": "123456789012"}})),
        ),
        (
            statement(json!({"Condition": {"Bool": {"aws:SecureTransport": true}}})),
            statement(json!({"Condition": {"Bool": {"AWS:securetransport": ["true"]}}})),
        ),
        (
            statement(json!({"Condition": {"NumericEquals": {"a:b": [1, 2]}}})),
            statement(json!({"Condition": {"NumericEquals": {"a:b": ["2", "1"]}}})),
        ),
    ] {
        assert_eq!(canonical(&left).to_string(), canonical(&right).to_string());
    }
}

#[test]
fn documents_of_different_meaning_stay_different() {
    let statement = |changes: Value| json!({"Version": "2012-10-17", "Statement": [changes]});
    for (left, right) in [
        (json!({"Version": "2012-10-17"}), json!({})),
        (
            statement(json!({"Effect": "Allow"})),
            statement(json!({"Effect": "Deny"})),
        ),
        (
            statement(json!({"Action": "a:B"})),
            statement(json!({"NotAction": "a:B"})),
        ),
        (
            statement(json!({"Action": "a:B"})),
            statement(json!({"Action": ["a:B", "a:C"]})),
        ),
        (
            statement(json!({"Resource": "x"})),
            statement(json!({"Resource": "X"})),
        ),
        (
            statement(json!({"Sid": "A"})),
            statement(json!({"Sid": "B"})),
        ),
        (
            statement(json!({"Principal": {"AWS": "arn:aws:iam::123456789012:role/root"}})),
            statement(json!({"Principal": {"AWS": "123456789012"}})),
        ),
        (
            statement(json!({"Principal": {"Service": "*"}})),
            statement(json!({"Principal": {"AWS": "*"}})),
        ),
        (
            statement(json!({"Condition": {"StringEquals": {"a:b": "x"}}})),
            statement(json!({"Condition": {"StringEquals": {"a:b": "X"}}})),
        ),
        (
            statement(json!({"Condition": {"StringEquals": {"a:b": "x"}}})),
            statement(json!({"Condition": {"StringLike": {"a:b": "x"}}})),
        ),
        // Keys of one name in two writings: neither may hide the other.
        (
            statement(json!({"Condition": {"StringEquals": {"A:b": "x", "a:b": "y"}}})),
            statement(json!({"Condition": {"StringEquals": {"A:b": "z", "a:b": "y"}}})),
        ),
    ] {
        assert_ne!(canonical(&left), canonical(&right), "{left} {right}");
    }
}

#[test]
fn canonical_text_reads_text_and_is_its_own_canonical_form() {
    let text = canonical_text(r#"{ "Statement": {"Action": "A:B", "Effect": "Allow"} }"#).unwrap();
    let expected = r#"{"Statement":[{"Action":["a:b"],"Effect":"Allow"}],"Version":"2008-10-17"}"#;
    assert_eq!(text, expected);
    assert_eq!(canonical_text(&text).unwrap(), text);
    assert!(matches!(canonical_text("{"), Err(PolicyError::NotJson(_))));
    assert_eq!(canonical_text("7").unwrap(), "7");
}

/// A small generator of repeatable numbers: the tests need no randomness of any quality.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn shuffle(&mut self, values: &mut [Value]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last + 1));
        }
    }

    fn document(&mut self) -> Value {
        let statements = (0..1 + self.below(4)).map(|number| {
            let mut statement = json!({
                "Sid": format!("S{number}"),
                "Effect": (if self.below(2) == 0 { "Allow" } else { "Deny" }),
                "Action": self.list("svc:Verb"),
                "Resource": self.list("arn:aws:svc:::r/"),
            });
            if self.below(2) == 0 {
                statement["Condition"] = json!({"StringLike": {"aws:Key": self.list("v")}});
            }
            statement
        });
        let statements: Vec<Value> = statements.collect();
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn list(&mut self, stem: &str) -> Vec<String> {
        (0..1 + self.below(4))
            .map(|number| format!("{stem}{number}"))
            .collect()
    }

    /// The same document as another tool might have written it.
    fn rewrite(&mut self, node: &mut Value) {
        match node {
            Value::Object(members) => members.values_mut().for_each(|member| self.rewrite(member)),
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.rewrite(item));
                self.shuffle(items);
                if items.len() == 1 && self.below(2) == 0 {
                    *node = items.remove(0);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

#[test]
fn rewriting_a_document_keeps_its_canonical_form_and_changing_an_action_does_not() {
    for seed in 0..500 {
        let mut numbers = Numbers(seed);
        let document = numbers.document();
        let mut rewritten = document.clone();
        numbers.rewrite(&mut rewritten);
        assert_eq!(canonical(&document), canonical(&rewritten), "seed {seed}");

        let mut changed = document.clone();
        let statements = changed["Statement"].as_array_mut().unwrap();
        let at = numbers.below(statements.len());
        let actions = statements[at]["Action"].as_array_mut().unwrap();
        let at = numbers.below(actions.len());
        actions[at] = json!("svc:Other");
        assert_ne!(canonical(&document), canonical(&changed), "seed {seed}");
    }
}
