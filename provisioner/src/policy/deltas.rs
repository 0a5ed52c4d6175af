//! What changes within each statement of a policy: of a longer list of actions, only the new ones.

use serde_json::Value;

use super::canonical::canonical;
use super::coverage::is_covered;
use super::statements::{Statement, changed_statements, lines};

/// The changes of one statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementDelta {
    pub sid: Option<String>,
    pub removed: Vec<ChangedStatement>,
    pub added: Vec<ChangedStatement>,
}

/// A statement, or the part of one that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedStatement {
    pub statement: Statement,
    /// More may be allowed than before: it allows what no statement did, or it denied what no statement
    /// denies now.
    pub widens: bool,
}

/// Whether the change from one document to the other may allow more than before.
pub fn widens(from: Option<&str>, to: Option<&str>) -> bool {
    let deltas = statement_deltas(from, to).unwrap_or_default();
    let mut changed = deltas
        .iter()
        .flat_map(|delta| delta.removed.iter().chain(&delta.added));
    changed.any(|changed| changed.widens)
}

/// The members that may differ alone, so that only their difference is shown.
const LISTS: [&str; 2] = ["Action", "Resource"];

/// The changes from one document to the other, of which either may be absent. Empty if they mean the same;
/// `None` if one of them is not a policy document.
pub fn statement_deltas(from: Option<&str>, to: Option<&str>) -> Option<Vec<StatementDelta>> {
    let (removed, mut added) = changed_statements(from, to)?;
    let mut pairs: Vec<(Option<Value>, Option<Value>)> = Vec::new();
    for old in removed {
        let new = added.iter().position(|new| is_same_statement(&old, new));
        pairs.push((Some(old), new.map(|at| added.remove(at))));
    }
    match (&mut pairs[..], &mut added) {
        // The only one that is left takes the place of the only other one.
        ([(Some(_), new @ None)], added) if added.len() == 1 => *new = added.pop(),
        (_, added) => pairs.extend(added.drain(..).map(|new| (None, Some(new)))),
    }
    let documents = (statements(from), statements(to));
    let deltas = pairs.into_iter().map(|pair| delta(pair, &documents));
    Some(deltas.collect())
}

/// Whether both are the statement of one `Sid`.
fn is_same_statement(old: &Value, new: &Value) -> bool {
    let sid = |statement: &Value| sid(statement).map(str::to_owned);
    sid(old).is_some() && sid(old) == sid(new)
}

fn sid(statement: &Value) -> Option<&str> {
    statement.get("Sid")?.as_str().filter(|sid| !sid.is_empty())
}

fn delta(
    (old, new): (Option<Value>, Option<Value>),
    (before, after): &(Vec<Value>, Vec<Value>),
) -> StatementDelta {
    let sid = [&new, &old]
        .into_iter()
        .flatten()
        .find_map(sid)
        .map(str::to_owned);
    let lists = old
        .as_ref()
        .zip(new.as_ref())
        .and_then(|(old, new)| list_changes(old, new));
    let (removed, added) = lists.unwrap_or((old, new));
    let (removed, added) = (removed.as_slice(), added.as_slice());
    let changed = |statements: &[Value], others: &[Value], widens: &dyn Fn(&Value) -> bool| {
        let lines = lines(statements, others).into_iter().zip(statements);
        let changed = lines.map(|(statement, value)| ChangedStatement {
            statement,
            widens: widens(value),
        });
        changed.collect()
    };
    StatementDelta {
        sid,
        removed: changed(removed, added, &|statement| {
            statement["Effect"] == "Deny" && !is_covered(statement, after)
        }),
        added: changed(added, removed, &|statement| {
            let allows = match statement.get("Effect") {
                Some(effect) => effect != "Deny",
                // The version decides what `${…}` means. Other members mean nothing.
                None => statement.get("Version").is_some(),
            };
            allows && !is_covered(statement, before)
        }),
    }
}

/// The statements of a document, as they are written.
fn statements(document: Option<&str>) -> Vec<Value> {
    let document: Option<Value> = document.and_then(|text| serde_json::from_str(text).ok());
    match document
        .as_ref()
        .and_then(|document| document.get("Statement"))
    {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    }
}

/// The old and the new statement with only those entries of a list that the other one does not have, if they
/// differ in nothing but one list.
fn list_changes(old: &Value, new: &Value) -> Option<(Option<Value>, Option<Value>)> {
    LISTS.iter().find_map(|list| {
        let (old_entries, new_entries) = (entries(old, list)?, entries(new, list)?);
        if canonical_without(old, list) != canonical_without(new, list) {
            return None;
        }
        let is_in = |entries: &[Value], entry: &Value| {
            entries
                .iter()
                .any(|other| is_same_entry(list, other, entry))
        };
        let only = |statement: &Value, entries: &[Value], others: &[Value]| {
            let only = entries.iter().filter(|entry| !is_in(others, entry));
            let only: Vec<Value> = only.cloned().collect();
            (!only.is_empty()).then(|| {
                let mut statement = statement.clone();
                statement[*list] = Value::Array(only);
                statement
            })
        };
        Some((
            only(old, &old_entries, &new_entries),
            only(new, &new_entries, &old_entries),
        ))
    })
}

fn entries(statement: &Value, list: &str) -> Option<Vec<Value>> {
    match statement.get(list)? {
        Value::Array(entries) => Some(entries.clone()),
        Value::String(entry) => Some(vec![Value::String(entry.clone())]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn canonical_without(statement: &Value, list: &str) -> Value {
    let mut statement = statement.clone();
    statement[list] = Value::Null;
    canonical(&serde_json::json!({"Statement": statement}))
}

/// IAM ignores the case of actions.
fn is_same_entry(list: &str, one: &Value, other: &Value) -> bool {
    match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) if list == "Action" => one.eq_ignore_ascii_case(other),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ChangedStatement, statement_deltas, widens};

    fn write(actions: Value, resources: Value) -> Value {
        json!({"Sid": "Write", "Effect": "Allow", "Action": actions, "Resource": resources})
    }

    #[track_caller]
    fn check(from: &[Value], to: &[Value], expected: &[&str]) {
        let document =
            |statements| json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let (from, to) = (document(from), document(to));
        let deltas = statement_deltas(Some(&from), Some(&to)).expect("two documents");
        let lines = deltas.iter().flat_map(|delta| {
            let sid = delta.sid.as_deref().unwrap_or("no Sid");
            let line = move |sign: &str, changed: &ChangedStatement| {
                let mark = if changed.widens { " !" } else { "" };
                format!("{sid} {sign} {}{mark}", changed.statement)
            };
            let removed = delta.removed.iter().map(move |changed| line("-", changed));
            let added = delta.added.iter().map(move |changed| line("+", changed));
            removed.chain(added)
        });
        assert_eq!(lines.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn of_a_list_only_what_changes_is_shown() {
        let put = || write(json!("dynamodb:PutItem"), json!("arn:x"));
        check(
            &[put()],
            &[write(
                json!(["DynamoDB:putitem", "dynamodb:GetItem"]),
                json!(["arn:x"]),
            )],
            &["Write + Allow dynamodb:GetItem on arn:x !"],
        );
        check(
            &[write(json!(["a:A", "a:B"]), json!("*"))],
            &[write(json!(["a:C", "a:B"]), json!("*"))],
            &["Write - Allow a:A on *", "Write + Allow a:C on * !"],
        );
        check(
            &[put()],
            &[write(json!("dynamodb:PutItem"), json!(["arn:x", "arn:y"]))],
            &["Write + Allow dynamodb:PutItem on arn:y !"],
        );
    }

    #[test]
    fn a_statement_that_differs_in_more_is_shown_as_a_whole() {
        let put = || write(json!("dynamodb:PutItem"), json!("arn:x"));
        check(
            &[put()],
            &[write(json!("dynamodb:GetItem"), json!("arn:y"))],
            &[
                "Write - Allow dynamodb:PutItem on arn:x",
                "Write + Allow dynamodb:GetItem on arn:y !",
            ],
        );
        let mut conditional = put();
        conditional["Condition"] = json!({"Bool": {"aws:SecureTransport": "true"}});
        check(
            &[put()],
            &[conditional],
            &[
                "Write - Allow dynamodb:PutItem on arn:x",
                "Write + Allow dynamodb:PutItem on arn:x if aws:SecureTransport Bool true",
            ],
        );
        let mut other_sid = put();
        other_sid["Sid"] = json!("Put");
        check(
            &[put()],
            &[other_sid],
            &[
                "Put - Allow dynamodb:PutItem on arn:x (Sid Write)",
                "Put + Allow dynamodb:PutItem on arn:x (Sid Put)",
            ],
        );
    }

    #[test]
    fn a_removed_deny_and_another_version_widen() {
        let put = || write(json!("dynamodb:*"), json!("*"));
        let deny =
            json!({"Sid": "No", "Effect": "Deny", "Action": "dynamodb:Delete*", "Resource": "*"});
        check(
            &[put(), deny.clone()],
            &[put()],
            &["No - Deny dynamodb:Delete* on * !"],
        );
        check(
            &[put()],
            &[put(), deny.clone()],
            &["No + Deny dynamodb:Delete* on *"],
        );
        let mut wider = deny.clone();
        wider["Action"] = json!("dynamodb:*");
        check(
            &[deny],
            &[wider],
            &[
                "No - Deny dynamodb:Delete* on *",
                "No + Deny dynamodb:* on *",
            ],
        );
        let document = |version: &str, id: &str| {
            json!({"Version": version, "Id": id, "Statement": [put()]}).to_string()
        };
        let (old, new) = (document("2008-10-17", "a"), document("2012-10-17", "a"));
        assert!(widens(Some(&old), Some(&new)));
        assert!(!widens(Some(&old), Some(&document("2008-10-17", "b"))));
        assert!(widens(None, Some(&new)));
        assert!(!widens(Some(&new), None));
        assert!(!widens(Some("on"), Some("off")));
    }
}
