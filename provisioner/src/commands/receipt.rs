//! What `down` shows at its end: a look at every name.

use std::time::Duration;

use serde_json::{Value, json};

use crate::apply::Resources;
use crate::cli::Output;
use crate::cloud::Cloud;
use crate::cloud::error::CloudError;
use crate::error::Error;
use crate::plan::{Action, Plan};
use crate::report::{document, output};
use crate::resource::{Observed, ResourceId};
use crate::session::Session;
use crate::survey::Survey;
use crate::wait::Look;

/// IAM may show a role for some seconds after its deletion.
const LAG_LIMIT: Duration = Duration::from_secs(15);

/// A look at every name after all is done.
pub struct Receipt {
    pub gone: Vec<ResourceId>,
    /// Not there from the start.
    pub absent: Vec<ResourceId>,
    pub left: Vec<(ResourceId, String)>,
    pub remaining: Vec<ResourceId>,
    /// Kept by AWS for 35 days; nobody can delete them.
    pub system_backups: Vec<String>,
}

/// Taken again while a name still shows that was removed a moment ago.
pub async fn settled(
    plan: &Plan,
    resources: &Resources,
    cloud: &Cloud,
    table: &str,
    session: &Session,
) -> Result<Receipt, Error> {
    let look = || take(plan, resources, cloud, table);
    let settled = session
        .wait
        .until("look for what is left", LAG_LIMIT, async || {
            let receipt = look().await?;
            Ok(match receipt.remaining.first() {
                Some(id) => Look::NotYet(format!("{id} still shows")),
                None => Look::Ready(receipt),
            })
        });
    match settled.await {
        Err(error) if error.gave_up => look().await,
        settled => settled,
    }
}

pub async fn take(
    plan: &Plan,
    resources: &Resources,
    cloud: &Cloud,
    table: &str,
) -> Result<Receipt, Error> {
    let mut receipt = Receipt {
        gone: Vec::new(),
        absent: Vec::new(),
        left: Vec::new(),
        remaining: Vec::new(),
        system_backups: system_backups(cloud, table).await?,
    };
    let observed =
        futures::future::try_join_all(resources.iter().map(|resource| resource.observe())).await?;
    for (resource, observed) in resources.iter().zip(observed) {
        let id = resource.id();
        let planned = plan
            .changes
            .iter()
            .find(|change| change.id == id)
            .map(|c| &c.action);
        match (observed, planned) {
            (Observed::Absent, Some(Action::Keep)) => receipt.absent.push(id),
            (Observed::Absent, _) => receipt.gone.push(id),
            (Observed::Present(_), Some(Action::Leave(why))) => {
                receipt.left.push((id, why.clone()));
            }
            (Observed::Present(_), _) => receipt.remaining.push(id),
        }
    }
    Ok(receipt)
}

/// A table that is deleted with point-in-time recovery on leaves one.
async fn system_backups(cloud: &Cloud, table: &str) -> Result<Vec<String>, CloudError> {
    let doing = format!("list the backups of table {table}");
    let request = cloud.dynamodb.list_backups().table_name(table);
    let request = request.backup_type(aws_sdk_dynamodb::types::BackupTypeFilter::System);
    let answer = request.send().await.map_err(CloudError::of(doing))?;
    let backups = answer.backup_summaries.unwrap_or_default().into_iter();
    Ok(backups.filter_map(|backup| backup.backup_name).collect())
}

pub fn print(plan: &Plan, receipt: &Receipt, survey: &Survey, session: &Session) {
    let Receipt {
        gone,
        absent,
        left,
        remaining,
        system_backups,
    } = receipt;
    match session.output {
        Output::Text => {
            let mut text = String::new();
            for id in gone {
                text.push_str(&format!("gone     {id}\n"));
            }
            for id in absent {
                text.push_str(&format!("absent   {id}\n"));
            }
            for (id, why) in left {
                text.push_str(&format!("left     {id} ({why})\n"));
            }
            for id in remaining {
                text.push_str(&format!("REMAINS  {id}\n"));
            }
            for name in system_backups {
                text.push_str(&format!(
                    "kept     backup {name} (by AWS, for 35 days; it can't be deleted)\n"
                ));
            }
            output::text(&text);
        }
        Output::Json => {
            let ids = |ids: &[ResourceId]| -> Vec<Value> {
                ids.iter()
                    .map(|id| json!({"kind": id.kind, "name": id.name}))
                    .collect()
            };
            let left = left
                .iter()
                .map(|(id, why)| json!({"kind": id.kind, "name": id.name, "reason": why}));
            let mut body = document::plan(plan, &session.command_line);
            body["receipt"] = json!({
                "gone": ids(gone),
                "absent": ids(absent),
                "left": left.collect::<Vec<_>>(),
                "remaining": ids(remaining),
                "systemBackups": system_backups,
            });
            output::json(&document::document("down", Some(&survey.context), body));
        }
    }
}
