//! What `up` would do. Never writes.

use crate::cli::{self, Output};
use crate::commands::{Outcome, declared};
use crate::error::Exit;
use crate::plan::Plan;
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
            let body = document::plan(&plan);
            output::json(&document::document("plan", Some(&survey.context), body));
        }
    }
    cloud.guard.stop().await;
    let changes = flags.exit_code && !plan.is_empty();
    Ok(if changes { Exit::Changes } else { Exit::Done })
}
