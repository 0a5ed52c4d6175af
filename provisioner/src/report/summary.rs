//! The end of a run as text: what was done, how long it took, and where the time went. Pure.

use std::time::{Duration, SystemTime};

use crate::report::bars::{self, Bar, Blocks};
use crate::report::parts::{Part, parts};
use crate::report::record::{Progress, Record, Step};
use crate::report::render::duration;
use crate::report::waited::{Waited, service, together};

/// Shorter waits are not worth a word.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// `None` if nothing was changed.
pub fn summary(record: &Record, now: SystemTime, width: usize, blocks: Blocks) -> Option<String> {
    let parts = parts(record, now);
    let start = parts.first()?.start;
    let end = parts.iter().map(|part| part.end).max()?;
    let waits: Vec<&Waited> = parts.iter().flat_map(|part| &part.waits).collect();
    let waited = together(waits);
    let took = end.duration_since(start).unwrap_or_default();
    let mut text = format!("{} in {}", counts(&record.steps), duration(took));
    if waited >= WORTH_TELLING {
        text.push_str(&format!(", {} of it waiting", duration(waited)));
        let bars: Vec<Bar> = parts.iter().map(|part| bar(part, start)).collect();
        for line in bars::lines(&bars, width.saturating_sub(2), blocks) {
            text.push_str(&format!("\n  {line}"));
        }
    }
    Some(text)
}

/// How many changes are done, by their verbs, and how many failed: `3 created, 1 failed`.
fn counts(steps: &[Step]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut counted = Vec::new();
    for step in steps {
        let result = result(step);
        // A log group may be deleted twice.
        if counted.contains(&(&step.id, result)) {
            continue;
        }
        counted.push((&step.id, result));
        match counts.iter_mut().find(|(other, _)| *other == result) {
            Some((_, count)) => *count += 1,
            None => counts.push((result, 1)),
        }
    }
    let counts = counts.iter();
    let counts = counts.map(|(result, count)| format!("{count} {result}"));
    counts.collect::<Vec<_>>().join(", ")
}

fn result(step: &Step) -> &'static str {
    match (step.progress, step.verb) {
        (Progress::Failed, _) => "failed",
        (Progress::Running, _) => "not finished",
        (Progress::Done, "create") => "created",
        (Progress::Done, "update") => "updated",
        (Progress::Done, "adopt") => "adopted",
        (Progress::Done, "replace") => "replaced",
        (Progress::Done, "delete") => "deleted",
        (Progress::Done, verb) => verb,
    }
}

fn bar(part: &Part, start: SystemTime) -> Bar {
    let since = |moment: SystemTime| moment.duration_since(start).unwrap_or_default();
    Bar {
        name: part.name.clone(),
        start: since(part.start),
        end: since(part.end),
        label: duration(part.took()),
        note: note(part),
    }
}

/// `   8.0 s of it: IAM`
fn note(part: &Part) -> String {
    let waited = part.waited();
    if waited < WORTH_TELLING {
        return String::new();
    }
    format!("   {} of it: {}", duration(waited), service(&part.waits))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::summary;
    use crate::engine::observed::ResourceId;
    use crate::report::bars::Blocks;
    use crate::report::record::{Progress, Record, Step};
    use crate::report::waited::Waited;

    const IAM: Option<&str> = Some("IAM");
    const DYNAMODB: Option<&str> = Some("DynamoDB");

    fn at(milliseconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(milliseconds)
    }

    fn wait(service: Option<&'static str>, start: u64, end: u64) -> Waited {
        Waited {
            start: at(start),
            end: at(end),
            until: None,
            service,
        }
    }

    fn step(
        (kind, name): (&'static str, &str),
        verb: &'static str,
        (start, end): (u64, u64),
        waits: &[Waited],
    ) -> Step {
        Step {
            id: ResourceId::new(kind, name),
            verb,
            started: at(start),
            ended: Some(at(end)),
            progress: Progress::Done,
            waits: waits.to_vec(),
        }
    }

    fn record(steps: Vec<Step>, waits: &[Waited]) -> Record {
        Record {
            steps,
            waits: waits.to_vec(),
            ..Record::default()
        }
    }

    fn first_up() -> Record {
        let role = step(("role", "WildRydesLambda"), "create", (0, 100), &[]);
        let active = wait(DYNAMODB, 100, 2_050);
        let table = step(("table", "Rides"), "create", (0, 2_100), &[active]);
        let waits = [wait(IAM, 600, 8_600), wait(None, 9_000, 9_100)];
        let function = ("function", "RequestUnicorn");
        let function = step(function, "create", (100, 10_000), &waits);
        let release = ("release", "RequestUnicorn:live");
        let release = step(release, "create", (10_000, 10_300), &[]);
        record(vec![role, table, function, release], &[])
    }

    fn check(record: &Record, now: u64, width: usize, expected: &str) {
        let text = summary(record, at(now), width, Blocks::Eighths).expect("changes");
        assert_eq!(format!("\n{text}\n"), expected, "at {width} columns");
        assert!(
            text.lines().all(|line| line.chars().count() <= width),
            "{text}"
        );
    }

    #[test]
    fn bars_show_where_the_time_went() {
        check(
            &first_up(),
            10_300,
            60,
            "
4 created in 10 s, 8.6 s of it waiting
  role     ▏ 0.1 s
  table    ███▊ 2.1 s   1.9 s of it: DynamoDB
  function ██████████████████▎ 9.9 s   8.1 s of it: IAM
  release                    ▋ 0.3 s
",
        );
        check(
            &first_up(),
            10_300,
            80,
            "
4 created in 10 s, 8.6 s of it waiting
  role     ▍ 0.1 s
  table    ███████▉ 2.1 s   1.9 s of it: DynamoDB
  function █████████████████████████████████████▍ 9.9 s   8.1 s of it: IAM
  release                                       █▎ 0.3 s
",
        );
        check(
            &first_up(),
            10_300,
            120,
            "
4 created in 10 s, 8.6 s of it waiting
  role     ▌ 0.1 s
  table    ████████████▏ 2.1 s   1.9 s of it: DynamoDB
  function █████████████████████████████████████████████████████████▊ 9.9 s   8.1 s of it: IAM
  release                                                            █▊ 0.3 s
",
        );
    }

    #[test]
    fn the_verification_has_a_bar_too() {
        let table = step(("table", "Rides"), "update", (4_100, 4_300), &[]);
        let waits = [wait(None, 0, 4_000), wait(None, 4_400, 6_000)];
        check(
            &record(vec![table], &waits),
            6_000,
            80,
            "
1 updated in 1.9 s, 1.6 s of it waiting
  table  ████▊ 0.2 s
  verify     █████████████████████████████████████████▎ 1.7 s   1.6 s of it: AWS
",
        );
    }

    #[test]
    fn a_run_without_waits_has_one_line() {
        let deleted = step(
            ("log group", "/a"),
            "delete",
            (0, 900),
            &[wait(IAM, 0, 900)],
        );
        let again = step(("log group", "/a"), "delete", (900, 950), &[]);
        let updated = step(("log group", "/b"), "update", (0, 100), &[]);
        let record = record(vec![deleted, again, updated], &[]);
        check(&record, 970, 80, "\n1 deleted, 1 updated in 0.9 s\n");
    }

    #[test]
    fn resources_of_one_kind_have_their_names() {
        let one = step(
            ("log group", "/a"),
            "create",
            (0, 1_500),
            &[wait(None, 0, 1_500)],
        );
        let other = step(("log group", "/b"), "create", (0, 1_500), &[]);
        let text = summary(&record(vec![one, other], &[]), at(1_500), 80, Blocks::Ascii);
        let text = text.expect("changes");
        assert!(text.contains("  log group /a #"), "{text}");
        assert!(text.contains("   1.5 s of it: AWS"), "{text}");
    }

    #[test]
    fn a_run_that_changed_nothing_has_no_summary() {
        let record = record(Vec::new(), &[wait(None, 0, 4_000)]);
        assert_eq!(summary(&record, at(9_000), 80, Blocks::Eighths), None);
    }

    #[test]
    fn failed_changes_are_counted() {
        let mut record = first_up();
        let mut failed = step(("log group", "/a"), "create", (10_000, 10_200), &[]);
        failed.progress = Progress::Failed;
        record.steps.push(failed);
        let text = summary(&record, at(10_300), 80, Blocks::Ascii).expect("changes");
        let totals = "4 created, 1 failed in 10 s, 8.6 s of it waiting\n";
        assert!(text.starts_with(totals), "{text}");
    }
}
