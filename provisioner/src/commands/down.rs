//! Removes what is ours, in reverse, then shows that nothing is left.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::apply::{Resources, apply};
use crate::cli::{self, Output};
use crate::cloud::Cloud;
use crate::cloud::error::CloudError;
use crate::commands::{Outcome, declared};
use crate::error::{Error, Exit};
use crate::plan::{Action, Plan};
use crate::report::{Event, document, output};
use crate::resource::{Observed, Ownership, ResourceId};
use crate::resources::code::Code;
use crate::resources::table;
use crate::rides::{Count, count};
use crate::session::{Session, arch};
use crate::stack::{Run, Stack};
use crate::survey::{Survey, settled_survey};

pub async fn run(flags: cli::Down, session: &Session) -> Outcome {
    let cloud = session.connect(arch(None)).await?;
    let stack = Stack::for_stage(&session.stage, cloud.runs.arch);
    let resources = stack.resources(&cloud, &Rc::new(Code::default()), Run::default());
    let survey = settled_survey(&cloud, &session.stage, &resources, &session.wait).await?;
    session.enter(&survey.context, &cloud)?;
    let table = resources
        .iter()
        .map(|r| r.id())
        .filter(|id| id.kind == table::KIND);
    let keep: Vec<ResourceId> = table.filter(|_| flags.keep_data).collect();
    let plan = Plan::down(&survey.names(&resources), &keep);
    session.reporter.report(&Event::Planned { plan: &plan });
    let refusals: Vec<Error> = plan
        .blocked()
        .map(|(id, blocked)| declared::refusal(id, blocked))
        .collect();
    if !refusals.is_empty() {
        return Err(refusals);
    }
    if !plan.is_empty() {
        guard_production(&flags, session)?;
        let typed = guard_rides(
            &flags,
            &survey,
            &resources,
            &stack.table.name,
            &cloud,
            session,
        )
        .await?;
        if !typed {
            session.agree(&plan.consents())?;
        }
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
    }
    let receipt = receipt(&plan, &resources, &cloud, &stack.table.name).await?;
    print(&plan, &receipt, &survey, session);
    cloud.guard.stop().await;
    if receipt.remaining.is_empty() {
        return Ok(Exit::Done);
    }
    let text = "somebody made again what was removed: run `provision down` again";
    session.reporter.report(&Event::Warning { text });
    Ok(Exit::Failed)
}

/// A production stage wants its name typed.
fn guard_production(flags: &cli::Down, session: &Session) -> Result<(), Error> {
    let stage = session.stage.as_str();
    if !session.stage.is_production() || flags.confirm_stage.as_deref() == Some(stage) {
        return Ok(());
    }
    let question = format!("`{stage}` is a production stage. Type its name to take it down: ");
    match session.ask_name(&question)? {
        Some(typed) if typed == stage => Ok(()),
        _ => Err(Error::refused(format!("`{stage}` is a production stage"))
            .hint(format!("add `--confirm-stage {stage}`"))),
    }
}

/// `--yes` never covers rides. True where a person typed the table's name, which says it all.
async fn guard_rides(
    flags: &cli::Down,
    survey: &Survey,
    resources: &Resources,
    table: &str,
    cloud: &Cloud,
    session: &Session,
) -> Result<bool, Error> {
    let ours = survey
        .of(resources, table::KIND)
        .and_then(Observed::seen)
        .is_some_and(|seen| seen.ownership == Ownership::Ours);
    if !ours || flags.keep_data || flags.delete_data {
        return Ok(false);
    }
    let rides = count(&cloud.dynamodb, table).await?;
    if rides == Count::Exactly(0) {
        return Ok(false);
    }
    let question = format!("The table {table} holds {rides}. Type its name to delete them: ");
    match session.ask_name(&question)? {
        Some(typed) if typed == table => Ok(true),
        _ => Err(Error::refused(format!("the table {table} holds {rides}"))
            .hint("`--keep-data` leaves the table, `--delete-data` deletes the rides with it")),
    }
}

/// A look at every name after all is done.
struct Receipt {
    gone: Vec<ResourceId>,
    /// Not there from the start.
    absent: Vec<ResourceId>,
    left: Vec<(ResourceId, String)>,
    remaining: Vec<ResourceId>,
    /// Kept by AWS for 35 days; nobody can delete them.
    system_backups: Vec<String>,
}

async fn receipt(
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

fn print(plan: &Plan, receipt: &Receipt, survey: &Survey, session: &Session) {
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
            let mut body = document::plan(plan);
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
