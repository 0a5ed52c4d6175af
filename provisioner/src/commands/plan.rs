//! Shows what `up` would do. Never writes.

use crate::aws::clients::Cloud;
use crate::cli::{self, Output};
use crate::commands::{Outcome, refusals, stack_args};
use crate::engine::inputs::Inputs;
use crate::engine::plan::{Blocked, Plan};
use crate::engine::plan_digest::PlanDigest;
use crate::engine::refresh::refresh;
use crate::engine::resource::{Scope, states};
use crate::error::Exit;
use crate::report::document;
use crate::report::graph;
use crate::report::plan::{self, View};
use crate::report::style::Style;
use crate::resources::release::live_version;
use crate::session::Session;

pub async fn run(flags: cli::Plan, cloud: &Cloud, session: &Session) -> Outcome {
    let declared = &flags.declared;
    let stack = stack_args::stack(declared, &cloud.build_target, session)?;
    let resources = stack.resources(cloud, stack_args::request(declared, session));
    let staleness = stack_args::staleness(session);
    let scope = Scope {
        resources: &resources,
        earlier: &stack.earlier(cloud),
    };
    let inventory = refresh(cloud, &session.stage, scope).await?;
    session.enter(&inventory.context, cloud)?;
    let artifact = stack_args::artifact(declared, &cloud.build_target, session).await?;
    let inputs = Inputs::new(&inventory, Some(&artifact));
    let consent = stack_args::consent(declared, &resources)?;
    let code = stack.function.wanted_code(&inputs);
    let code = code.as_ref().map(|code| &*code.sha256);
    let states = states(&resources, &inputs);
    refusals::check_drops(&consent, &states)?;
    let digest = PlanDigest::of(inputs.context(), code, &states, &consent);
    let plan = Plan::up(states, &consent).beside(&inventory.index);
    let view = View {
        inventory: &inventory,
        values: &stack_args::known_values(&stack, &inventory, session),
        verbose: session.verbose,
        takes_test_ride: !declared.skip_test_ride,
    };
    record_result(&plan, &digest, &view, session);

    // What `up` would refuse is shown with its hint, and fails.
    let settling = |blocked: &Blocked| matches!(blocked, Blocked::Settling(_));
    let refusals = refusals::refusals(plan.blocked().filter(|(_, blocked)| !settling(blocked)));
    let is_stale = stack_args::warn_if_stale(staleness, session).await;
    match session.output {
        Output::Text if flags.graph => session.text(&graph::mermaid(&plan)),
        Output::Text => {
            // "Nothing to do" would be wrong: this program does not know what is declared.
            if !(is_stale && plan.is_empty()) {
                session.text(&plan::text(&plan, &view, session.data_style));
            }
            session.text(&plan::consent(&plan, session.data_style));
            session.text(&format!("digest: {digest}\n"));
        }
        Output::Json => {
            let mut body = document::plan(&plan, &digest, &session.command_line);
            document::add_errors(&mut body, &refusals, &session.command_line);
            session.json(&document::document("plan", Some(&inventory.context), body));
        }
    }
    stack_args::report_remarks(&inventory, session);
    // A refusal is 4 with `--exit-code`, 1 without. What may not be read is denied in both cases.
    let is_denied = refusals.iter().any(|refusal| refusal.exit == Exit::Denied);
    let exit = match (flags.exit_code, refusals.is_empty()) {
        _ if is_denied => Exit::Denied,
        (true, false) => Exit::Refused,
        (false, false) => Exit::Failed,
        (true, true) if !plan.is_empty() => Exit::Changes,
        (true | false, true) => Exit::Done,
    };
    for refusal in refusals {
        session.report_error(refusal);
    }
    Ok(exit)
}

fn record_result(plan: &Plan, digest: &PlanDigest, view: &View<'_>, session: &Session) {
    let text = plan::diff(plan, view) + &plan::consent(plan, Style::PLAIN);
    session.recorder.planned(plan, Some(digest), text);
    let mut record = session.recorder.record_mut();
    record.changed = Some(!plan.is_empty());
    record.result = Some(plan::counts(plan));
    record.live_before = live_version(view.inventory).map(str::to_owned);
}
