//! Shows the values that settings and flags may replace, and where each comes from. Asks no cloud.

use serde_json::{Value, json};

use crate::artifact::BuildTarget;
use crate::cli::{Output, SettingFlags};
use crate::commands::stack_args;
use crate::error::{Error, Exit};
use crate::report::Event;
use crate::report::config::{self, Row};
use crate::report::document;
use crate::session::Session;
use crate::stack::declaration::Stack;
use crate::stack::setting::{Setting, Source};
use crate::stack::values::Values;
use crate::target::Target;

pub fn run(flags: &SettingFlags, session: &Session) -> Result<Exit, Error> {
    let layer = stack_args::layer(flags);
    let values = session.values(&layer)?;
    let target = match session.target {
        Target::Local(_) => BuildTarget::this_machine(),
        Target::Aws(_) => BuildTarget::lambda(values.arch.value),
    };
    let stack = session.stack(&layer, &target)?;
    stack.function.check_environment()?;
    if let Some(text) = stack_args::ignored_arch(&layer, &target, session)? {
        session.reporter.report(&Event::Warning { text: &text });
    }
    let rows = rows(values.on(target.arch), &stack);
    let policies = session.policies();
    match session.output {
        Output::Text => session.text(&config::text(&rows, policies)),
        Output::Json => {
            let mut body = config::json(&rows, policies);
            body["stage"] = json!(session.stage.as_str());
            session.json(&document::document("config", None, body));
        }
    }
    Ok(Exit::Done)
}

fn rows(values: Values, stack: &Stack) -> Vec<Row> {
    let Values {
        memory_mb,
        timeout_seconds,
        arch,
        retention_days,
        recovery_days,
        env: _,
        tags,
        table,
        role,
        function,
    } = values;
    let recovery = match recovery_days.value {
        Some(days) => (json!(days), "days"),
        None => (json!(false), ""),
    };
    let mut rows = vec![
        row("memory", json!(memory_mb.value), &memory_mb.source).with_unit("MB"),
        row(
            "timeout",
            json!(timeout_seconds.value),
            &timeout_seconds.source,
        )
        .with_unit("s"),
        row("architecture", json!(arch.value.as_str()), &arch.source),
        row(
            "retention-days",
            json!(retention_days.value),
            &retention_days.source,
        )
        .with_unit("days"),
        row("point-in-time-recovery", recovery.0, &recovery_days.source).with_unit(recovery.1),
    ];
    for (key, name) in [("table", table), ("role", role), ("function", function)] {
        rows.push(row(
            &format!("names.{key}"),
            json!(name.value),
            &name.source,
        ));
    }
    for (key, tag) in tags {
        rows.push(row(&format!("tags.{key}"), json!(tag.value), &tag.source));
    }
    for (key, variable) in &stack.function.env {
        let key = format!("environment.{key}");
        rows.push(row(&key, shown(variable), &variable.source));
    }
    rows
}

fn row(key: &str, value: Value, source: &Source) -> Row {
    Row {
        key: key.to_owned(),
        value,
        unit: "",
        source: source.clone(),
    }
}

/// The value of a variable may be a secret, unless it is the name of the table.
fn shown(variable: &Setting<String>) -> Value {
    match variable.source {
        Source::Default => json!(variable.value),
        Source::Manifest { .. } | Source::Flag(_) | Source::LocalCloud => Value::Null,
    }
}
