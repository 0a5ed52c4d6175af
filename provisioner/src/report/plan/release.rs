//! What a release will do, and why, in words instead of digests.

use super::line::{ATTRIBUTE, Line, Sign};
use super::view::View;
use crate::engine::attribute::{Difference, TAG, Value};
use crate::engine::plan::{Action, Change, Plan};
use crate::resources::release::{KIND, PROOF, SERVES, TEST_RIDE, TRAFFIC};
use crate::resources::{function, log_group};

/// The steps of a release: `publish a version (memory changed), test ride, move live 1 → it`. `None` for
/// other kinds, and for what is not carried out.
pub fn steps(change: &Change, plan: &Plan, view: &View<'_>) -> Option<Line> {
    if change.id.kind != KIND {
        return None;
    }
    let why = match &change.action {
        Action::Create(_) | Action::Replace(..) => None,
        Action::Update(found) | Action::Adopt(found) => Some(reason(found, change, plan)),
        Action::Keep | Action::Delete(_) | Action::Leave(_) | Action::Blocked(_) => return None,
    };
    let publish = match why {
        Some(why) => format!("publish a version ({why}),"),
        None => "publish a version,".to_owned(),
    };
    let ride = match view.takes_test_ride {
        true => "test ride,",
        false => "no test ride,",
    };
    let live = view
        .inventory
        .state(&change.id)
        .and_then(|state| state.detail("version"));
    let live = match live {
        Some(version) => format!("move live {version} → it"),
        None => "point live at it".to_owned(),
    };
    let pieces = [publish, ride.to_owned(), live].into();
    Some(Line::of_pieces(ATTRIBUTE, Sign::None, pieces))
}

/// Why a version must take a test ride: the changes that a ride depends on, or what is wrong with `live`.
fn reason(found: &[Difference], release: &Change, plan: &Plan) -> String {
    // No ride depends on the log group.
    let depends_on =
        |change: &&Change| release.after.contains(&change.id) && change.id.kind != log_group::KIND;
    let changes = plan.changes.iter().filter(depends_on);
    let mut changed: Vec<String> = Vec::new();
    for what in changes.flat_map(changes_of) {
        if !changed.contains(&what) {
            changed.push(what);
        }
    }
    let of = |name: &str| {
        found
            .iter()
            .find(|difference| difference.attribute.is(name))
    };
    let shares = of(TRAFFIC).and_then(|traffic| traffic.from.as_ref());
    let shares = shares.map(|shares| format!("live sends {shares}"));
    if !changed.is_empty() {
        let changed = format!("{} changed", joined(&changed));
        return [changed]
            .into_iter()
            .chain(shares)
            .collect::<Vec<_>>()
            .join(", ");
    }
    let rolled_back = of(PROOF).and_then(|proof| proof.source.clone());
    let other = || Some(format!("live has {}", another(of(SERVES)?)));
    shares.or(rolled_back).or_else(other).unwrap_or_else(|| {
        match (of(TEST_RIDE), of(PROOF)) {
            (Some(_), _) => "live has not passed a test ride",
            (None, Some(_)) => "changed since the test ride of live",
            (None, None) => "live is not as declared",
        }
        .to_owned()
    })
}

/// The names of what changes in a resource. A created one counts as a whole.
fn changes_of(change: &Change) -> Vec<String> {
    match &change.action {
        Action::Create(_) | Action::Replace(..) => vec![change.id.kind.to_owned()],
        Action::Update(found) | Action::Adopt(found) => {
            // The rest is not part of the proof, and only of the function's configuration.
            let counts = |difference: &&Difference| {
                let is_declared = difference.to.is_some() || change.id.kind == function::KIND;
                let name = &difference.attribute;
                is_declared && (name.group() != Some(TAG) || function::is_role_id(name))
            };
            let found = found.iter().filter(counts);
            let names = found.map(|difference| {
                let name = &difference.attribute;
                match name.group() {
                    Some(TAG) => function::ROLE.to_owned(),
                    Some(group) => group.to_owned(),
                    None => name.to_string(),
                }
            });
            names.collect()
        }
        Action::Keep | Action::Delete(_) | Action::Leave(_) | Action::Blocked(_) => Vec::new(),
    }
}

/// What of the code and the configuration is another one.
fn another(serves: &Difference) -> &'static str {
    let (from, to) = (
        serves.from.as_deref(),
        serves.to.as_ref().and_then(Value::known),
    );
    let code = |text: Option<&str>| {
        text.and_then(|text| text.split_once(", "))
            .map(|(code, _)| code.to_owned())
    };
    match (code(from), code(to)) {
        (Some(from), Some(to)) if from == to => "another configuration",
        _ => "other code",
    }
}

/// `memory`, `memory and policy`, `code, memory and 3 more`.
fn joined(names: &[String]) -> String {
    match names {
        [first, second, more @ ..] if more.len() > 1 => {
            format!("{first}, {second} and {} more", more.len())
        }
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}
