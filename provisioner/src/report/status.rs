//! The output of `status` as text and JSON.

use serde_json::{Value, json};

use super::columns::columns;
use super::escape;
use super::plan::left;
use crate::engine::observed::{
    Condition, Observed, ObservedState, Ownership, ResourceId, Undeclared,
};
use crate::resources::release::{PROOF, SERVES};

pub struct Row {
    pub id: ResourceId,
    pub observed: Observed,
    /// The attributes that are not as declared.
    pub differs: Vec<String>,
    /// Of a release alone: whether the live version passed its test ride.
    pub is_proven: Option<bool>,
}

/// Whether `live` runs the build of this directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    NotLive,
    /// There is no build in this directory.
    Unknown,
    This,
    /// Its code, in a version with another memory, other variables and the like.
    OtherConfiguration,
    /// Its code and configuration, but what a test ride depends on has changed since, or there was none.
    Unproven,
    Another,
}

impl Build {
    pub fn text(self) -> &'static str {
        match self {
            Build::NotLive => "no version is live",
            Build::Unknown => "unknown (this directory has none to compare with)",
            Build::This => "live runs this build, which passed its test ride",
            Build::OtherConfiguration => "live runs this build, with another configuration",
            Build::Unproven => {
                "live runs this build, without a passed test ride of what is declared"
            }
            Build::Another => "live runs another build",
        }
    }
}

fn owner(observed: &Observed) -> String {
    match observed.state().map(|state| &state.ownership) {
        None => "-".to_owned(),
        Some(Ownership::Managed) => "managed".to_owned(),
        Some(Ownership::Unmanaged(why)) => format!("not managed ({why})"),
        Some(Ownership::Unknown(why)) => format!("unknown ({why})"),
    }
}

fn health(observed: &Observed) -> String {
    observed.state().map_or("absent".to_owned(), condition)
}

fn condition(state: &ObservedState) -> String {
    match &state.condition {
        Condition::Ready => "healthy".to_owned(),
        Condition::Settling(status) => status.clone(),
        Condition::Broken(reason) | Condition::FailedAtCreation(reason) => {
            format!("broken: {reason}")
        }
    }
}

fn details(observed: &Observed) -> impl Iterator<Item = (&'static str, &str)> {
    let details = observed.state().map(|state| state.details.iter());
    let details = details.into_iter().flatten();
    details.map(|(key, value)| (*key, value.as_str()))
}

/// Why `status --check` fails, a line for each reason.
pub fn problems(rows: &[Row], undeclared: &[Undeclared]) -> Vec<String> {
    let undeclared = undeclared.iter();
    let undeclared = undeclared.map(|one| format!("{} is no longer declared", one.id));
    rows.iter()
        .flat_map(row_problems)
        .chain(undeclared)
        .collect()
}

fn row_problems(row: &Row) -> Vec<String> {
    let Row {
        id,
        observed,
        differs,
        is_proven,
    } = row;
    let state = observed.state();
    let mut problems = Vec::new();
    if state.is_none_or(|state| state.condition != Condition::Ready) {
        problems.push(format!("{id}: {}", health(observed)));
    }
    if state.is_some_and(|state| state.ownership != Ownership::Managed) {
        problems.push(format!("{id}: {}", owner(observed)));
    }
    if !differs.is_empty() {
        problems.push(format!("{id} differs: {}", in_words(differs)));
    }
    if *is_proven == Some(false) {
        problems.push(format!("{id}: the live version has not passed a test ride"));
    }
    problems
}

/// The attributes, with words for those of a release that are digests.
fn in_words(differs: &[String]) -> String {
    let words = differs.iter().map(|name| match name.as_str() {
        SERVES => "code or configuration",
        PROOF => "what its test ride proved",
        name => name,
    });
    words.collect::<Vec<_>>().join(", ")
}

pub fn text(rows: &[Row], undeclared: &[Undeclared], build: Build) -> String {
    let declared = rows.iter().map(|row| {
        // Of what is not managed, `plan` shows what an adoption would change.
        let state = row.observed.state();
        let is_managed = state.is_some_and(|state| state.ownership == Ownership::Managed);
        let differs = match &row.differs[..] {
            differs if is_managed && !differs.is_empty() => {
                format!("; differs: {}", in_words(differs))
            }
            _ => String::new(),
        };
        let owner = owner(&row.observed) + &differs;
        [row.id.to_string(), health(&row.observed), owner]
    });
    let undeclared = undeclared.iter().map(undeclared_cells);
    let lines = columns(&declared.chain(undeclared).collect::<Vec<_>>());
    let mut lines = lines.lines();
    let mut text = String::new();
    for (row, line) in rows.iter().zip(&mut lines) {
        text.push_str(&format!("{line}\n"));
        for (key, value) in details(&row.observed) {
            text.push_str(&format!("    {key} {value}\n"));
        }
    }
    text.extend(lines.map(|line| format!("{line}\n")));
    text.push_str(&format!("build: {}\n", build.text()));
    escape::foreign(&text).into_owned()
}

/// The name, the health, and what is to be said of a resource that is no longer declared.
fn undeclared_cells(one: &Undeclared) -> [String; 3] {
    let health = one.state().map_or("unknown".to_owned(), condition);
    [one.id.to_string(), health, left(&one.into())]
}

pub fn json(rows: &[Row]) -> Value {
    rows.iter().map(json_row).collect()
}

pub fn undeclared_json(undeclared: &[Undeclared]) -> Value {
    let undeclared = undeclared.iter().map(|one| {
        let [_, health, reason] = undeclared_cells(one);
        json!({"kind": one.id.kind, "name": one.id.name, "health": health, "reason": reason})
    });
    undeclared.collect()
}

fn json_row(row: &Row) -> Value {
    let Row {
        id,
        observed,
        differs,
        is_proven: _,
    } = row;
    let details = details(observed).map(|(key, value)| (key, json!(value)));
    json!({
        "kind": id.kind,
        "name": id.name,
        "owner": owner(observed),
        "health": health(observed),
        "differs": differs,
        "details": details.collect::<Value>(),
    })
}
