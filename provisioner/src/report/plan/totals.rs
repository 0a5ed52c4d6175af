//! The last line of a plan: how much it does, and where.

use super::line::{Line, Sign};
use super::view::View;
use crate::engine::observed::Context;
use crate::engine::plan::{Action, Plan};

pub fn line(plan: &Plan, view: &View<'_>) -> Line {
    let Context {
        partition: _,
        account,
        region,
        stage,
        caller: _,
    } = &view.inventory.context;
    let place = format!("· account {account}, {region}, stage {stage}");
    Line::of_pieces(
        0,
        Sign::None,
        vec![format!("Plan: {}", counts(plan)), place],
    )
}

/// `2 to create, 1 to change, 0 to delete`, or `nothing to do`.
pub fn counts(plan: &Plan) -> String {
    let count = |wanted: fn(&Action) -> bool| {
        let changes = plan.changes.iter();
        changes.filter(|change| wanted(&change.action)).count()
    };
    let always = [
        (count(|a| matches!(a, Action::Create(_))), "to create"),
        (count(|a| matches!(a, Action::Update(_))), "to change"),
        (count(|a| matches!(a, Action::Delete(_))), "to delete"),
    ];
    let sometimes = [
        (count(|a| matches!(a, Action::Adopt(_))), "to adopt"),
        (count(|a| matches!(a, Action::Replace(..))), "to replace"),
        (count(|a| matches!(a, Action::Blocked(_))), "blocked"),
    ];
    let sometimes = sometimes.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<(usize, &str)> = always.into_iter().chain(sometimes).collect();
    if counts.iter().all(|(count, _)| *count == 0) {
        return "nothing to do".to_owned();
    }
    let counts = counts.iter().map(|(count, what)| format!("{count} {what}"));
    counts.collect::<Vec<_>>().join(", ")
}
