//! The statements that a policy gains and loses.

use super::line::{ATTRIBUTE, Line, PART, Sign};
use super::shorten::shortened;
use super::view::View;
use crate::engine::attribute::Value;
use crate::policy::{Statement, StatementDelta, statement_deltas};
use crate::report::escape::value;

/// The lines of a policy that changes, below its name; with `widens`, those that give more access are marked.
/// `None` if the values are not two policies that differ.
pub fn lines(
    name: &str,
    (from, to): (Option<&str>, Option<&Value>),
    widens: bool,
    view: &View<'_>,
) -> Option<Vec<Line>> {
    let to = match to {
        Some(to) => Some(to.known()?),
        None => None,
    };
    let deltas = statement_deltas(from, to)?;
    if deltas.is_empty() {
        return None;
    }
    let is_whole = from.is_none() || to.is_none();
    let mut lines = Vec::new();
    if is_whole {
        lines.push(match to {
            Some(_) => Line::new(ATTRIBUTE, Sign::None, name),
            None => Line::new(ATTRIBUTE, Sign::Delete, name).remark("not declared"),
        });
    }
    for delta in &deltas {
        let StatementDelta {
            sid,
            removed,
            added,
        } = delta;
        if !is_whole {
            let header = match sid {
                Some(sid) => format!("{name}, statement {sid}"),
                None => name.to_owned(),
            };
            lines.push(Line::new(ATTRIBUTE, Sign::None, &header));
        }
        let removed = removed.iter().map(|changed| (Sign::Delete, changed));
        let added = added.iter().map(|changed| (Sign::Create, changed));
        lines.extend(removed.chain(added).map(|(sign, changed)| {
            let line = statement(sign, &changed.statement, view);
            match changed.widens && widens {
                true => line.warning("! widens access"),
                false => line,
            }
        }));
    }
    Some(lines)
}

fn statement(sign: Sign, statement: &Statement, view: &View<'_>) -> Line {
    let context = &view.inventory.context;
    let pieces = statement.parts.iter().map(|part| match view.verbose {
        true => value(part).into_owned(),
        false => shortened(&value(part), context),
    });
    Line::of_pieces(PART, sign, pieces.collect())
}
