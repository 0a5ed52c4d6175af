//! A clock that was set back.
//!
//! Every change in progress ends at a moment in the state. A clock that is set back would postpone all of
//! them, so a moment further ahead than the longest delay counts as past.

use serde_json::Value;

use crate::clock::Millis;
use crate::state::State;

/// The state with the moments that are further ahead than `longest` set to now. `None` if there are none.
/// `longest` is asked with the name of the moment's member.
pub(crate) fn settled(
    state: &State,
    now: Millis,
    longest: impl Fn(&str) -> Millis,
) -> Option<State> {
    let is_far = |name: &str, at: Millis| at > now.saturating_add(longest(name));
    let mut document = serde_json::to_value(state).ok()?;
    let mut is_any_far = false;
    each_moment(&mut document, "", &mut |name, moment| {
        if moment.as_i64().is_some_and(|at| is_far(name, at)) {
            *moment = now.into();
            is_any_far = true;
        }
    });
    if !is_any_far {
        return None;
    }
    serde_json::from_value(document).ok()
}

/// Calls `visit` for each number below a member that holds the end of something. Their names end in `_at`
/// or `until`; two are maps of such moments.
fn each_moment(value: &mut Value, name: &str, visit: &mut impl FnMut(&str, &mut Value)) {
    match value {
        Value::Object(members) => {
            let is_map = matches!(name, "unseen" | "late_logs");
            for (member, value) in members {
                each_moment(value, if is_map { name } else { member }, visit);
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| each_moment(item, "", visit)),
        Value::Number(_) if is_moment(name) => visit(name, value),
        Value::Number(_) | Value::String(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn is_moment(name: &str) -> bool {
    name.ends_with("_at") || name.ends_with("until") || matches!(name, "unseen" | "late_logs")
}

#[cfg(test)]
mod tests {
    use super::each_moment;
    use serde_json::json;

    #[test]
    fn the_ends_of_changes_are_found_and_nothing_else() {
        let mut document = json!({
            "format": 1,
            "tables": {"T": {
                "created": 2,
                "active_at": 10,
                "updating_until": 11,
                "gone_at": null,
                "tags": {"written": [], "before": [{"until": 12, "value": []}]},
            }},
            "functions": {"f": {
                "unseen": {"GetFunction": 13},
                "latest": {"settles_at": 14, "config": {"environment": {"RUN_AT": "15"}}},
            }},
            "late_logs": {"/aws/lambda/f": 16},
        });
        let mut found = Vec::new();
        each_moment(&mut document, "", &mut |_, moment| {
            found.extend(moment.as_i64());
        });
        found.sort_unstable();
        assert_eq!(found, [10, 11, 12, 13, 14, 16]);
    }
}
