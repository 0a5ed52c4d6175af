//! Deletes the stages of a pattern that were not deployed to for some time, each as `down` does.
//!
//! There is no list of stages: their names are taken from the names of tables, roles, functions and log groups, so
//! that a stage of which only a part is left is found too. What is managed, and how old it is, is read from the
//! resources themselves.

mod expiry;
mod names;

use serde_json::{Value, json};

use crate::aws::clients::Cloud;
use crate::cli::{self, Output};
use crate::commands::Outcome;
use crate::commands::down::{Torn, tear_down};
use crate::engine::observed::Context;
use crate::engine::refresh::refresh;
use crate::engine::resource::Scope;
use crate::error::{Error, Exit, exit_of};
use crate::report::sweep::{Row, Verdict};
use crate::report::{Event, document, sweep, teardown};
use crate::session::Session;
use crate::stack::resources::Request;
use crate::stack::stage::Stage;

pub async fn run(flags: cli::Sweep, cloud: &Cloud, session: &Session) -> Outcome {
    if !session.stage.is_pattern() {
        let text = format!("`{}` is one stage, not a pattern", session.stage.as_str());
        return Err(vec![
            Error::usage(text).hint("name the stages by their beginning: `… --stage 'pr-*'`"),
        ]);
    }
    let context = cloud.context(&session.stage).await.map_err(Error::from)?;
    session.enter(&context, cloud)?;
    let mut rows = Vec::new();
    for stage in names::stages(session, cloud).await? {
        rows.push(Box::pin(look(&stage, &flags, cloud, session)).await);
    }
    if session.output == Output::Text {
        session.text(&sweep::list(&rows, session.stage.as_str()));
    }
    if !flags.dry_run {
        session.agree(&sweep::confirmations(&rows)).await?;
        delete_expired(&mut rows, &flags, cloud, session).await;
    }
    Ok(end(rows, &flags, &context, session))
}

/// One stage as it is now. What cannot be read is no reason to leave the others.
async fn look(stage: &Stage, flags: &cli::Sweep, cloud: &Cloud, session: &Session) -> Row {
    if stage.is_production() {
        return Row::kept(stage, "it is a production stage");
    }
    let stack = match session
        .of_swept(stage.clone())
        .named_stack(&cloud.build_target)
    {
        Ok(stack) => stack,
        Err(error) => return Row::failed(stage, vec![error]),
    };
    let resources = stack.resources(cloud, Request::default());
    let scope = Scope {
        resources: &resources,
        earlier: &stack.earlier(cloud),
    };
    let mut row = match refresh(cloud, stage, scope).await {
        Ok(inventory) => expiry::judge(stage, &inventory, flags.older_than, session.clock.now()),
        Err(error) => Row::failed(stage, vec![error]),
    };
    if let Verdict::Failed(errors) = row.verdict {
        row.verdict = failed(errors, session);
    }
    row
}

/// Deletes the expired stages, one after another. Each is looked at once more, since it may have been deployed to
/// meanwhile. After ctrl-c no further one is begun.
async fn delete_expired(rows: &mut [Row], flags: &cli::Sweep, cloud: &Cloud, session: &Session) {
    let is_expired = |row: &Row| matches!(row.verdict, Verdict::Expired);
    for row in rows.iter_mut().filter(|row| is_expired(row)) {
        if session.stop.is_set() {
            return;
        }
        *row = Box::pin(look(&row.stage, flags, cloud, session)).await;
        if is_expired(row) {
            row.verdict = delete(&row.stage, flags, cloud, session).await;
        }
    }
}

async fn delete(stage: &Stage, flags: &cli::Sweep, cloud: &Cloud, session: &Session) -> Verdict {
    let flags = cli::Down {
        keep_data: false,
        delete_data: flags.delete_data,
        undeclared: false,
        confirm_stage: None,
        no_preflight: flags.no_preflight,
    };
    let session = session.of_swept(stage.clone());
    let errors = match Box::pin(tear_down(&flags, cloud, &session)).await {
        Ok(Torn { report, errors, .. }) => {
            if session.output == Output::Text {
                session.text(&teardown::text(&report));
            }
            if errors.is_empty() {
                return Verdict::Deleted(report);
            }
            errors
        }
        Err(errors) => errors,
    };
    failed(errors, &session)
}

/// With hints for the command line of that session.
fn failed(errors: Vec<Error>, session: &Session) -> Verdict {
    let errors = errors.into_iter();
    let errors = errors.map(|error| session.command_line.complete(error));
    Verdict::Failed(errors.collect())
}

/// Prints the result. Returns the exit code of the whole run.
fn end(rows: Vec<Row>, flags: &cli::Sweep, context: &Context, session: &Session) -> Exit {
    let changed = rows
        .iter()
        .any(|row| matches!(row.verdict, Verdict::Deleted(_)));
    let text = sweep::summary(&rows);
    {
        let mut record = session.recorder.record_mut();
        record.text = sweep::list(&rows, session.stage.as_str());
        record.result = Some(text.clone());
        record.changed = Some(changed);
    }
    match session.output {
        Output::Text => session.reporter.report(&Event::Info { text: &text }),
        Output::Json => {
            let body = json!({
                "changed": changed,
                "dryRun": flags.dry_run,
                "olderThanSeconds": flags.older_than.as_secs(),
                "stages": rows.iter().map(|row| sweep::json(row, &session.command_line)).collect::<Value>(),
            });
            session.json(&document::document("sweep", Some(context), body));
        }
    }
    let errors: Vec<Error> = rows.into_iter().flat_map(Row::into_errors).collect();
    let exit = match &errors[..] {
        _ if session.stop.is_set() => Exit::Interrupted,
        [] => Exit::Done,
        errors => exit_of(errors),
    };
    for error in errors {
        session.report_error(error);
    }
    exit
}
