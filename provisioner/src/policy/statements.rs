//! The difference of two policy documents, statement by statement.

use std::fmt;

use serde_json::{Value, json};

use super::canonical::{canonical, ordered};

/// The statements that only one of two documents has. `Version` and `Id` count as statements of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementChanges {
    pub removed: Vec<Statement>,
    pub added: Vec<Statement>,
}

/// A statement as one line, in parts between which it may be broken: `Allow s3:GetObject`, `on *`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub parts: Vec<String>,
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.join(" "))
    }
}

/// The changes from one document to the other, of which either may be absent. `None` if one of them is not
/// a policy document.
pub fn statement_changes(from: Option<&str>, to: Option<&str>) -> Option<StatementChanges> {
    let (removed, added) = changed_statements(from, to)?;
    Some(StatementChanges {
        removed: lines(&removed, &added),
        added: lines(&added, &removed),
    })
}

/// The statements that only one of the documents has, as they are written.
pub(super) fn changed_statements(
    from: Option<&str>,
    to: Option<&str>,
) -> Option<(Vec<Value>, Vec<Value>)> {
    let are_both_there = from.is_some() && to.is_some();
    let members = |document| members(document, are_both_there);
    let (from, to) = (members(from)?, members(to)?);
    let only_in = |some: &[Member], others: &[Member]| -> Vec<Value> {
        let is_in_both =
            |member: &Member| others.iter().any(|other| other.meaning == member.meaning);
        let only = some.iter().filter(|member| !is_in_both(member));
        only.map(|member| member.written.clone()).collect()
    };
    Some((only_in(&from, &to), only_in(&to, &from)))
}

/// A statement, or one of the document's other members.
struct Member {
    meaning: Value,
    written: Value,
}

fn members(document: Option<&str>, with_others: bool) -> Option<Vec<Member>> {
    let Some(document) = document else {
        return Some(Vec::new());
    };
    let document: Value = serde_json::from_str(document).ok()?;
    let statements = match document.get("Statement")? {
        Value::Array(statements) => statements.clone(),
        statement => vec![statement.clone()],
    };
    let statements = statements.into_iter().map(|written| Member {
        meaning: canonical(&json!({"Statement": written})),
        written: ordered(&written),
    });
    let others = document.as_object()?.iter();
    let others = others.filter(|(name, _)| with_others && *name != "Statement");
    let others = others.map(|(name, value)| Member {
        meaning: json!({name: value}),
        written: json!({name: ordered(value)}),
    });
    Some(statements.chain(others).collect())
}

/// A line for each statement. If a statement of the other document has the same line, it also has the
/// `Sid`, or is shown as it is written.
pub(super) fn lines(statements: &[Value], others: &[Value]) -> Vec<Statement> {
    let statements = statements.iter().map(|statement| {
        let mut parts = parts(statement);
        match others.iter().find(|other| self::parts(other) == parts) {
            None => {}
            Some(other) if other.get("Sid") == statement.get("Sid") => {
                parts = vec![statement.to_string()];
            }
            Some(_) => parts.push(match statement["Sid"].as_str() {
                Some(sid) => format!("(Sid {sid})"),
                None => "(no Sid)".to_owned(),
            }),
        }
        Statement { parts }
    });
    statements.collect()
}

fn parts(statement: &Value) -> Vec<String> {
    let Some(effect) = statement["Effect"].as_str() else {
        return vec![statement.to_string()];
    };
    let listed = |word: &str, name: &str, all_but: &str| {
        let values = statement.get(name).map(|values| texts(values).join(", "));
        let others = || {
            Some(format!(
                "all but {}",
                texts(statement.get(all_but)?).join(", ")
            ))
        };
        let values = values.or_else(others);
        values.map(|values| format!("{word} {values}"))
    };
    let mut parts = vec![
        listed(effect, "Action", "NotAction"),
        listed("by", "Principal", "NotPrincipal"),
        listed("on", "Resource", "NotResource"),
    ];
    let operators = statement["Condition"].as_object().into_iter().flatten();
    let conditions = operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, values)| format!("{key} {operator} {}", texts(values).join(" or ")))
    });
    let words = ["if"].into_iter().chain(std::iter::repeat("and"));
    let conditions = words.zip(conditions);
    parts.extend(conditions.map(|(word, condition)| Some(format!("{word} {condition}"))));
    parts.into_iter().flatten().collect()
}

/// A text or a list of them. Of principals, services go by their names, and others have their kind.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(kinds) => {
            let kinds = kinds.iter();
            let principals = kinds.flat_map(|(kind, names)| {
                texts(names)
                    .into_iter()
                    .map(move |name| match kind.as_str() {
                        "Service" => name,
                        _ => format!("{kind} {name}"),
                    })
            });
            principals.collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::statement_changes;

    fn document(statements: &[Value]) -> String {
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }

    #[track_caller]
    fn check(from: &[Value], to: &[Value], expected: &[&str]) {
        check_documents(Some(&document(from)), Some(&document(to)), expected);
    }

    #[track_caller]
    fn check_documents(from: Option<&str>, to: Option<&str>, expected: &[&str]) {
        let changes = statement_changes(from, to).expect("two documents");
        let removed = changes.removed.iter().map(|line| format!("- {line}"));
        let added = changes.added.iter().map(|line| format!("+ {line}"));
        assert_eq!(removed.chain(added).collect::<Vec<_>>(), expected);
    }

    fn put() -> Value {
        json!({"Sid": "Put", "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "arn:x"})
    }

    #[test]
    fn a_statement_is_a_line_of_effect_actions_principals_resources_and_conditions() {
        check(&[], &[put()], &["+ Allow dynamodb:PutItem on arn:x"]);
        check(&[put()], &[], &["- Allow dynamodb:PutItem on arn:x"]);
        let trust = json!({
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com", "AWS": ["111122223333"]},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ["1", "2"]},
                "Bool": {"aws:SecureTransport": true}
            }
        });
        let line = "+ Allow sts:AssumeRole by AWS 111122223333, lambda.amazonaws.com \
                    if aws:SecureTransport Bool true and aws:SourceAccount StringEquals 1 or 2";
        check(&[], &[trust], &[line]);
        let all_but = json!({
            "Effect": "Deny", "NotAction": ["s3:Get*", "s3:List*"], "NotResource": "arn:y",
            "NotPrincipal": "*"
        });
        let line = "+ Deny all but s3:Get*, s3:List* by all but * on all but arn:y";
        check(&[], &[all_but], &[line]);
    }

    #[test]
    fn only_statements_with_another_meaning_are_shown() {
        let other = json!({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]});
        let rewritten = json!({
            "Sid": "Put", "Effect": "Allow", "Action": ["DynamoDB:putitem"], "Resource": ["arn:x"]
        });
        check(&[put(), other.clone()], &[other.clone(), rewritten], &[]);
        let wider =
            json!({"Sid": "Put", "Effect": "Allow", "Action": "dynamodb:*", "Resource": "arn:x"});
        check(
            &[put(), other.clone()],
            &[wider, other],
            &[
                "- Allow dynamodb:PutItem on arn:x",
                "+ Allow dynamodb:* on arn:x",
            ],
        );
    }

    #[test]
    fn statements_that_differ_in_nothing_shown_are_told_apart() {
        let with_sid = |sid: &str| {
            let mut statement = put();
            statement["Sid"] = json!(sid);
            statement
        };
        check(
            &[put()],
            &[with_sid("Write")],
            &[
                "- Allow dynamodb:PutItem on arn:x (Sid Put)",
                "+ Allow dynamodb:PutItem on arn:x (Sid Write)",
            ],
        );
        let mut unknown = put();
        unknown["Other"] = json!(1);
        check(
            &[put()],
            &[unknown],
            &[
                r#"- {"Action":"dynamodb:PutItem","Effect":"Allow","Resource":"arn:x","Sid":"Put"}"#,
                r#"+ {"Action":"dynamodb:PutItem","Effect":"Allow","Other":1,"Resource":"arn:x","Sid":"Put"}"#,
            ],
        );
        let old = document(&[put()]).replace("2012-10-17", "2008-10-17");
        let versions = [
            r#"- {"Version":"2008-10-17"}"#,
            r#"+ {"Version":"2012-10-17"}"#,
        ];
        check_documents(Some(&old), Some(&document(&[put()])), &versions);
    }

    #[test]
    fn documents_may_be_absent_and_must_be_policies() {
        let line = "Allow dynamodb:PutItem on arn:x";
        check_documents(Some(&document(&[put()])), None, &[&format!("- {line}")]);
        check_documents(None, Some(&document(&[put()])), &[&format!("+ {line}")]);
        for other in ["on demand", "7", "{}", "[]", "\"\""] {
            assert_eq!(statement_changes(Some(other), None), None, "{other}");
        }
    }
}
