//! The lines of each change.

use super::attributes::{declared, differences};
use super::line::{ATTRIBUTE, Line, Sign};
use super::release;
use super::view::View;
use crate::engine::plan::{Action, Blocked, Change, Left, Plan};
use crate::report::escape::value;
use crate::resources::release::KIND as RELEASE;

/// The lines of all changes, in the order of the plan. Nothing for what is kept.
pub fn lines(plan: &Plan, view: &View<'_>) -> Vec<Line> {
    let changes = plan.changes.iter();
    changes
        .flat_map(|change| change_lines(change, plan, view))
        .collect()
}

fn change_lines(change: &Change, plan: &Plan, view: &View<'_>) -> Vec<Line> {
    let Change {
        id,
        action,
        after: _,
        note,
        undeclared,
    } = change;
    let undeclared = undeclared.iter().map(|part| {
        let hint = format!("not declared; deleting it needs --drop {}", part.part());
        Line::new(0, Sign::Delete, &format!("{id}, {part}")).remark(hint)
    });
    let head = |sign, text: &str| Line::new(0, sign, &format!("{id}{text}"));
    let (head, details) = match action {
        Action::Keep => return undeclared.collect(),
        Action::Create(attributes) => (head(Sign::Create, ""), declared(attributes, view)),
        Action::Update(found) => (head(Sign::Change, ""), differences(found, view)),
        Action::Adopt(found) => (head(Sign::Change, " (adopt)"), differences(found, view)),
        Action::Replace(reason, attributes) => (
            head(Sign::Replace, &format!(" ({reason})")),
            declared(attributes, view),
        ),
        Action::Delete(_) => {
            let head = head(Sign::Delete, "");
            return vec![match note {
                Some(note) => head.remark(note.as_str()),
                None => head,
            }];
        }
        Action::Leave(why @ (Left::Undeclared | Left::Unreadable(_) | Left::UnknownKind)) => {
            let why = value(&left(why)).into_owned();
            (head(Sign::Keep, "").remark(why), Vec::new())
        }
        Action::Leave(why) => (head(Sign::Keep, &format!(" ({})", left(why))), Vec::new()),
        Action::Blocked(blocked) => {
            let (why, details) = self::blocked(blocked, view);
            // Digests, of which `why` is the meaning.
            let is_shown = view.verbose || id.kind != RELEASE;
            let details = if is_shown { details } else { Vec::new() };
            (head(Sign::Blocked, &format!(": {why}")), details)
        }
    };
    let mut lines = vec![head];
    match release::steps(change, plan, view) {
        Some(steps) if !view.verbose => lines.push(steps),
        Some(steps) => lines.extend([steps].into_iter().chain(details)),
        None => lines.extend(details),
    }
    let note = note.as_ref().map(|note| format!("note: {note}"));
    lines.extend(note.map(|note| Line::new(ATTRIBUTE, Sign::None, &note)));
    lines.extend(undeclared);
    lines
}

/// Why a resource cannot be changed, and what would change.
fn blocked(blocked: &Blocked, view: &View<'_>) -> (String, Vec<Line>) {
    match blocked {
        Blocked::Settling(status) => (
            format!("{status}; `up` waits until that is over"),
            Vec::new(),
        ),
        Blocked::Broken(reason) => (reason.clone(), Vec::new()),
        Blocked::Unmanaged {
            why,
            differences: found,
        } => {
            let effect = if found.is_empty() {
                "adopting it would change nothing"
            } else {
                "adopting it would change:"
            };
            let text = format!("not managed by provision ({why}); {effect}");
            (text, differences(found, view))
        }
        Blocked::UnknownOwner(why) => (
            format!("cannot determine ownership: {}", value(why)),
            Vec::new(),
        ),
        Blocked::Refused {
            difference,
            why,
            hint: _,
        } => (
            why.clone(),
            differences(std::slice::from_ref(difference), view),
        ),
    }
}

/// Why a resource is kept.
pub fn left(left: &Left) -> String {
    match left {
        Left::KeepData => "kept because of --keep-data".to_owned(),
        Left::Unmanaged(why) => format!("not managed by provision: {why}"),
        Left::WithUnmanaged(id) => format!("{id} is not managed by provision"),
        Left::Undeclared => "no longer declared; stays until `down --undeclared`".to_owned(),
        Left::Unreadable(why) => format!("no longer declared, and cannot be read: {why}"),
        Left::UnknownKind => {
            "no longer declared; this `provision` has no such kind any more".to_owned()
        }
    }
}
