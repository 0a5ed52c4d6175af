//! Shows the deployed resources, their owner, their health, and whether they run this build.

use serde_json::json;

use crate::artifact;
use crate::aws::clients::Cloud;
use crate::cli::{self, Output};
use crate::engine::diff::diff;
use crate::engine::inputs::Inputs;
use crate::engine::observed::{Inventory, Observed};
use crate::engine::plan::ResourceState;
use crate::engine::refresh::refresh;
use crate::engine::resource::states;
use crate::error::{Error, Exit};
use crate::report::document;
use crate::report::status::{self, Build, Row};
use crate::resources::release::{self, live_version};
use crate::session::Session;
use crate::settings::Layer;
use crate::stack::resources::Request;

pub async fn run(flags: cli::Status, cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    let stack = session.stack(&Layer::default(), &cloud.build_target)?;
    let resources = stack.resources(cloud, Request::default());
    let inventory = refresh(cloud, &session.stage, &resources).await?;
    session.enter(&inventory.context, cloud)?;
    let built = match &session.workspace {
        Some(workspace) => artifact::built(workspace, &cloud.build_target)?,
        None => None,
    };
    let states = states(&resources, &Inputs::new(&inventory, built.as_ref()));
    let rows: Vec<Row> = states.into_iter().map(row).collect();
    let release = rows.iter().find(|row| row.id.kind == release::KIND);
    let build = match release {
        None => Build::NotLive,
        Some(release) if release.observed == Observed::Absent => Build::NotLive,
        Some(_) if built.is_none() => Build::Unknown,
        Some(release) if release.differs.is_empty() => Build::This,
        Some(_) => Build::Another,
    };
    let text = status::text(&rows, build);
    record_result(&text, build, &inventory, session);
    let problems = status::problems(&rows);
    match session.output {
        Output::Text => session.text(&text),
        Output::Json => {
            let body = json!({
                "resources": status::json(&rows),
                "build": build.text(),
                "problems": problems,
            });
            let context = Some(&inventory.context);
            session.json(&document::document("status", context, body));
        }
    }
    if !flags.check || problems.is_empty() {
        return Ok(Exit::Done);
    }
    let text = format!("the stack is not as declared:\n  {}", problems.join("\n  "));
    let hint = "`provision plan` shows what `up` would change";
    // In addition to the status, which is printed in every case.
    session.report_error(Error::failed(text).hint(hint));
    Ok(Exit::Failed)
}

fn record_result(text: &str, build: Build, inventory: &Inventory, session: &Session) {
    let mut record = session.recorder.record_mut();
    record.text = text.to_owned();
    record.result = Some(build.text().to_owned());
    record.live_before = live_version(inventory).map(str::to_owned);
}

fn row(state: ResourceState) -> Row {
    let ResourceState {
        id,
        desired,
        observed,
        ..
    } = state;
    let differences = observed.state().map(|state| diff(&desired, &state.facts));
    let differences = differences.into_iter().flatten();
    Row {
        differs: differences
            .map(|difference| difference.attribute.to_string())
            .collect(),
        is_proven: observed
            .state()
            .filter(|_| id.kind == release::KIND)
            .map(release::is_proven),
        id,
        observed,
    }
}
