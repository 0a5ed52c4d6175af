//! Proves in the user's own account that everything works: the whole life cycle of a stack, in a stage of its
//! own, which is deleted again.

mod adoption;
mod by_hand;
mod census;
mod collector;
mod collisions;
mod drift;
mod files;
mod folder;
mod life_cycle;
mod log;
mod reference;
mod releasing;
mod runner;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::rc::Rc;
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::aws::clients::Cloud;
use crate::certify::answers::Answers;
use crate::certify::compare::{Comparison, compare};
use crate::certify::report::Report;
use crate::certify::row::{HEAD, Row, Verdict, count};
use crate::cli::{self, Declared, Output};
use crate::commands::{Outcome, stack_args};
use crate::commit::Commit;
use crate::error::{Error, Exit};
use crate::local;
use crate::report::Event;
use crate::session::Session;
use crate::stack::stage::Stage;
use folder::Folder;
use log::Log;
use reference::{Certified, names};
use runner::{Means, Runner};

pub async fn run(flags: cli::Certify, cloud: &Cloud, session: &Session) -> Outcome {
    let stage = new_stage()?;
    let context = cloud.context(&stage).await.map_err(Error::from)?;
    session.enter(&context, cloud)?;
    files::check(&flags.report)?;
    ask(&stage, session).await?;
    let started = session.clock.now();
    let folder = Folder::new(stage.as_str())?;
    let runner = runner(&flags, stage, &folder, cloud, session).await?;

    let print = |row: &Row| print(session, &row.line());
    print_head(session);
    let mut log = Log::new(runner.recorder.clone(), session.clock.clone(), &print);
    Box::pin(life_cycle::run(&runner, &mut log)).await;
    let (rows, interrupted) = (std::mem::take(&mut log.rows), log.is_interrupted());

    let remaining = remaining(&runner).await;
    let comparison = match interrupted {
        true => Err("the run was interrupted".to_owned()),
        false => {
            let (runner, rows, folder) = (&runner, &rows[..], &folder);
            compared(Certified {
                runner,
                rows,
                session,
                folder,
            })
            .await
        }
    };
    let commit = match Commit::of(session.workspace.as_deref()) {
        Some(commit) => Some(commit.describe().await),
        None => None,
    };
    let report = Report {
        names: names(&runner),
        partition: runner.context.partition.clone(),
        started: iso(started),
        commit,
        rows,
        remaining,
        comparison,
    };
    files::write(&flags.report, &report)?;
    Ok(finish(&flags, &report, interrupted, session))
}

/// `certify-` and six letters or digits that no earlier run had.
fn new_stage() -> Result<Stage, Error> {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = RandomState::new().build_hasher().finish();
    let mut name = "certify-".to_owned();
    for _ in 0..6 {
        let at = usize::try_from(random % LETTERS.len() as u64).unwrap_or_default();
        name.push(char::from(LETTERS[at]));
        random /= LETTERS.len() as u64;
    }
    Stage::parse(&name)
}

async fn ask(stage: &Stage, session: &Session) -> Result<(), Error> {
    let stage = stage.as_str();
    let down = format!("provision down --stage {stage} --delete-data --yes");
    let text = format!(
        "certify works in the stage {stage} alone. On AWS it takes about 15 minutes and costs less than 0.01 USD.\n\
         It deletes what it creates, also after ctrl-c. If it is killed: `{}`",
        session.command_line.on_this_stack(&down)
    );
    session.reporter.report(&Event::Info { text: &text });
    let changes = format!(
        "create, change and delete a table, a role, a log group and a function, several times, all named {stage}"
    );
    session.agree(&[changes]).await
}

async fn runner(
    flags: &cli::Certify,
    stage: Stage,
    folder: &Folder,
    cloud: &Cloud,
    session: &Session,
) -> Result<Runner, Error> {
    let declared = Declared {
        artifact: flags.artifact.clone(),
        ..Declared::default()
    };
    let artifact = stack_args::artifact(&declared, &cloud.build_target, session).await?;
    let means = Means {
        clock: session.clock.clone(),
        stop: session.stop.clone(),
        progress: Some(Rc::clone(&session.reporter)),
    };
    Runner::new(cloud, session, stage, folder.zips(&artifact)?, means).await
}

/// What exists of the stage now; the reason if that is unknown.
async fn remaining(runner: &Runner) -> Vec<String> {
    runner.recorder.keep(false);
    let remaining = census::remaining(&runner.unstoppable()).await;
    remaining.unwrap_or_else(|error| {
        let error = Error::from(error).chain().join(": ");
        vec![format!("unknown: {error}")]
    })
}

/// The answers of this run beside those of a local cloud, or why they were not compared.
async fn compared(certified: Certified<'_>) -> Result<Comparison, String> {
    let Certified {
        runner, session, ..
    } = certified;
    let mut answers = Answers::default();
    answers.add(&runner.recorder.take_answers(), &names(runner));
    let text = "comparing the answers with those of the local cloud";
    session.reporter.report(&Event::Info { text });
    match Box::pin(reference::answers(certified)).await {
        Ok(local) => Ok(compare(&answers, &local)),
        Err(error) => Err(error.chain().join(": ")),
    }
}

fn print_head(session: &Session) {
    print(session, HEAD);
}

/// A line of the table; with `--output json`, stdout is for the report alone.
fn print(session: &Session, line: &str) {
    match session.output {
        Output::Text => session.text(line),
        Output::Json => session.reporter.report(&Event::Info { text: line }),
    }
}

/// Prints the result, and what is wrong with it.
fn finish(flags: &cli::Certify, report: &Report, interrupted: bool, session: &Session) -> Exit {
    match session.output {
        Output::Text => session.text(&summary(flags, report)),
        Output::Json => session.json(&report.json()),
    }
    let errors = errors(flags, report, interrupted);
    let exit = errors.first().map_or(Exit::Done, |error| error.exit);
    for error in errors {
        session.report_error(error);
    }
    exit
}

fn summary(flags: &cli::Certify, report: &Report) -> String {
    let rows = &report.rows;
    let seconds: f64 = rows.iter().map(|row| row.took.as_secs_f64()).sum();
    let calls: usize = rows.iter().map(|row| row.calls).sum();
    let compared = match &report.comparison {
        Ok(comparison) => format!(
            "{} answers compared: {} differences, {} additional members",
            comparison.answers,
            comparison.deviations().count(),
            comparison.additional().count()
        ),
        Err(why) => format!("answers not compared: {why}"),
    };
    format!(
        "{} of {} steps passed in {seconds:.0} s with {calls} calls; {} left\n{compared}\nreport: {}, {}\n",
        count(rows, Verdict::Passed),
        rows.len(),
        report.remaining.len(),
        flags.report.display(),
        files::markdown(&flags.report).display()
    )
}

fn errors(flags: &cli::Certify, report: &Report, interrupted: bool) -> Vec<Error> {
    let mut errors = Vec::new();
    let stage = &report.names.stage;
    let markdown = files::markdown(&flags.report);
    let markdown = markdown.display().to_string();
    if interrupted {
        errors.push(Error::interrupted());
    }
    if !report.remaining.is_empty() {
        let text = format!("left in the stage {stage}: {}", report.remaining.join(", "));
        let hint = format!("delete it: `provision down --stage {stage} --delete-data --yes`");
        errors.push(Error::failed(text).hint(hint));
    }
    let failed = count(&report.rows, Verdict::Failed);
    if failed > 0 && !interrupted {
        let text = format!("{failed} of {} steps failed", report.rows.len());
        errors.push(Error::failed(text).hint(says_why(&markdown)));
    }
    if !interrupted {
        errors.extend(difference(&report.comparison, &markdown));
    }
    errors
}

fn says_why(markdown: &str) -> String {
    format!("`{markdown}` says why; it names no account and can be sent to the maintainers")
}

/// What is wrong with the answers. A program without the local cloud cannot compare them.
fn difference(comparison: &Result<Comparison, String>, markdown: &str) -> Option<Error> {
    let comparison = match comparison {
        Ok(comparison) => comparison,
        Err(_) if !local::IS_BUILT_IN => return None,
        Err(why) => {
            let text = "the answers could not be compared with those of the local cloud";
            let error = Error::failed(text).because(why.as_str());
            return Some(error.hint(says_why(markdown)));
        }
    };
    let first = comparison.deviations().next()?;
    let text = format!(
        "{} answers differ from those of the local cloud, the first in {} ({}) {}",
        comparison.deviations().count(),
        first.operation,
        first.result,
        first.member
    );
    let hint = format!(
        "send `{markdown}` to the maintainers: it lists them, without account, names and times"
    );
    Some(Error::failed(text.trim_end()).hint(hint))
}

fn iso(time: SystemTime) -> String {
    let text = DateTime::from(time).fmt(Format::DateTime);
    text.unwrap_or_default()
}
