use serde_json::Value;

use super::{Kind, Severity, check as checked, faults};
use crate::policy::FILES;

/// The faults of a policy, each as `LINE: TEXT [MEANT]`; warnings begin with `?`.
#[track_caller]
fn check(text: &str, kind: Kind, expected: &[&str]) {
    let document: Value = serde_json::from_str(text).expect("JSON");
    let found = faults(text, &document, kind).into_iter().map(|fault| {
        let sign = match fault.severity {
            Severity::Error => "",
            Severity::Warning => "?",
        };
        let meant = fault.meant.map(|meant| format!(" [{meant}]"));
        format!(
            "{sign}{}: {}{}",
            fault.line,
            fault.text,
            meant.unwrap_or_default()
        )
    });
    assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
}

/// A policy with one statement, whose members begin in line 4.
fn policy(members: &str) -> String {
    format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{{\n{members}\n  }}]\n}}")
}

#[track_caller]
fn check_statement(members: &str, expected: &[&str]) {
    check(&policy(members), Kind::Permissions, expected);
}

const ALLOW: &str = "\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\"";

#[test]
fn the_embedded_policies_have_no_faults() {
    for (name, text) in FILES {
        let kind = match name {
            "trust.json" => Kind::Trust,
            _ => Kind::Permissions,
        };
        check(text, kind, &[]);
    }
}

#[test]
fn typing_errors_have_their_line_and_what_was_meant() {
    check_statement(
        "\"Effect\": \"Alow\",\n\"Action\": [\"dynamodb:PutItem\",\n\"dynamodb:PutItm\"],\n\"Resource\": \"*\"",
        &[
            "4: `Effect` is `Allow` or `Deny`, not `Alow` [Allow]",
            "6: AWS has no action `dynamodb:PutItm` [dynamodb:PutItem]",
        ],
    );
    check_statement(
        "\"Efect\": \"Allow\",\n\"Actoin\": \"s3:GetObject\",\n\"Resource\": \"*\"",
        &[
            "3: a statement needs `Effect`",
            "3: a statement of this policy needs `Action`",
            "4: a statement has no element `Efect` [Effect]",
            "5: a statement has no element `Actoin` [Action]",
        ],
    );
    check_statement(
        &format!(
            "{ALLOW}, \"Resource\": \"*\",\n\"Condition\": {{\"ForAnyValue:StringEqual\": {{\"a:b\": \"c\"}}}}"
        ),
        &["5: IAM has no operator `ForAnyValue:StringEqual` [ForAnyValue:StringEquals]"],
    );
}

#[test]
fn what_may_be_newer_than_the_list_is_a_warning() {
    check_statement(
        "\"Effect\": \"Allow\", \"Action\": [\"dynamodb:InventSomething\", \"bedrock:InvokeModel\", \"s3:*\"], \"Resource\": \"*\"",
        &[
            "?4: it is not known whether AWS has the action `dynamodb:InventSomething`",
            "?4: it is not known whether AWS has the action `bedrock:InvokeModel`",
        ],
    );
}

#[test]
fn a_statement_has_exactly_what_iam_wants() {
    check_statement(
        &format!(
            "{ALLOW}, \"Resource\": \"arn:{{{{partition}}}}:s3:::b/*\", \"Condition\": {{\"StringEqualsIfExists\": {{\"a:b\": \"c\"}}}}"
        ),
        &[],
    );
    check_statement(ALLOW, &["3: a statement of this policy needs `Resource`"]);
    check_statement(
        &format!(
            "{ALLOW}, \"NotAction\": \"s3:*\", \"Resource\": \"table/Rides\", \"Sid\": \"a b\""
        ),
        &[
            "4: the `Sid` \"a b\" has other characters than letters and digits",
            "4: a statement has `Action` or `NotAction`, not both",
            "4: `table/Rides` is no ARN",
        ],
    );
    check_statement(
        &format!("{ALLOW}, \"Resource\": [], \"Principal\": \"*\""),
        &[
            "4: a statement of this policy has no `Principal`",
            "4: `Resource` is a text or a list of texts, not []",
        ],
    );
    check_statement(
        "\"Effect\": \"Allow\", \"Action\": \"GetObject\", \"Resource\": \"*\"",
        &["4: `GetObject` is no action: it names no service"],
    );
}

#[test]
fn a_trust_policy_names_principals_and_no_resources() {
    let trust = |members: &str, expected: &[&str]| check(&policy(members), Kind::Trust, expected);
    let assume = "\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\"";
    trust(
        &format!("{assume}, \"Principal\": {{\"Service\": \"lambda.amazonaws.com\"}}"),
        &[],
    );
    trust(
        &format!(
            "{assume}, \"Principal\": {{\"Servce\": \"lambda.amazonaws.com\"}}, \"Resource\": \"*\""
        ),
        &[
            "4: a statement of this policy has no `Resource`",
            "4: a principal has no element `Servce` [Service]",
        ],
    );
    trust(assume, &["3: a statement of this policy needs `Principal`"]);
}

#[test]
fn a_document_is_an_object_with_statements() {
    check("[]", Kind::Permissions, &["1: a policy is a JSON object"]);
    check("{}", Kind::Permissions, &["1: a policy needs `Statement`"]);
    check(
        "{\n\"Version\": \"2012-10-18\",\n\"Statement\": [1]}",
        Kind::Permissions,
        &[
            "1: a statement is a JSON object",
            "2: `Version` is `2012-10-17` or `2008-10-17`, not `2012-10-18` [2012-10-17]",
        ],
    );
    let statement = format!("{{{ALLOW}, \"Resource\": \"*\", \"Sid\": \"One\"}}");
    check(
        &format!("{{\"Statement\": [{statement},\n{statement}]}}"),
        Kind::Permissions,
        &["2: `One` is the `Sid` of two statements"],
    );
}

#[test]
fn only_errors_fail_and_all_faults_are_told() {
    let text =
        policy("\"Effect\": \"Alow\", \"Action\": \"dynamodb:PutItm\",\n\"Resource\": \"*\"");
    let error = checked(&text, Kind::Permissions).expect_err("two errors");
    assert_eq!(
        error.to_string(),
        "line 4: `Effect` is `Allow` or `Deny`, not `Alow`; did you mean `Allow`?\n\
         line 4: AWS has no action `dynamodb:PutItm`; did you mean `dynamodb:PutItem`?"
    );
    assert_eq!(error.hint().as_deref(), Some("write `Allow`"));
    let text =
        policy("\"Effect\": \"Allow\", \"Action\": \"bedrock:InvokeModel\", \"Resource\": \"*\"");
    let doubts = checked(&text, Kind::Permissions).expect("only a warning");
    assert_eq!(doubts.len(), 1);
    assert!(checked("{", Kind::Trust).is_err());
}
