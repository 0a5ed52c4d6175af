//! Plan, apply, prove, switch.

use serde_json::{Value, json};

use crate::apply::{Resources, apply};
use crate::cli::{self, Declared, Output};
use crate::cloud::Cloud;
use crate::commands::{Outcome, declared};
use crate::error::Exit;
use crate::plan::Plan;
use crate::report::{Event, document, output};
use crate::resources::release;
use crate::session::Session;
use crate::stack::Stack;
use crate::survey::{Survey, closing_look, settled_survey};

pub async fn run(flags: cli::Up, session: &Session) -> Outcome {
    let flags = flags.declared;
    let cloud = session.connect(declared::declared_arch(&flags)).await?;
    let stack = declared::stack(&flags, &cloud.runs, session);
    let outcome = deploy(&flags, &stack, &cloud, session).await;
    cloud.guard.stop().await;
    outcome
}

/// The whole flow for a declared stack.
pub async fn deploy(flags: &Declared, stack: &Stack, cloud: &Cloud, session: &Session) -> Outcome {
    let code = declared::code(flags);
    let resources = stack.resources(cloud, &code, declared::run(flags, session));
    let survey = settled_survey(cloud, &session.stage, &resources, &session.wait).await?;
    session.enter(&survey.context, cloud)?;
    code.set(declared::artifact(flags, &cloud.runs, session).await?);
    let plan = Plan::up(survey.subjects(&resources), &declared::adopt(flags));
    session.reporter.report(&Event::Planned { plan: &plan });
    if code.other_compiler() {
        let text = "same source, other compiler: what is deployed stays; `--upload` replaces it";
        session.reporter.report(&Event::Info { text });
    }
    let refusals = declared::refusals(plan.blocked());
    if !refusals.is_empty() {
        return Err(refusals);
    }
    session.agree(&plan.consents())?;

    let survey = if plan.is_empty() {
        survey
    } else {
        let context = &survey.context;
        let errors = apply(
            &plan,
            &resources,
            context,
            &session.wait,
            &*session.reporter,
        )
        .await;
        if !errors.is_empty() {
            return Err(errors);
        }
        closing_look(&plan, cloud, &session.stage, &resources, &session.wait).await?
    };
    print_outputs(&plan, &survey, &resources, session);
    Ok(Exit::Done)
}

fn print_outputs(plan: &Plan, survey: &Survey, resources: &Resources, session: &Session) {
    let outputs = outputs(survey, resources);
    match session.output {
        Output::Text => {
            let told = outputs
                .iter()
                .map(|(key, value)| format!("{key:13} {value}\n"));
            output::text(&told.collect::<String>());
            let mut text = "try next:".to_owned();
            for command in ["invoke --at 47.61,-122.33", "rides", "status"] {
                let command = format!("provision {command}");
                text.push_str(&format!(
                    "\n  {}",
                    session.command_line.on_this_stack(&command)
                ));
            }
            session.reporter.report(&Event::Info { text: &text });
        }
        Output::Json => {
            let mut body = document::plan(plan, &session.command_line);
            body["outputs"] = outputs
                .into_iter()
                .map(|(key, value)| (key, json!(value)))
                .collect::<Value>();
            output::json(&document::document("up", Some(&survey.context), body));
        }
    }
}

/// ARNs by kind, and the live version.
fn outputs(survey: &Survey, resources: &Resources) -> Vec<(String, String)> {
    let arns = resources.iter().map(|resource| {
        (
            resource.id().kind.replace(' ', "-"),
            resource.arn(&survey.context),
        )
    });
    let mut outputs: Vec<(String, String)> = arns.collect();
    let release = survey
        .of(resources, release::KIND)
        .and_then(|observed| observed.seen());
    if let Some(version) = release.and_then(|seen| seen.detail("version")) {
        outputs.push(("version".to_owned(), version.to_owned()));
    }
    outputs
}
