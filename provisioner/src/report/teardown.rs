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

/// For a terminal, which shows what was deleted line by line already: the result of the second read.
pub fn summary(report: &TeardownReport) -> String {
    match left(report) {
        left if left.is_empty() => "read again: nothing is left\n".to_owned(),
        left => format!("read again: this is left\n{left}"),
    }
}

pub fn text(report: &TeardownReport) -> String {
    lines("deleted", &report.deleted) + &lines("absent", &report.absent) + &left(report)
}

fn left(report: &TeardownReport) -> String {
    let kept = report.left.iter();
    let kept = kept.map(|(id, why)| format!("kept     {id} ({})\n", plan::left(why)));
    let backups = report.system_backups.iter().map(|name| {
        format!("kept     backup {name} (by AWS, for 35 days; it cannot be deleted)\n")
    });
    let remaining = lines("REMAINS", &report.remaining);
    kept.chain([remaining]).chain(backups).collect()
}

fn lines(word: &str, ids: &[ResourceId]) -> String {
    ids.iter().map(|id| format!("{word:8} {id}\n")).collect()
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
