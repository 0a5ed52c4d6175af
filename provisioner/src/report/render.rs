//! Plans and errors as text: a value in, a `String` out.

use std::fmt::Write as _;
use std::time::Duration;

use crate::engine::attribute::{Attribute, Difference, TAG, Value};
use crate::engine::observed::Context;
use crate::engine::plan::{Action, Blocked, Change, Left, Plan};
use crate::error::Error;
use crate::policy::{Statement, StatementChanges, statement_changes};
use crate::report::escape::{foreign, value};
use crate::report::style::Style;

/// Values of up to this many bytes share a line; longer ones get lines of their own.
const SHORT: usize = 56;

pub fn target(context: &Context, endpoints: &[String]) -> String {
    let Context {
        partition: _,
        account,
        region,
        stage,
        caller: _,
    } = context;
    let mut text = format!("account {account}, region {region}, stage {stage}");
    for endpoint in endpoints {
        let _ = write!(text, ", endpoint {endpoint}");
    }
    text
}

pub fn plan(plan: &Plan, style: Style) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        text.push_str(&self::change(change, style));
    }
    text.push_str(&summary(plan));
    text.push('\n');
    text
}

fn change(change: &Change, style: Style) -> String {
    let Change {
        id,
        action,
        after: _,
        note,
    } = change;
    let mut text = match action {
        Action::Keep => return String::new(),
        Action::Create(attributes) => {
            format!("{} {id}\n{}", style.green("+"), declared(attributes, style))
        }
        Action::Update(found) => {
            format!("{} {id}\n{}", style.yellow("~"), differences(found, style))
        }
        Action::Adopt(found) => {
            format!(
                "{} {id} (adopt)\n{}",
                style.yellow("~"),
                differences(found, style)
            )
        }
        Action::Replace(reason, attributes) => {
            format!(
                "{} {id} ({reason})\n{}",
                style.red("±"),
                declared(attributes, style)
            )
        }
        Action::Delete(_) => format!("{} {id}\n", style.red("-")),
        Action::Leave(why) => format!("{} {id} ({})\n", style.dim("="), left(why)),
        Action::Blocked(why) => format!("{} {id}: {}", style.red("!"), blocked(why, style)),
    };
    if let Some(note) = note {
        let _ = writeln!(text, "    note: {note}");
    }
    text
}

/// The attributes of a resource to create. Its tags share a line: four of them are on every kind.
fn declared(attributes: &[Attribute], style: Style) -> String {
    let mut text = String::new();
    let mut tags = Vec::new();
    for Attribute { name, value, .. } in attributes {
        match (name.key_in(TAG), value) {
            (Some(key), Some(value)) => tags.push(format!("{key}={value}")),
            (None, Some(value)) => match statements(None, Some(value), style) {
                Some(lines) => text.push_str(&format!("    {name}:\n{lines}")),
                None => text.push_str(&format!("    {name}: {value}\n")),
            },
            (_, None) => {}
        }
    }
    if !tags.is_empty() {
        let _ = writeln!(text, "    tags: {}", tags.join(" "));
    }
    text
}

fn differences(differences: &[Difference], style: Style) -> String {
    let differences = differences.iter();
    differences.map(|found| difference(found, style)).collect()
}

fn difference(difference: &Difference, style: Style) -> String {
    let Difference {
        attribute,
        from,
        to,
        on_change: _,
        source,
    } = difference;
    let source = source
        .as_ref()
        .map(|source| format!(" ({source})"))
        .unwrap_or_default();
    if let Some(lines) = statements(from.as_deref(), to.as_ref(), style) {
        let removed = if to.is_none() {
            " removed (not declared)"
        } else {
            ""
        };
        return format!("    {attribute}:{removed}{source}\n{lines}");
    }
    let from = from.as_deref().map(value);
    match (from, to.as_ref().map(|to| to.to_string())) {
        (Some(from), Some(to)) if from.len().max(to.len()) <= SHORT => {
            format!("    {attribute}: {from} → {to}{source}\n")
        }
        (Some(from), Some(to)) => {
            format!("    {attribute}:{source}\n      - {from}\n      + {to}\n")
        }
        (None, Some(to)) => format!("    {attribute}: absent → {to}{source}\n"),
        (Some(from), None) => format!("    {attribute}: {from} → removed (not declared)\n"),
        (None, None) => String::new(),
    }
}

/// The statements that a policy gains and loses. `None` if the values are not two policies that differ.
fn statements(from: Option<&str>, to: Option<&Value>, style: Style) -> Option<String> {
    let to = match to {
        Some(to) => Some(to.known()?),
        None => None,
    };
    let StatementChanges { removed, added } = statement_changes(from, to)?;
    let removed = removed.iter().map(|line| (style.red("-"), line));
    let added = added.iter().map(|line| (style.green("+"), line));
    let lines = removed.chain(added);
    let text: String = lines
        .map(|(sign, line)| statement(&sign, line, style))
        .collect();
    (!text.is_empty()).then_some(text)
}

/// One line, or one for each part if the terminal is narrower.
fn statement(sign: &str, statement: &Statement, style: Style) -> String {
    const INDENT: usize = 6;
    let line = value(&statement.to_string()).into_owned();
    let width = INDENT + 2 + line.chars().count();
    if style.columns.is_none_or(|columns| width <= columns) {
        return format!("{:INDENT$}{sign} {line}\n", "");
    }
    let parts: Vec<_> = statement.parts.iter().map(|part| value(part)).collect();
    let next_line = format!("\n{:1$}", "", INDENT + 4);
    format!("{:INDENT$}{sign} {}\n", "", parts.join(&next_line))
}

fn blocked(blocked: &Blocked, style: Style) -> String {
    match blocked {
        Blocked::Settling(status) => format!("{status}; `up` waits until that is over\n"),
        Blocked::Broken(reason) => format!("{reason}\n"),
        Blocked::Unmanaged {
            why,
            differences: found,
        } => {
            let effect = if found.is_empty() {
                "adopting it would change nothing"
            } else {
                "adopting it would change:"
            };
            let found = differences(found, style);
            format!("not managed by provision ({why}); {effect}\n{found}")
        }
        Blocked::UnknownOwner(why) => {
            format!("cannot determine ownership: {}\n", value(why))
        }
        Blocked::Refused {
            difference: found,
            why,
            hint: _,
        } => format!("{why}\n{}", difference(found, style)),
    }
}

/// Why `down` keeps a resource.
pub fn left(left: &Left) -> String {
    match left {
        Left::KeepData => "kept because of --keep-data".to_owned(),
        Left::Unmanaged(why) => format!("not managed by provision: {why}"),
        Left::WithUnmanaged(id) => format!("{id} is not managed by provision"),
    }
}

/// `2 to create, 1 to update`, or `nothing to do`.
pub fn summary(plan: &Plan) -> String {
    let count = |wanted: fn(&Action) -> bool| {
        plan.changes
            .iter()
            .filter(|change| wanted(&change.action))
            .count()
    };
    let counts = [
        (
            count(|action| matches!(action, Action::Create(_))),
            "to create",
        ),
        (
            count(|action| matches!(action, Action::Adopt(_))),
            "to adopt",
        ),
        (
            count(|action| matches!(action, Action::Update(_))),
            "to update",
        ),
        (
            count(|action| matches!(action, Action::Replace(..))),
            "to replace",
        ),
        (
            count(|action| matches!(action, Action::Delete(_))),
            "to delete",
        ),
        (
            count(|action| matches!(action, Action::Blocked(_))),
            "blocked",
        ),
    ];
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() {
        "nothing to do".to_owned()
    } else {
        parts.join(", ")
    }
}

/// The error, its causes and its hint.
pub fn error(error: &Error, style: Style) -> String {
    let mut chain = error.chain().into_iter();
    let mut text = format!(
        "{} {}\n",
        style.red("error:"),
        foreign(&chain.next().unwrap_or_default())
    );
    for cause in chain {
        let _ = writeln!(text, "  because: {}", foreign(&cause));
    }
    if let Some(hint) = &error.hint {
        let _ = writeln!(text, "{} {hint}", style.bold("hint:"));
    }
    text
}

/// `12 s`, `0.4 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{seconds:.0} s")
    }
}

#[cfg(test)]
mod tests {
    use super::{error, plan};
    use crate::engine::attribute::{Attribute, Difference, Name, OnChange};
    use crate::engine::observed::ResourceId;
    use crate::engine::plan::{Action, Change, Plan};
    use crate::error::Error;
    use crate::report::style::Style;

    fn check(action: Action, expected: &str) {
        let id = ResourceId::new("function", "F");
        let change = Change {
            id,
            action,
            after: Vec::new(),
            note: None,
        };
        assert_eq!(
            plan(
                &Plan {
                    changes: vec![change]
                },
                Style::PLAIN
            ),
            expected
        );
    }

    fn difference(from: Option<&str>, to: Option<&str>) -> Difference {
        Difference {
            attribute: "memory".into(),
            from: from.map(str::to_owned),
            to: to.map(Into::into),
            on_change: OnChange::Update,
            source: to.map(|_| "declared; no --memory".to_owned()),
        }
    }

    #[test]
    fn a_plan_shows_changes_and_the_source_of_each_value() {
        check(Action::Keep, "nothing to do\n");
        check(
            Action::Create(vec![Attribute::new("memory", "128 MB")]),
            "+ function F\n    memory: 128 MB\n1 to create\n",
        );
        check(
            Action::Update(vec![difference(Some("512 MB"), Some("128 MB"))]),
            "~ function F\n    memory: 512 MB → 128 MB (declared; no --memory)\n1 to update\n",
        );
        check(
            Action::Update(vec![difference(Some("512 MB"), None)]),
            "~ function F\n    memory: 512 MB → removed (not declared)\n1 to update\n",
        );
    }

    fn policy(action: &str) -> String {
        format!(
            r#"{{"Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"arn:aws:dynamodb:eu-west-1:123456789012:table/Rides"}}]}}"#
        )
    }

    #[test]
    fn a_policy_is_shown_by_its_statements() {
        let wider = Difference {
            attribute: Name::entry("policy", "Write"),
            from: Some(policy("dynamodb:*")),
            to: Some(policy("dynamodb:PutItem").into()),
            on_change: OnChange::Update,
            source: None,
        };
        let table = "on arn:aws:dynamodb:eu-west-1:123456789012:table/Rides";
        let shown = format!(
            "~ function F\n    policy Write:\n      - Allow dynamodb:* {table}\n      \
             + Allow dynamodb:PutItem {table}\n1 to update\n"
        );
        check(Action::Update(vec![wider.clone()]), &shown);
        let removed = Difference {
            to: None,
            ..wider.clone()
        };
        let shown = format!(
            "~ function F\n    policy Write: removed (not declared)\n      \
             - Allow dynamodb:* {table}\n1 to update\n"
        );
        check(Action::Update(vec![removed]), &shown);
        let created = Attribute::new(Name::entry("policy", "Write"), policy("dynamodb:PutItem"));
        let shown = format!(
            "+ function F\n    policy Write:\n      + Allow dynamodb:PutItem {table}\n1 to create\n"
        );
        check(Action::Create(vec![created]), &shown);
        // A narrow terminal.
        for (columns, lines) in [(60, 4), (80, 3), (120, 2)] {
            let style = Style {
                columns: Some(columns),
                ..Style::PLAIN
            };
            let text = super::difference(&wider, style);
            assert_eq!(text.lines().count(), 1 + lines, "{text}");
            assert!(text.lines().all(|line| line.len() <= columns + 4), "{text}");
        }
    }

    #[test]
    fn an_error_shows_each_cause_once_and_the_hint() {
        let inner = Error::failed("inner");
        let outer = Error::failed("outer").because(inner).hint("try `x`");
        assert_eq!(
            error(&outer, Style::PLAIN),
            "error: outer\n  because: inner\nhint: try `x`\n"
        );
    }
}
