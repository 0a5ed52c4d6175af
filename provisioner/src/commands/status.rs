//! What is there, whose it is, whether it is healthy and whether it runs this build.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::artifact;
use crate::cli::Output;
use crate::diff::diff;
use crate::error::{Error, Exit};
use crate::report::{document, output};
use crate::resource::{Condition, Observed, Ownership};
use crate::resources::code::Code;
use crate::session::{Session, arch};
use crate::stack::{Run, Stack};
use crate::survey::survey;

pub async fn run(session: &Session) -> Result<Exit, Error> {
    let cloud = session.connect(arch(None)).await?;
    let code = Rc::new(Code::default());
    let stack = Stack::for_stage(&session.stage, cloud.runs.arch);
    let resources = stack.resources(&cloud, &code, Run::default());
    let survey = survey(&cloud, &session.stage, &resources).await?;
    session.enter(&survey.context, &cloud)?;
    let built = match &session.workspace {
        Some(workspace) => artifact::built(workspace, &cloud.runs)?,
        None => None,
    };
    let known = built.is_some();
    if let Some(artifact) = built {
        code.set(artifact);
    }
    let rows: Vec<Row> = survey
        .subjects(&resources)
        .into_iter()
        .map(|subject| {
            let differs = match &subject.observed {
                Observed::Absent => Vec::new(),
                Observed::Present(seen) => {
                    let found = diff(&subject.desired, &seen.facts);
                    found
                        .into_iter()
                        .map(|difference| difference.attribute)
                        .collect()
                }
            };
            Row {
                kind: subject.id.kind,
                name: subject.id.name,
                owner: owner(&subject.observed),
                health: health(&subject.observed),
                differs,
                details: subject
                    .observed
                    .seen()
                    .map_or(Vec::new(), |seen| seen.details.clone()),
            }
        })
        .collect();
    let build = build(known, &rows);
    match session.output {
        Output::Text => output::text(&text(&rows, build)),
        Output::Json => {
            let resources: Vec<Value> = rows.iter().map(json_row).collect();
            let body = json!({"resources": resources, "build": build});
            output::json(&document::document("status", Some(&survey.context), body));
        }
    }
    cloud.guard.stop().await;
    Ok(Exit::Done)
}

struct Row {
    kind: &'static str,
    name: String,
    owner: String,
    health: String,
    differs: Vec<String>,
    details: Vec<(&'static str, String)>,
}

fn owner(observed: &Observed) -> String {
    match observed.seen().map(|seen| &seen.ownership) {
        None => "-".to_owned(),
        Some(Ownership::Ours) => "ours".to_owned(),
        Some(Ownership::Foreign(why)) => format!("not ours ({why})"),
        Some(Ownership::Unknown(why)) => format!("unknown ({why})"),
    }
}

fn health(observed: &Observed) -> String {
    match observed.seen().map(|seen| &seen.condition) {
        None => "absent".to_owned(),
        Some(Condition::Ready) => "healthy".to_owned(),
        Some(Condition::Settling(status)) => status.clone(),
        Some(Condition::Broken(reason) | Condition::FailedAtCreation(reason)) => {
            format!("broken: {reason}")
        }
    }
}

/// Whether `live` runs what is built here.
fn build(known: bool, rows: &[Row]) -> &'static str {
    let release = rows
        .iter()
        .find(|row| row.kind == crate::resources::release::KIND);
    match (known, release) {
        (_, None) => "no release",
        (_, Some(release)) if release.health == "absent" => "nothing is live",
        (false, _) => "unknown (not built)",
        (true, Some(release)) if release.differs.is_empty() => "live runs this build, proven",
        (true, _) => "live runs another build, or this one unproven",
    }
}

fn text(rows: &[Row], build: &str) -> String {
    let mut text = String::new();
    for Row {
        kind,
        name,
        owner,
        health,
        differs,
        details,
    } in rows
    {
        let id = format!("{kind} {name}");
        text.push_str(&format!("{id:42} {health:10} {owner}"));
        if !differs.is_empty() {
            text.push_str(&format!("; differs: {}", differs.join(", ")));
        }
        text.push('\n');
        for (key, value) in details {
            text.push_str(&format!("    {key} {value}\n"));
        }
    }
    text.push_str(&format!("build: {build}\n"));
    text
}

fn json_row(row: &Row) -> Value {
    let Row {
        kind,
        name,
        owner,
        health,
        differs,
        details,
    } = row;
    let details: Value = details
        .iter()
        .map(|(key, value)| (*key, json!(value)))
        .collect();
    json!({
        "kind": kind,
        "name": name,
        "owner": owner,
        "health": health,
        "differs": differs,
        "details": details,
    })
}
