//! Policy documents as the evaluator reads them, and the decision by them.

use std::collections::HashMap;

use awsim_iam_policy::{
    AuthzRequest, ContextValue, Decision, EvalContext, PolicyDocument, evaluate, parse_value,
};
use serde_json::{Map, Value};

use crate::account::ACCOUNT;

/// Condition keys of a request. Keys compare case-insensitively, so they are kept in lower case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context(HashMap<String, ContextValue>);

impl Context {
    pub(crate) fn text(&mut self, key: &str, value: impl Into<String>) {
        self.0
            .insert(key.to_ascii_lowercase(), ContextValue::String(value.into()));
    }

    pub(crate) fn texts(&mut self, key: &str, values: Vec<String>) {
        self.0
            .insert(key.to_ascii_lowercase(), ContextValue::StringList(values));
    }

    pub(crate) fn flag(&mut self, key: &str, value: bool) {
        self.0
            .insert(key.to_ascii_lowercase(), ContextValue::Bool(value));
    }

    /// Adds `aws:RequestTag/KEY` for each tag of the request, and `aws:TagKeys`.
    pub(crate) fn request_tags<'a>(&mut self, tags: impl Iterator<Item = (&'a str, &'a str)>) {
        let mut keys = Vec::new();
        for (key, value) in tags {
            self.text(&format!("aws:RequestTag/{key}"), value);
            keys.push(key.to_owned());
        }
        if !keys.is_empty() {
            self.texts("aws:TagKeys", keys);
        }
    }

    /// Adds `aws:ResourceTag/KEY` for each tag of the resource, and `SERVICE:ResourceTag/KEY` if the
    /// service has that key too.
    pub(crate) fn resource_tags<'a>(
        &mut self,
        service: Option<&str>,
        tags: impl Iterator<Item = (&'a str, &'a str)>,
    ) {
        for (key, value) in tags {
            self.text(&format!("aws:ResourceTag/{key}"), value);
            if let Some(service) = service {
                self.text(&format!("{service}:ResourceTag/{key}"), value);
            }
        }
    }

    pub(crate) fn extend(&mut self, other: Context) {
        self.0.extend(other.0);
    }

    pub(crate) fn values(&self) -> &HashMap<String, ContextValue> {
        &self.0
    }
}

/// Parses a document for evaluation. A document that does not parse allows and denies nothing.
pub(crate) fn parse(document: &str) -> Option<PolicyDocument> {
    let mut value: Value = serde_json::from_str(document).ok()?;
    normalize(&mut value);
    parse_value(&value).ok()
}

/// Rewrites what the evaluator handles differently from AWS: it compares keys and variables
/// case-sensitively, and `ArnEquals` as plain text.
pub(crate) fn normalize(document: &mut Value) {
    let Some(statements) = document.get_mut("Statement") else {
        return;
    };
    let statements = match statements {
        Value::Array(statements) => statements.iter_mut().collect(),
        one => vec![one],
    };
    for statement in statements {
        for field in ["Resource", "NotResource"] {
            if let Some(value) = statement.get_mut(field) {
                lower_variables(value);
            }
        }
        if let Some(Value::Object(operators)) = statement.get_mut("Condition") {
            let lowered: Map<String, Value> = std::mem::take(operators)
                .into_iter()
                .map(|(operator, keys)| (like(&operator), lower_keys(keys)))
                .collect();
            *operators = lowered;
        }
    }
}

fn like(operator: &str) -> String {
    operator
        .replace("ArnEquals", "ArnLike")
        .replace("ArnNotEquals", "ArnNotLike")
}

fn lower_keys(keys: Value) -> Value {
    match keys {
        Value::Object(keys) => keys
            .into_iter()
            .map(|(key, mut value)| {
                lower_variables(&mut value);
                (key.to_ascii_lowercase(), value)
            })
            .collect(),
        other => other,
    }
}

fn lower_variables(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("${") => {
            let mut parts = text.split("${");
            let mut lowered = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                lowered.push_str("${");
                match part.split_once('}') {
                    Some((variable, rest)) => {
                        lowered.push_str(&variable.to_ascii_lowercase());
                        lowered.push('}');
                        lowered.push_str(rest);
                    }
                    None => lowered.push_str(part),
                }
            }
            *text = lowered;
        }
        Value::Array(items) => items.iter_mut().for_each(lower_variables),
        _ => {}
    }
}

/// The policies that apply to one decision.
#[derive(Default)]
pub(crate) struct Policies {
    pub(crate) identity: Vec<PolicyDocument>,
    pub(crate) boundary: Option<PolicyDocument>,
    pub(crate) session: Option<PolicyDocument>,
    pub(crate) resource: Option<PolicyDocument>,
}

/// One decision to make: may this principal perform this action on this resource?
pub(crate) struct Question<'a> {
    pub(crate) principal: &'a str,
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) context: &'a Context,
}

pub(crate) fn decide(policies: &Policies, question: &Question<'_>) -> Decision {
    let request = AuthzRequest {
        principal_arn: question.principal,
        principal_account: ACCOUNT,
        action: question.action,
        resource_arn: question.resource,
        context: question.context.values(),
    };
    let context = EvalContext {
        identity_policies: &policies.identity,
        permissions_boundary: policies.boundary.as_ref(),
        resource_policy: policies.resource.as_ref(),
        scps: &[],
        session_policy: policies.session.as_ref(),
    };
    evaluate(&request, &context)
}

#[cfg(test)]
mod tests {
    use super::{Context, Policies, Question, decide, parse};
    use awsim_iam_policy::Decision;
    use proptest::prelude::proptest;
    use serde_json::{Value, json};

    fn check(statement: Value, action: &str, resource: &str, context: &[(&str, &str)]) -> bool {
        let document = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        let policies = Policies {
            identity: vec![parse(&document).unwrap()],
            ..Policies::default()
        };
        let mut keys = Context::default();
        for (key, value) in context {
            keys.text(key, *value);
        }
        let question = Question {
            principal: "arn:x",
            action,
            resource,
            context: &keys,
        };
        decide(&policies, &question) == Decision::Allow
    }

    #[test]
    fn keys_variables_and_arns_are_compared_as_aws_does() {
        let table = "arn:aws:dynamodb:eu-west-1:123456789012:table/Rides";
        let allow = |condition: Value| json!({"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Condition": condition});
        let pass = allow(json!({"StringEquals": {"IAM:passedtoservice": "lambda.amazonaws.com"}}));
        assert!(check(
            pass,
            "dynamodb:X",
            table,
            &[("iam:PassedToService", "lambda.amazonaws.com")]
        ));
        let arn = allow(json!({"ArnEquals": {"aws:SourceArn": "arn:aws:lambda:*:*:function:a*"}}));
        let source = ("aws:SourceArn", "arn:aws:lambda:eu-west-1:1:function:ab");
        assert!(check(arn, "dynamodb:X", table, &[source]));
        let own = json!({"Effect": "Allow", "Action": "DynamoDB:putitem",
            "Resource": "arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/Team}"});
        assert!(check(
            own,
            "dynamodb:PutItem",
            table,
            &[("aws:principaltag/team", "Rides")]
        ));
        let any = allow(json!({"Null": {"aws:RequestTag/x": true}}));
        assert!(check(any, "dynamodb:X", table, &[]));
    }

    proptest! {
        #[test]
        fn fuzz_no_document_panics(document in "\\PC{0,200}", field in "(Statement|Condition|Resource)") {
            let _ = parse(&document);
            let _ = parse(&format!("{{\"Statement\":[{{\"{field}\":{document:?}}}]}}"));
        }
    }
}
