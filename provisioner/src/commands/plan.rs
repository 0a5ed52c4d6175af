//! What `up` would do. Never writes.

use crate::cli::{self, Output};
use crate::commands::{Outcome, declared};
use crate::error::Exit;
use crate::plan::{Blocked, Plan};
use crate::report::{document, output, render};
use crate::session::Session;
use crate::survey::survey;

pub async fn run(flags: cli::Plan, session: &Session) -> Outcome {
    let cloud = session
        .connect(declared::declared_arch(&flags.declared))
        .await?;
    let code = declared::code(&flags.declared);
    let stack = declared::stack(&flags.declared, &cloud.runs, session);
    let resources = stack.resources(&cloud, &code, declared::run(&flags.declared, session));
    let survey = survey(&cloud, &session.stage, &resources).await?;
    session.enter(&survey.context, &cloud)?;
    code.set(declared::artifact(&flags.declared, &cloud.runs, session).await?);
    let plan = Plan::up(
        survey.subjects(&resources),
        &declared::adopt(&flags.declared),
    );

    match session.output {
        Output::Text => output::text(&render::plan(&plan, output::style(session.style))),
        Output::Json => {
            let body = document::plan(&plan, &session.command_line);
            output::json(&document::document("plan", Some(&survey.context), body));
        }
    }
    cloud.guard.stop().await;
    // What `up` would refuse is told with its way out, and fails a check of the plan.
    let settling = |blocked: &Blocked| matches!(blocked, Blocked::Settling(_));
    let refusals = declared::refusals(plan.blocked().filter(|(_, blocked)| !settling(blocked)));
    let exit = match (flags.exit_code, refusals.is_empty()) {
        (true, false) => Exit::Refused,
        (true, true) if !plan.is_empty() => Exit::Changes,
        (true, true) | (false, _) => Exit::Done,
    };
    for refusal in refusals {
        session.tell(refusal);
    }
    Ok(exit)
}
