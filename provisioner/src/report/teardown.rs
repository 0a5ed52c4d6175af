//! The report of `down` as text and JSON: deleted, kept and remaining resources.

use serde_json::{Value, json};

use super::plan;
use crate::engine::observed::ResourceId;
use crate::engine::plan::Left;

/// The state of every name after a deletion.
#[derive(Debug, Default)]
pub struct TeardownReport {
    pub deleted: Vec<ResourceId>,
    /// Did not exist when the run began.
    pub absent: Vec<ResourceId>,
    pub left: Vec<(ResourceId, Left)>,
    pub remaining: Vec<ResourceId>,
    /// Kept by AWS for 35 days; they cannot be deleted.
    pub system_backups: Vec<String>,
    /// Why the backups could not be listed. A warning, since nothing depends on them.
    pub backups_unknown: Option<String>,
}

/// For a terminal, which shows what was deleted line by line already: the result of the second read, and what is left.
pub fn summary(report: &TeardownReport) -> String {
    let is_left = !report.left.is_empty() || !report.remaining.is_empty();
    let read = match is_left {
        true => "read again: this is left",
        false => "read again: nothing is left",
    };
    let left = TeardownReport {
        deleted: Vec::new(),
        absent: Vec::new(),
        left: report.left.clone(),
        remaining: report.remaining.clone(),
        system_backups: report.system_backups.clone(),
        backups_unknown: None,
    };
    format!("{read}\n{}", text(&left))
}

pub fn text(report: &TeardownReport) -> String {
    let TeardownReport {
        deleted,
        absent,
        left,
        remaining,
        system_backups,
        backups_unknown: _,
    } = report;
    let lines = |word: &str, ids: &[ResourceId]| -> String {
        ids.iter().map(|id| format!("{word:8} {id}\n")).collect()
    };
    let mut text = lines("deleted", deleted) + &lines("absent", absent);
    for (id, why) in left {
        text.push_str(&format!("kept     {id} ({})\n", plan::left(why)));
    }
    text.push_str(&lines("REMAINS", remaining));
    for name in system_backups {
        text.push_str(&format!(
            "kept     backup {name} (by AWS, for 35 days; it cannot be deleted)\n"
        ));
    }
    text
}

pub fn json(report: &TeardownReport) -> Value {
    let TeardownReport {
        deleted,
        absent,
        left,
        remaining,
        system_backups,
        backups_unknown,
    } = report;
    let id = |id: &ResourceId| json!({"kind": id.kind, "name": id.name});
    let ids = |ids: &[ResourceId]| -> Value { ids.iter().map(id).collect() };
    let left = left.iter().map(|(left, why)| {
        let mut value = id(left);
        value["reason"] = json!(plan::left(why));
        value
    });
    json!({
        "gone": ids(deleted),
        "absent": ids(absent),
        "left": left.collect::<Vec<_>>(),
        "remaining": ids(remaining),
        "systemBackups": backups_unknown.is_none().then_some(system_backups),
    })
}

#[cfg(test)]
mod tests {
    use super::{TeardownReport, summary};
    use crate::engine::observed::ResourceId;
    use crate::engine::plan::Left;

    #[test]
    fn a_terminal_shows_only_what_is_left() {
        let id = |kind, name| ResourceId::new(kind, name);
        let mut report = TeardownReport {
            deleted: vec![id("role", "Rider")],
            absent: vec![id("function", "F")],
            ..TeardownReport::default()
        };
        assert_eq!(summary(&report), "read again: nothing is left\n");
        report.left.push((id("table", "Rides"), Left::KeepData));
        report.remaining.push(id("log group", "G"));
        assert_eq!(
            summary(&report),
            "read again: this is left\n\
             kept     table Rides (kept because of --keep-data)\n\
             REMAINS  log group G\n"
        );
    }
}
