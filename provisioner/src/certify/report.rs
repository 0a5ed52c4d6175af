//! The report of a run as JSON and Markdown. It names no account, no caller and no secret.

use serde_json::{Value, json};

use super::compare::{Comparison, Difference};
use super::names::Names;
use super::row::Row;

/// Everything that one run found.
#[derive(Debug)]
pub struct Report {
    pub names: Names,
    pub partition: String,
    /// When the run began, ISO 8601.
    pub started: String,
    /// The commit that this program deploys.
    pub commit: Option<String>,
    pub rows: Vec<Row>,
    /// What exists at the end and should not.
    pub remaining: Vec<String>,
    /// The answers beside those of the local cloud, or why they were not compared.
    pub comparison: Result<Comparison, String>,
}

/// As in the documents of `--output json`.
const VERSION: u32 = 1;

impl Report {
    pub fn json(&self) -> Value {
        let hide = |text: &String| json!(self.names.hide(text));
        let rows = self.rows.iter().map(|row| self.row(row));
        let mut document = json!({
            "version": VERSION,
            "command": "certify",
            "provision": env!("CARGO_PKG_VERSION"),
            "commit": self.commit,
            "started": self.started,
            "target": {"partition": self.partition, "region": self.names.region},
            "stage": self.names.stage,
            "steps": rows.collect::<Vec<_>>(),
            "remaining": self.remaining.iter().map(hide).collect::<Vec<_>>(),
        });
        match &self.comparison {
            Err(why) => document["notCompared"] = hide(why),
            Ok(comparison) => {
                let all = |found: &mut dyn Iterator<Item = &Difference>| -> Vec<Value> {
                    found.map(difference).collect()
                };
                document["answers"] = json!({
                    "compared": comparison.answers,
                    "differences": all(&mut comparison.deviations()),
                    "additional": all(&mut comparison.additional()),
                });
            }
        }
        document
    }

    fn row(&self, row: &Row) -> Value {
        let Row {
            step,
            took,
            calls,
            verdict,
            detail,
        } = row;
        json!({
            "step": step,
            "seconds": (took.as_secs_f64() * 10.0).round() / 10.0,
            "calls": calls,
            "verdict": verdict.text().to_lowercase(),
            "detail": self.names.hide(detail),
        })
    }

    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# provision certify\n\nprovision {}, commit {}, {} in {}, begun {}.\n\n",
            env!("CARGO_PKG_VERSION"),
            self.commit.as_deref().unwrap_or("unknown"),
            self.partition,
            self.names.region,
            self.started
        );
        text.push_str(
            "| step | seconds | calls | verdict | detail |\n| --- | --: | --: | --- | --- |\n",
        );
        for row in &self.rows {
            text.push_str(&format!(
                "| {} | {:.1} | {} | {} | {} |\n",
                row.step,
                row.took.as_secs_f64(),
                row.calls,
                row.verdict.text(),
                cell(&self.names.hide(&row.detail))
            ));
        }
        text.push_str(&self.remaining_text());
        text.push_str(&self.answers_text());
        text
    }

    fn remaining_text(&self) -> String {
        if self.remaining.is_empty() {
            return "\nNothing remains.\n".to_owned();
        }
        let lines = self.remaining.iter();
        let lines = lines.map(|what| format!("- {}\n", self.names.hide(what)));
        format!("\n## What remains\n{}", lines.collect::<String>())
    }

    fn answers_text(&self) -> String {
        let comparison = match &self.comparison {
            Err(why) => return format!("\nNot compared: {}.\n", self.names.hide(why)),
            Ok(comparison) => comparison,
        };
        let lines =
            |found: &mut dyn Iterator<Item = &Difference>| -> String { found.map(line).collect() };
        let head = "| operation | result | member | kind | here | local cloud |\n\
                    | --- | --- | --- | --- | --- | --- |\n";
        let differences = lines(&mut comparison.deviations());
        let additional = lines(&mut comparison.additional());
        let section = |title: &str, lines: String| match lines.is_empty() {
            true => String::new(),
            false => format!("\n## {title}\n{head}{lines}"),
        };
        format!(
            "\n{} answers compared with those of the local cloud.\n{}{}",
            comparison.answers,
            section("Differences", differences),
            section("Additional members", additional)
        )
    }
}

fn difference(difference: &Difference) -> Value {
    let Difference {
        operation,
        result,
        member,
        kind,
        certified,
        local,
    } = difference;
    json!({
        "operation": operation,
        "result": result,
        "member": member,
        "kind": kind.text(),
        "here": certified,
        "localCloud": local,
    })
}

fn line(difference: &Difference) -> String {
    let values = |values: &[String]| cell(&values.join("; "));
    format!(
        "| {} | {} | {} | {} | {} | {} |\n",
        difference.operation,
        difference.result,
        cell(&difference.member),
        difference.kind.text(),
        values(&difference.certified),
        values(&difference.local)
    )
}

/// As a cell of a Markdown table takes it.
fn cell(text: &str) -> String {
    let text = text.replace('|', "\\|").replace('<', "&lt;");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
