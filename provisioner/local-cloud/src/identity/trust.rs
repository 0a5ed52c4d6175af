//! Trust policies: which principals may assume a role.

use awsim_iam_policy::{Decision, PolicyDocument, parse_value};
use serde_json::{Value, json};

use crate::identity::policy::{Context, Policies, Question, decide, normalize};

/// Whether a trust policy allows a service to assume the role.
pub(crate) fn trusts_service(trust: &str, service: &str, context: &Context) -> bool {
    trusts_named(trust, ("Service", service), "sts:AssumeRole", context)
}

/// Whether a trust policy allows the users of an identity provider to assume the role.
pub(crate) fn trusts_provider(trust: &str, arn: &str, action: &str, context: &Context) -> bool {
    trusts_named(trust, ("Federated", arn), action, context)
}

fn trusts_named(
    trust: &str,
    (kind, wanted): (&str, &str),
    action: &str,
    context: &Context,
) -> bool {
    let names_it = |principal: &Value| match principal {
        Value::String(all) => all == "*",
        Value::Object(kinds) => match kinds.get(kind) {
            Some(Value::String(name)) => name == wanted,
            Some(Value::Array(names)) => names.iter().any(|name| name == wanted),
            _ => false,
        },
        _ => false,
    };
    let policy = with_principals(trust, names_it);
    let policies = Policies {
        resource: policy,
        ..Policies::default()
    };
    let question = Question {
        principal: wanted,
        action,
        resource: "*",
        context,
    };
    decide(&policies, &question) == Decision::Allow
}

/// Whether a trust policy allows one of these principals to assume the role.
pub(crate) fn trusts(trust: &str, principals: &[&str], action: &str, context: &Context) -> bool {
    let is_one = |name: &Value| name == "*" || principals.iter().any(|p| name == p);
    let names_one = |principal: &Value| match principal {
        Value::String(all) => all == "*",
        Value::Object(kinds) => match kinds.get("AWS") {
            Some(Value::Array(names)) => names.iter().any(is_one),
            Some(name) => is_one(name),
            None => false,
        },
        _ => false,
    };
    let policy = with_principals(trust, names_one);
    let policies = Policies {
        resource: policy,
        ..Policies::default()
    };
    let question = Question {
        principal: principals[0],
        action,
        resource: "*",
        context,
    };
    decide(&policies, &question) == Decision::Allow
}

/// The statements that name the caller, rewritten for every principal: the evaluator does not know
/// service principals.
pub(crate) fn with_principals(
    document: &str,
    names: impl Fn(&Value) -> bool,
) -> Option<PolicyDocument> {
    let mut value: Value = serde_json::from_str(document).ok()?;
    normalize(&mut value);
    let statements = match value.get("Statement")?.clone() {
        Value::Array(statements) => statements,
        one => vec![one],
    };
    let kept: Vec<Value> = statements
        .into_iter()
        .filter(
            |statement| match (statement.get("Principal"), statement.get("NotPrincipal")) {
                (Some(principal), _) => names(principal),
                (None, Some(others)) => !names(others),
                (None, None) => false,
            },
        )
        .map(|mut statement| {
            if let Value::Object(members) = &mut statement {
                members.remove("NotPrincipal");
                members.insert("Principal".to_owned(), json!("*"));
            }
            statement
        })
        .collect();
    value["Statement"] = Value::Array(kept);
    parse_value(&value).ok()
}

#[cfg(test)]
mod tests {
    use super::{trusts, trusts_service};
    use crate::identity::policy::Context;
    use proptest::prelude::proptest;
    use serde_json::{Value, json};

    #[test]
    fn a_service_is_trusted_if_named() {
        let document = |principal: Value, condition: Value| {
            json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": principal,
                "Action": "sts:AssumeRole", "Condition": condition}})
            .to_string()
        };
        let lambda = "lambda.amazonaws.com";
        let mut context = Context::default();
        context.text("aws:SourceAccount", "123456789012");
        for (principal, condition, expected) in [
            (json!({"Service": lambda}), json!({}), true),
            (
                json!({"Service": ["ec2.amazonaws.com", lambda]}),
                json!({}),
                true,
            ),
            (json!({"Service": "ec2.amazonaws.com"}), json!({}), false),
            (json!({"AWS": "*"}), json!({}), false),
            (
                json!({"Service": lambda}),
                json!({"StringEquals": {"aws:SourceAccount": "123456789012"}}),
                true,
            ),
            (
                json!({"Service": lambda}),
                json!({"StringEquals": {"aws:SourceAccount": "1"}}),
                false,
            ),
        ] {
            let trust = document(principal, condition);
            assert_eq!(
                trusts_service(&trust, lambda, &context),
                expected,
                "{trust}"
            );
        }
        assert!(!trusts_service("no json", lambda, &context));
    }

    #[test]
    fn a_principal_is_trusted_by_arn_account_or_star() {
        for (principal, expected) in [
            ("arn:a", true),
            ("123456789012", true),
            ("*", true),
            ("arn:b", false),
        ] {
            let trust = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": principal},
                "Action": "sts:AssumeRole"}]})
            .to_string();
            let context = Context::default();
            let trusted = trusts(
                &trust,
                &["arn:a", "123456789012"],
                "sts:AssumeRole",
                &context,
            );
            assert_eq!(trusted, expected);
        }
    }

    proptest! {
        #[test]
        fn fuzz_no_trust_document_panics(document in "\\PC{0,200}") {
            assert!(!trusts_service(&document, "x", &Context::default()));
        }
    }
}
