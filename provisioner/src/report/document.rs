//! The JSON documents of `--output json`: one for each command, described in docs/json.md.

use serde_json::{Value, json};

use crate::engine::attribute::{Attribute, Difference, Value as Declared};
use crate::engine::observed::Context;
use crate::engine::plan::{Action, Blocked, Change, Plan};
use crate::error::Error;
use crate::hints::CommandLine;
use crate::policy::{Statement, StatementChanges, statement_changes};
use crate::report::render;

/// Raised with every change that could break a reader; additions do not count.
pub const VERSION: u32 = 1;

/// A document: `body` with the members that every document has.
pub fn document(command: &str, context: Option<&Context>, body: Value) -> Value {
    let mut document = json!({"version": VERSION, "command": command});
    if let Some(Context {
        partition: _,
        account,
        region,
        stage,
        caller: _,
    }) = context
    {
        document["target"] = json!({"account": account, "region": region, "stage": stage});
    }
    if let Value::Object(body) = body {
        for (key, value) in body {
            document[key] = value;
        }
    }
    document
}

pub fn plan(plan: &Plan, command_line: &CommandLine) -> Value {
    json!({
        "changed": !plan.is_empty(),
        "changes": plan.changes.iter().map(|c| change(c, command_line)).collect::<Vec<_>>(),
    })
}

fn change(change: &Change, command_line: &CommandLine) -> Value {
    let Change {
        id,
        action,
        after: _,
        note,
    } = change;
    let mut value = json!({"kind": id.kind, "name": id.name, "action": action.name()});
    match action {
        Action::Keep | Action::Delete(_) => {}
        Action::Create(attributes) => value["attributes"] = declared(attributes),
        Action::Update(found) | Action::Adopt(found) => value["differences"] = differences(found),
        Action::Replace(reason, attributes) => {
            value["reason"] = json!(reason);
            value["attributes"] = declared(attributes);
        }
        Action::Leave(left) => value["reason"] = json!(render::left(left)),
        Action::Blocked(blocked) => block(blocked, command_line, &mut value),
    }
    if let Some(note) = note {
        value["note"] = json!(note);
    }
    value
}

fn block(blocked: &Blocked, command_line: &CommandLine, value: &mut Value) {
    let (kind, reason) = match blocked {
        Blocked::Settling(status) => ("settling", status.clone()),
        Blocked::Broken(reason) => ("broken", reason.clone()),
        Blocked::Unmanaged {
            why,
            differences: found,
        } => {
            value["differences"] = differences(found);
            ("not-ours", why.to_string())
        }
        Blocked::UnknownOwner(why) => ("unknown", why.clone()),
        Blocked::Refused {
            difference,
            why,
            hint,
        } => {
            value["hint"] = json!(command_line.complete_hint(hint));
            value["differences"] = differences(std::slice::from_ref(difference));
            ("refused", why.clone())
        }
    };
    value["blocked"] = json!(kind);
    value["reason"] = json!(reason);
}

fn declared(attributes: &[Attribute]) -> Value {
    attributes
        .iter()
        .map(|Attribute { name, value, .. }| (name.to_string(), shown(value.as_ref())))
        .collect()
}

/// The value, or `null` if it is not compared or not declared.
fn shown(value: Option<&Declared>) -> Value {
    json!(value.map(Declared::to_string))
}

fn differences(differences: &[Difference]) -> Value {
    let documents = differences.iter().map(|difference| {
        let Difference {
            attribute,
            from,
            to,
            on_change: _,
            source,
        } = difference;
        let mut document = json!({
            "attribute": attribute.to_string(),
            "from": from,
            "to": shown(to.as_ref()),
            "source": source,
        });
        let to = to.as_ref().and_then(Declared::known);
        if let Some(changes) = statement_changes(from.as_deref(), to) {
            document["statements"] = statements(&changes);
        }
        document
    });
    documents.collect()
}

/// The statements of a policy, a line for each.
fn statements(StatementChanges { removed, added }: &StatementChanges) -> Value {
    let lines = |statements: &[Statement]| -> Vec<String> {
        statements.iter().map(Statement::to_string).collect()
    };
    json!({"removed": lines(removed), "added": lines(added)})
}

pub fn error(command: &str, errors: &[Error]) -> Value {
    let documents = errors.iter().map(|error| {
        let mut chain = error.chain();
        let message = chain.remove(0);
        json!({"message": message, "causes": chain, "hint": error.hint, "exit": error.exit.code()})
    });
    let errors: Vec<Value> = documents.collect();
    document(command, None, json!({"errors": errors}))
}
