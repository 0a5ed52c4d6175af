//! The JSON documents of `--output json`: one for each command, described in docs/json.md.

use std::time::Duration;

use serde_json::{Value, json};

use crate::engine::attribute::{Attribute, Difference, Name, Value as Declared};
use crate::engine::observed::{Context, ResourceId};
use crate::engine::plan::{Action, Blocked, Change, Plan};
use crate::engine::plan_digest::PlanDigest;
use crate::error::Error;
use crate::hints::CommandLine;
use crate::policy::{Statement, StatementChanges, statement_changes};
use crate::report::plan;
use crate::report::record::{Progress, Step};
use crate::report::recorder::Recorder;

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

/// A plan that is only shown.
pub fn plan(plan: &Plan, digest: &PlanDigest, command_line: &CommandLine) -> Value {
    json!({
        "changed": !plan.is_empty(),
        "planDigest": digest.to_string(),
        "confirmations": plan.confirmations(),
        "changes": plan.changes.iter().map(|c| change(c, command_line)).collect::<Vec<_>>(),
    })
}

/// What a run has done, and what it has not. Empty before there is a plan.
pub fn progress(recorder: &Recorder, command_line: &CommandLine) -> Value {
    let (record, now) = (recorder.record(), recorder.now());
    let Some(plan) = &record.plan else {
        return json!({});
    };
    let changes = plan.changes.iter().map(|planned| {
        let mut change = change(planned, command_line);
        if is_change(&planned.action) {
            let step = record.step(&planned.id);
            change["result"] = json!(result(step));
            change["seconds"] = step.map_or(Value::Null, |step| seconds(step.took(now)));
        }
        change
    });
    let changes: Vec<Value> = changes.collect();
    let mut times = json!({"total": seconds(record.total(now))});
    for (phase, took) in record.phases(now) {
        times[phase] = seconds(took);
    }
    let mut body = json!({"changed": !record.steps.is_empty()});
    if let Some(digest) = &record.digest {
        body["planDigest"] = json!(digest);
    }
    body["changes"] = json!(changes);
    body["seconds"] = times;
    body
}

/// ARNs by kind, and the live version. Of several resources of a kind, the first.
pub fn outputs(arns: &[(ResourceId, String)], version: Option<&str>) -> Value {
    let mut outputs = json!({});
    for (id, arn) in arns {
        let key = id.key();
        if outputs.get(&key).is_none() {
            outputs[key] = json!(arn);
        }
    }
    if let Some(version) = version {
        outputs["version"] = json!(version);
    }
    outputs
}

/// Every resource with its ARN, also where several are of one kind.
pub fn resources(arns: &[(ResourceId, String)]) -> Value {
    let resources = arns.iter();
    let resources =
        resources.map(|(id, arn)| json!({"kind": id.kind, "name": id.name, "arn": arn}));
    resources.collect()
}

fn is_change(action: &Action) -> bool {
    match action {
        Action::Create(_)
        | Action::Update(_)
        | Action::Adopt(_)
        | Action::Replace(..)
        | Action::Delete(_) => true,
        Action::Keep | Action::Leave(_) | Action::Blocked(_) => false,
    }
}

fn result(step: Option<&Step>) -> &'static str {
    match step.map(|step| step.progress) {
        None => "not-started",
        Some(Progress::Running) => "interrupted",
        Some(Progress::Done) => "done",
        Some(Progress::Failed) => "failed",
    }
}

/// Rounded to milliseconds.
fn seconds(duration: Duration) -> Value {
    json!((duration.as_secs_f64() * 1000.0).round() / 1000.0)
}

fn change(change: &Change, command_line: &CommandLine) -> Value {
    let Change {
        undeclared,
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
        Action::Leave(left) => value["reason"] = json!(plan::left(left)),
        Action::Blocked(blocked) => block(blocked, command_line, &mut value),
    }
    if let Some(note) = note {
        value["note"] = json!(note);
    }
    if !undeclared.is_empty() {
        value["undeclared"] = undeclared.iter().map(Name::part).collect();
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
            shown: _,
            widens,
        } = difference;
        let mut document = json!({
            "attribute": attribute.to_string(),
            "from": from,
            "to": shown(to.as_ref()),
            "source": source,
        });
        if *widens {
            document["widens"] = json!(true);
        }
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

/// A command line that cannot be parsed. Without a command there is no name to show.
pub fn usage_error(command: Option<&str>, error: &Error) -> Value {
    json!({"version": VERSION, "command": command, "errors": [document_of(error, error.hint.clone())]})
}

/// What a command that failed knew by then.
pub fn failed(
    command: &str,
    record: Option<&Recorder>,
    errors: &[Error],
    command_line: &CommandLine,
) -> Value {
    let mut body = match record {
        Some(recorder) => progress(recorder, command_line),
        None => json!({}),
    };
    add_errors(&mut body, errors, command_line);
    let record = record.map(Recorder::record);
    let context = record.as_ref().and_then(|record| record.context.as_ref());
    document(command, context, body)
}

/// The errors of a command, if it has any: beside its result.
pub fn add_errors(body: &mut Value, errors: &[Error], command_line: &CommandLine) {
    if errors.is_empty() {
        return;
    }
    let documents = errors.iter().map(|error| {
        let hint = error.hint.as_deref();
        let hint = hint.map(|hint| command_line.complete_hint(hint));
        document_of(error, hint)
    });
    body["errors"] = documents.collect();
}

fn document_of(error: &Error, hint: Option<String>) -> Value {
    let mut chain = error.chain();
    let message = chain.remove(0);
    json!({"message": message, "causes": chain, "hint": hint, "exit": error.exit.code()})
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{outputs, resources};
    use crate::engine::observed::ResourceId;

    #[test]
    fn two_resources_of_a_kind_are_both_there() {
        let arns = ["one", "two"].map(|name| (ResourceId::new("log group", name), name.to_owned()));
        assert_eq!(
            outputs(&arns, Some("7")),
            json!({"log-group": "one", "version": "7"})
        );
        assert_eq!(
            resources(&arns),
            json!([
                {"kind": "log group", "name": "one", "arn": "one"},
                {"kind": "log group", "name": "two", "arn": "two"},
            ])
        );
    }
}
