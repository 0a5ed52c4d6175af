//! A plan as lines for people: a function from values to text, the same for `plan`, `up`, `down`, the
//! summary of a CI step and the comment on a pull request.

mod attributes;
mod changes;
mod layout;
mod line;
mod policies;
mod release;
mod shorten;
mod totals;
mod variables;
mod view;

use crate::engine::plan::Plan;
use crate::report::style::Style;
use crate::report::wrap::wrapped;

pub use changes::left;
pub use totals::counts;
pub use view::{KnownValues, View};

/// The plan as a stream shows it: in color if the stream has colors, and wrapped to its width.
pub fn text(plan: &Plan, view: &View<'_>, style: Style) -> String {
    let mut text = String::new();
    for line in changes::lines(plan, view) {
        text.push_str(&layout::text(&line, style));
    }
    text.push_str(&layout::text(&totals::line(plan, view), style));
    text
}

/// What `up` asks before it carries out the plan. Empty if it asks nothing.
pub fn consent(plan: &Plan, style: Style) -> String {
    let confirmations = plan.confirmations();
    if confirmations.is_empty() {
        return String::new();
    }
    let lines = confirmations.iter().map(|text| format!("  {text}\n"));
    let text: String = lines.collect();
    wrapped(
        &format!("`up` asks before it does this, unless `--yes` is given:\n{text}"),
        style.columns,
    )
}

/// The plan as the content of a Markdown block in the language `diff`, without the fence: no colors, and the
/// sign of each line is its first character, because GitHub colors lines by it (`+` and `-`, and `!` for what
/// changes in place). The totals are not part of it; `totals` has them.
///
/// For `GITHUB_STEP_SUMMARY` and the comment on a pull request, which stay and may be public: values of
/// variables are hidden in them also with `--show-env`.
pub fn diff(plan: &Plan, view: &View<'_>) -> String {
    let values = &view.values.names();
    let lines = changes::lines(plan, &View { values, ..*view });
    lines.iter().map(layout::diff).collect()
}

/// `Plan: 1 to create, 0 to change, 0 to delete · account 123456789012, eu-west-1, stage default`.
pub fn totals(plan: &Plan, view: &View<'_>) -> String {
    totals::line(plan, view).pieces.join(" ")
}
