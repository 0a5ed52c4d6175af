//! The output of `sweep` as text and JSON: each stage, and what became of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::teardown::{self, TeardownReport};
use super::{document, escape};
use crate::error::Error;
use crate::hints::CommandLine;
use crate::stack::stage::Stage;

/// One stage of the pattern.
#[derive(Debug)]
pub struct Row {
    pub stage: Stage,
    /// When something was last deployed to it, in ISO 8601, and how long ago that was.
    pub deployed_at: Option<String>,
    pub age: Option<Duration>,
    pub verdict: Verdict,
}

#[derive(Debug)]
pub enum Verdict {
    /// To be deleted.
    Expired,
    /// Left alone, and why.
    Kept(String),
    Deleted(TeardownReport),
    /// It could not be read, or not be deleted.
    Failed(Vec<Error>),
}

impl Row {
    pub fn kept(stage: &Stage, why: &str) -> Row {
        Row::of(stage, Verdict::Kept(why.to_owned()))
    }

    pub fn failed(stage: &Stage, errors: Vec<Error>) -> Row {
        Row::of(stage, Verdict::Failed(errors))
    }

    fn of(stage: &Stage, verdict: Verdict) -> Row {
        Row {
            stage: stage.clone(),
            deployed_at: None,
            age: None,
            verdict,
        }
    }

    pub fn into_errors(self) -> Vec<Error> {
        match self.verdict {
            Verdict::Failed(errors) => errors,
            Verdict::Expired | Verdict::Kept(_) | Verdict::Deleted(_) => Vec::new(),
        }
    }

    /// `last deployed 2026-11-24T10:00:00Z, 4 d ago`, if that is known.
    fn deployed(&self) -> Option<String> {
        let (at, age) = (self.deployed_at.as_ref()?, self.age?);
        Some(format!("last deployed {at}, {} ago", self::age(age)))
    }

    /// `kept: it is a production stage`
    fn result(&self) -> String {
        match &self.verdict {
            Verdict::Expired => "expired".to_owned(),
            Verdict::Kept(why) => format!("kept: {why}"),
            Verdict::Deleted(_) => "deleted".to_owned(),
            Verdict::Failed(_) => "failed".to_owned(),
        }
    }
}

/// In the largest unit of `--older-than` that fits: `4 d`.
fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    let units = [("d", 24 * 60 * 60), ("h", 60 * 60), ("m", 60)];
    let unit = units.into_iter().find(|(_, length)| seconds >= *length);
    let (unit, length) = unit.unwrap_or(("s", 1));
    format!("{} {unit}", seconds / length)
}

/// The stages that were found.
pub fn list(rows: &[Row], pattern: &str) -> String {
    if rows.is_empty() {
        return format!("no stage {pattern} exists\n");
    }
    let width = rows
        .iter()
        .map(|row| row.stage.as_str().len())
        .max()
        .unwrap_or(0);
    let lines = rows.iter().map(|row| {
        let parts = [row.deployed(), Some(row.result())].into_iter().flatten();
        let text = parts.collect::<Vec<_>>().join("; ");
        format!("{:width$}  {text}\n", row.stage.as_str())
    });
    escape::foreign(&lines.collect::<String>()).into_owned()
}

/// What a user agrees to.
pub fn confirmations(rows: &[Row]) -> Vec<String> {
    let expired = rows.iter();
    let expired = expired.filter(|row| matches!(row.verdict, Verdict::Expired));
    let texts = expired.map(|row| {
        let deployed = row.deployed().unwrap_or_default();
        format!("delete stage {} ({deployed})", row.stage.as_str())
    });
    texts.collect()
}

/// `2 deleted, 3 kept`
pub fn summary(rows: &[Row]) -> String {
    let words = ["expired", "deleted", "failed", "kept"];
    let counts = words.map(|word| {
        let of_word = rows.iter().filter(|row| row.result().starts_with(word));
        (of_word.count(), word)
    });
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if counts.is_empty() {
        return "stages: none".to_owned();
    }
    format!("stages: {}", counts.join(", "))
}

pub fn json(row: &Row, command_line: &CommandLine) -> Value {
    let (result, rest) = match &row.verdict {
        Verdict::Expired => ("expired", json!({})),
        Verdict::Kept(why) => ("kept", json!({"reason": why})),
        Verdict::Deleted(report) => ("deleted", json!({"receipt": teardown::json(report)})),
        Verdict::Failed(errors) => {
            let mut rest = json!({});
            document::add_errors(&mut rest, errors, command_line);
            ("failed", rest)
        }
    };
    let mut value = json!({
        "stage": row.stage.as_str(),
        "deployedAt": row.deployed_at,
        "ageSeconds": row.age.map(|age| age.as_secs()),
        "result": result,
    });
    if let Value::Object(rest) = rest {
        for (key, member) in rest {
            value[key] = member;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::age;

    #[test]
    fn an_age_is_shown_in_its_largest_unit() {
        let shown = |seconds| age(Duration::from_secs(seconds));
        assert_eq!(shown(59), "59 s");
        assert_eq!(shown(3_599), "59 m");
        assert_eq!(shown(86_399), "23 h");
        assert_eq!(shown(4 * 86_400 + 5), "4 d");
    }
}
