//! The report at the end of `down`: every name is read again.

use std::time::Duration;

use aws_sdk_dynamodb::types::BackupTypeFilter;
use futures::future::try_join_all;

use crate::aws::call::read;
use crate::aws::clients::Cloud;
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::cli::Output;
use crate::engine::apply::Run;
use crate::engine::observed::{Context, Observed};
use crate::engine::pace::Pace;
use crate::engine::plan::{Action, Plan};
use crate::engine::progress::SeveralWaits;
use crate::engine::status::Delay;
use crate::engine::wait::Look;
use crate::error::{Error, Failure};
use crate::report::teardown::TeardownReport;
use crate::report::{document, teardown};
use crate::resources::table;
use crate::session::Session;

/// IAM may show a role for some seconds after its deletion.
const LAG_LIMIT: Duration = Duration::from_secs(15);

const LISTED: Delay = Delay::new("AWS no longer lists it", Pace::UNKNOWN);

/// The report, read again while a resource that has just been deleted is still listed.
pub async fn settled(plan: &Plan, run: &Run<'_>, cloud: &Cloud) -> Result<TeardownReport, Error> {
    let what = "verify that nothing is left";
    let mut waits = SeveralWaits::new(run.wait, run.reporter);
    let settled = run.wait.until(what, LAG_LIMIT, async || {
        let report = read_now(plan, run, cloud).await?;
        let remaining = report.remaining.iter();
        waits.report(remaining.map(|id| (id.clone(), LISTED.shown_as("still listed"))));
        Ok(match report.remaining.first() {
            Some(id) => Look::NotYet(format!("{id} is still listed").into()),
            None => Look::Ready(report),
        })
    });
    let settled = settled.await;
    waits.end();
    match settled {
        Err(error) if error.failure == Failure::TimedOut => read_now(plan, run, cloud).await,
        settled => settled,
    }
}

pub async fn read_now(plan: &Plan, run: &Run<'_>, cloud: &Cloud) -> Result<TeardownReport, Error> {
    let declared = run
        .resources
        .iter()
        .map(|resource| resource.declared().id());
    let mut report = TeardownReport::default();
    for table in declared.filter(|id| id.kind == table::KIND) {
        match system_backups(cloud, &table.name).await {
            Ok(backups) => report.system_backups.extend(backups),
            // The resources are deleted by now, and nothing depends on this list.
            Err(error) if error.kind == CloudErrorKind::Denied => {
                let text = format!("could not {error}");
                report.backups_unknown = Some(format!("{text}: {}", error.into_cause()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    // Read last, so that the report includes everything that was created before it.
    let observe = run.resources.iter().map(|resource| async {
        let observed = resource.observe().await?;
        Ok::<_, CloudError>((resource.declared().id(), observed))
    });
    for (id, observed) in try_join_all(observe).await? {
        match (observed, plan.action(&id)) {
            (Observed::Absent, Some(Action::Keep)) => report.absent.push(id),
            (Observed::Absent, _) => report.deleted.push(id),
            (Observed::Present(_), Some(Action::Leave(left))) => {
                report.left.push((id, left.clone()));
            }
            (Observed::Present(_), _) => report.remaining.push(id),
        }
    }
    // Those that no request can read.
    for change in &plan.changes {
        let is_read = run
            .resources
            .iter()
            .any(|resource| resource.declared().id() == change.id);
        if let (false, Action::Leave(left)) = (is_read, &change.action) {
            report.left.push((change.id.clone(), left.clone()));
        }
    }
    Ok(report)
}

/// The backups that AWS keeps of a table that was deleted with point-in-time recovery on.
async fn system_backups(cloud: &Cloud, table: &str) -> Result<Vec<String>, CloudError> {
    let doing = format!("list the backups of table {table}");
    let request = cloud.dynamodb.list_backups().table_name(table);
    let request = request.backup_type(BackupTypeFilter::System);
    let answer = read(doing, request.send()).await?;
    let backups = answer.backup_summaries.unwrap_or_default().into_iter();
    Ok(backups.filter_map(|backup| backup.backup_name).collect())
}

pub fn print(report: &TeardownReport, context: &Context, errors: &[Error], session: &Session) {
    record_result(report, session);
    match session.output {
        Output::Text if session.data_style.columns.is_some() => {
            session.text(&teardown::summary(report));
        }
        Output::Text => session.text(&teardown::text(report)),
        Output::Json => {
            let mut body = document::progress(&session.recorder, &session.command_line);
            body["receipt"] = teardown::json(report);
            document::add_errors(&mut body, errors, &session.command_line);
            session.json(&document::document("down", Some(context), body));
        }
    }
}

fn record_result(report: &TeardownReport, session: &Session) {
    let mut record = session.recorder.record_mut();
    record.text.push_str(&teardown::text(report));
    record.result = Some(match report.deleted.len() {
        0 => "nothing to do".to_owned(),
        deleted => format!("{deleted} deleted, {} kept", report.left.len()),
    });
}
