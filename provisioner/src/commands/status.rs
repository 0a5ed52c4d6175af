//! Shows the deployed resources, their owner, their health, and whether they run this build.

use serde_json::json;

use crate::artifact;
use crate::aws::clients::Cloud;
use crate::cli::{self, Output};
use crate::engine::diff::diff;
use crate::engine::inputs::Inputs;
use crate::engine::observed::{Inventory, Ownership, Unmanaged};
use crate::engine::plan::ResourceState;
use crate::engine::refresh::refresh;
use crate::engine::resource::{Scope, states};
use crate::error::{Error, Exit, NO_STACK};
use crate::report::status::{self, Build, Row};
use crate::report::wrap::wrapped;
use crate::report::{Event, document};
use crate::resources::function::code::LIVE_CODE;
use crate::resources::release::{self, SERVES, live_version};
use crate::session::Session;
use crate::settings::Layer;
use crate::stack::resources::Request;

pub async fn run(flags: cli::Status, cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    let stack = session.stack(&Layer::default(), &cloud.build_target)?;
    let resources = stack.resources(cloud, Request::default());
    let scope = Scope {
        resources: &resources,
        earlier: &stack.earlier(cloud),
    };
    let inventory = refresh(cloud, &session.stage, scope).await?;
    session.enter(&inventory.context, cloud)?;
    let built = match &session.workspace {
        Some(workspace) => artifact::built(workspace, &cloud.build_target)?,
        None => None,
    };
    let inputs = Inputs::new(&inventory, built.as_ref());
    let states = states(&resources, &inputs);
    let rows: Vec<Row> = states.into_iter().map(row).collect();
    let release = rows.iter().find(|row| row.id.kind == release::KIND);
    let wanted = stack.function.wanted_code(&inputs);
    let wanted = wanted.as_ref().map(|code| &*code.sha256);
    let build = release.map_or(Build::NotLive, |release| build_of(release, wanted));
    let undeclared = &inventory.index.undeclared;
    let text = status::text(&rows, undeclared, build);
    record_result(&text, build, &inventory, session);
    let problems = status::problems(&rows, undeclared);
    match session.output {
        Output::Text => session.text(&text),
        Output::Json => {
            let body = json!({
                "resources": status::json(&rows),
                "undeclared": status::undeclared_json(undeclared),
                "build": build.text(),
                "problems": problems,
            });
            let context = Some(&inventory.context);
            session.json(&document::document("status", context, body));
        }
    }
    hint_at_stack(&rows, session);
    if !flags.check || problems.is_empty() {
        return Ok(Exit::Done);
    }
    let text = format!("the stack is not as declared:\n  {}", problems.join("\n  "));
    let hint = "`provision plan` shows what `up` would change";
    // In addition to the status, which is printed in every case.
    session.report_error(Error::failed(text).hint(hint));
    Ok(Exit::Failed)
}

/// Says where the stack is, if a role that all regions share tells, or how to deploy one.
fn hint_at_stack(rows: &[Row], session: &Session) {
    let mut states = rows.iter().filter_map(|row| row.observed.state());
    let region = states.find_map(|state| match &state.ownership {
        Ownership::Unmanaged(Unmanaged::InRegion(region)) => Some(region),
        _ => None,
    });
    let is_absent = rows.iter().all(|row| row.observed.state().is_none());
    let hint = match region {
        Some(region) => format!("the stack is in {region}: `… --region {region}`"),
        None if is_absent => NO_STACK.to_owned(),
        None => return,
    };
    let hint = session.command_line.complete_hint(&hint);
    let text = format!("{} {hint}", session.style.bold("hint:"));
    let text = &wrapped(&text, session.style.columns);
    session.reporter.report(&Event::Info { text });
}

/// What the live version runs, compared with the code that a build of this directory would deploy.
fn build_of(release: &Row, wanted: Option<&str>) -> Build {
    let Some(state) = release.observed.state() else {
        return Build::NotLive;
    };
    let code = state.outputs.get(LIVE_CODE).map(String::as_str);
    let differs = |name: &str| release.differs.iter().any(|differs| differs == name);
    match wanted {
        None => Build::Unknown,
        Some(_) if release.differs.is_empty() => Build::This,
        Some(_) if code != wanted => Build::Another,
        Some(_) if differs(SERVES) => Build::OtherConfiguration,
        Some(_) => Build::Unproven,
    }
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

#[cfg(test)]
mod tests {
    use super::{LIVE_CODE, build_of};
    use crate::engine::observed::{
        Condition, Facts, Observed, ObservedState, Outputs, Ownership, ResourceId,
    };
    use crate::report::status::{Build, Row};

    #[test]
    fn the_code_the_configuration_and_the_proof_are_told_apart() {
        let live = |differs: &[&str]| Row {
            id: ResourceId::new("release", "F:live"),
            observed: Observed::Present(ObservedState {
                ownership: Ownership::Managed,
                condition: Condition::Ready,
                facts: Facts::default(),
                details: Vec::new(),
                outputs: Outputs::from([(LIVE_CODE.to_owned(), "x".to_owned())]),
            }),
            differs: differs.iter().map(|name| (*name).to_owned()).collect(),
            is_proven: Some(true),
        };
        for (differs, wanted, expected) in [
            (&[][..], Some("x"), Build::This),
            (
                &["serves", "proof"][..],
                Some("x"),
                Build::OtherConfiguration,
            ),
            (&["proof"][..], Some("x"), Build::Unproven),
            (&["serves", "proof"][..], Some("y"), Build::Another),
            (&[][..], None, Build::Unknown),
        ] {
            assert_eq!(build_of(&live(differs), wanted), expected, "{differs:?}");
        }
        let absent = Row {
            observed: Observed::Absent,
            ..live(&[])
        };
        assert_eq!(build_of(&absent, Some("x")), Build::NotLive);
    }
}
