//! Lists the published versions of the function: what `rollback` chooses from.

use futures::future::try_join;
use serde_json::json;

use crate::aws::clients::Cloud;
use crate::cli::Output;
use crate::error::{Error, Exit};
use crate::report::{document, versions};
use crate::resources::release::history::history;
use crate::resources::release::proof::Record;
use crate::session::Session;

pub async fn run(cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    session.guard(cloud).await?;
    let stack = session.named_stack(&cloud.build_target)?;
    let live = stack.live_alias(cloud);
    let (alias, found) = try_join(live.get(), live.versions()).await?;
    let version = alias.as_ref().and_then(|alias| alias.function_version());
    let description = alias.as_ref().and_then(|alias| alias.description());
    let record = Record::parse(description.unwrap_or_default());
    let version = version.and_then(|version| version.parse().ok());
    let history = history(&stack.function, &found, version, &record);
    match session.output {
        Output::Text => session.text(&versions::text(&history, session.clock.now())),
        Output::Json => {
            let body = json!({"versions": versions::json(&history)});
            session.json(&document::document("versions", None, body));
        }
    }
    Ok(Exit::Done)
}
