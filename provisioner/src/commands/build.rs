//! Builds and checks the function's zip file. Its path is the only line on stdout.

use serde_json::json;

use crate::artifact::BuildTarget;
use crate::cli::{self, Output};
use crate::commands::stack_args;
use crate::error::{Error, Exit};
use crate::report::document;
use crate::session::Session;

pub async fn run(flags: cli::Build, session: &Session) -> Result<Exit, Error> {
    let arch = stack_args::declared_arch(flags.arch, session)?;
    let build_target = BuildTarget::lambda(arch);
    let workspace = stack_args::workspace(session)?;
    let artifact =
        stack_args::build(workspace, &build_target, flags.out.as_deref(), session).await?;
    let path = artifact.path.display();
    match session.output {
        Output::Text => session.text(&format!("{path}\n")),
        Output::Json => {
            let body = json!({
                "path": path.to_string(),
                "codeSha256": artifact.code_sha256,
                "size": artifact.size,
                "source": artifact.source,
            });
            session.json(&document::document("build", None, body));
        }
    }
    Ok(Exit::Done)
}
