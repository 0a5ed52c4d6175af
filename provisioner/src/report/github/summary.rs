//! The summary of a run as Markdown: what was planned and done, what failed, and how long it took.

use std::fmt::Write as _;

use super::fence::{block, code, shortened};
use crate::engine::observed::Context;
use crate::error::Exit;
use crate::report::ended::Ended;
use crate::report::record::{Progress, Record, Step};
use crate::report::render;
use crate::report::style::Style;

/// `limit` is the number of bytes for what can be long, the plan and the errors.
pub fn summary(ended: &Ended<'_>, limit: usize) -> String {
    let record = ended.record;
    let errors = ended.errors.iter();
    let errors: String = errors
        .map(|error| render::error(error, Style::PLAIN))
        .collect();
    let errors = shortened(&errors, limit / 2);
    let plan = shortened(&record.text, limit - errors.len().min(limit / 2));
    let parts = [
        format!("### provision {}: {}\n", ended.command, headline(ended)),
        format!("{}\n", facts(ended)),
        fenced("diff", &plan),
        fenced("", &errors),
        times(ended),
    ];
    let parts = parts.iter().filter(|part| !part.is_empty());
    let text: String = parts.map(|part| format!("{part}\n")).collect();
    text
}

fn fenced(language: &str, text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        block(language, text)
    }
}

fn headline(ended: &Ended<'_>) -> String {
    match (ended.exit, &ended.record.result) {
        (Exit::Done | Exit::Changes, Some(result)) => result.clone(),
        _ => ended.outcome().to_owned(),
    }
}

/// Where, by which plan, and how it ended.
fn facts(ended: &Ended<'_>) -> String {
    let record = ended.record;
    let mut facts = Vec::new();
    if let Some(Context {
        account, region, ..
    }) = &record.context
    {
        facts.push(format!("account {account}, region {region}"));
    }
    // A malformed one can be of any length.
    let stage = ended
        .stage
        .map(|stage| stage.chars().take(64).collect::<String>());
    facts.extend(stage.map(|stage| format!("stage {}", code(&stage))));
    facts.push(format!("exit code {}", ended.exit.code()));
    let digest = record.digest.iter();
    facts.extend(digest.map(|digest| format!("plan {}", code(digest))));
    facts.extend(live(record));
    facts.join(", ")
}

/// What `live` points at, if there is something to say about it.
fn live(record: &Record) -> Option<String> {
    match (&record.live_before, &record.live_after) {
        (None, None) => None,
        (Some(before), None) => Some(format!("`live` was version {before}")),
        (None, Some(after)) => Some(format!("`live` is version {after}")),
        (Some(before), Some(after)) if before == after => {
            Some(format!("`live` is version {after}, as before"))
        }
        (Some(before), Some(after)) => Some(format!("`live` is version {after}, before {before}")),
    }
}

/// The phases and the changes, behind the time of all.
fn times(ended: &Ended<'_>) -> String {
    let record = ended.record;
    let phases = record.phases(ended.now);
    if phases.is_empty() {
        return String::new();
    }
    let total = render::duration(record.total(ended.now));
    let mut table =
        format!("<details><summary>{total}</summary>\n\n| what | time |\n| --- | ---: |\n");
    for (phase, took) in phases {
        let _ = writeln!(table, "| {phase} | {} |", render::duration(took));
        if phase == "apply" {
            for step in &record.steps {
                let took = render::duration(step.took(ended.now));
                let _ = writeln!(table, "| {} | {took} |", name(step));
            }
        }
    }
    table + "\n</details>\n"
}

fn name(step: &Step) -> String {
    let Step {
        id, verb, progress, ..
    } = step;
    let end = match progress {
        Progress::Done => "",
        Progress::Running => " (not ended)",
        Progress::Failed => " (failed)",
    };
    format!("{verb} {id}{end}")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::summary;
    use crate::engine::observed::{Context, ResourceId};
    use crate::error::{Error, Exit};
    use crate::report::ended::Ended;
    use crate::report::record::{Moments, Progress, Record, Step};

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn record() -> Record {
        let step = |kind, name: &str, progress| Step {
            id: ResourceId::new(kind, name),
            verb: "update",
            started: at(14),
            ended: Some(at(20)),
            progress,
            waits: Vec::new(),
        };
        Record {
            context: Some(Context {
                partition: "aws".to_owned(),
                account: "123456789012".to_owned(),
                region: "eu-west-1".to_owned(),
                stage: "default".to_owned(),
                caller: String::new(),
            }),
            digest: Some("d1".to_owned()),
            text: "~ function F\n    memory: 128 MB → 256 MB\n".to_owned(),
            result: Some("`live` points at version 2".to_owned()),
            live_before: Some("1".to_owned()),
            steps: vec![
                step("function", "F", Progress::Done),
                step("release", "F:live", Progress::Failed),
            ],
            moments: Moments {
                started: Some(at(10)),
                read: Some(at(12)),
                planned: Some(at(14)),
                applied: Some(at(20)),
            },
            ..Record::default()
        }
    }

    #[test]
    fn a_summary_says_what_was_done_where_and_how_long_it_took() {
        let mut record = record();
        record.live_after = Some("2".to_owned());
        record.steps.pop();
        let ended = Ended {
            command: "up",
            stage: Some("default"),
            exit: Exit::Done,
            errors: &[],
            record: &record,
            now: at(23),
        };
        assert_eq!(
            summary(&ended, 1000),
            "### provision up: `live` points at version 2\n\
             \n\
             account 123456789012, region eu-west-1, stage `default`, exit code 0, plan `d1`, `live` is version 2, before 1\n\
             \n\
             ```diff\n\
             ~ function F\n    memory: 128 MB → 256 MB\n\
             ```\n\
             \n\
             <details><summary>13 s</summary>\n\
             \n\
             | what | time |\n\
             | --- | ---: |\n\
             | read | 2.0 s |\n\
             | build | 2.0 s |\n\
             | apply | 6.0 s |\n\
             | update function F | 6.0 s |\n\
             | verify | 3.0 s |\n\
             \n\
             </details>\n\
             \n"
        );
    }

    #[test]
    fn a_failed_run_shows_its_errors_and_hints_behind_the_plan() {
        let record = record();
        let error = Error::failed("test ride")
            .because("```\n@all")
            .hint("see `logs`");
        let ended = Ended {
            command: "up",
            stage: Some("`x`"),
            exit: Exit::Failed,
            errors: &[&error],
            record: &record,
            now: at(23),
        };
        let text = summary(&ended, 1000);
        assert!(text.starts_with("### provision up: failed\n"), "{text}");
        assert!(text.contains("stage `` `x` ``, exit code 1"), "{text}");
        let errors = "````\nerror: test ride\n  because: ```\n@all\nhint: see `logs`\n````\n";
        assert!(text.contains(errors), "{text}");
        assert!(text.contains("| update release F:live (failed) | 6.0 s |"));
    }

    #[test]
    fn a_long_summary_is_cut_and_says_so() {
        let mut record = record();
        record.text = (0..5000)
            .map(|n| format!("+ table Tische-für-{n}-{}\n", "ä".repeat(100)))
            .collect();
        let error = Error::failed("x".repeat(300) + "\n" + &"y\n".repeat(100_000));
        let ended = Ended {
            command: "plan",
            stage: None,
            exit: Exit::Failed,
            errors: &[&error],
            record: &record,
            now: at(23),
        };
        let text = summary(&ended, 60_000);
        assert!(text.len() < 62_000, "{}", text.len());
        assert_eq!(text.matches("more lines were cut").count(), 2);
        // Both blocks are closed.
        assert_eq!(
            text.lines().filter(|line| line.starts_with("```")).count(),
            4
        );
        assert!(
            text.contains("error: xxx"),
            "the errors are not lost to a long plan"
        );
    }
}
