//! Environment variables: all that change on one line, without values that may be secrets.

use super::line::{ATTRIBUTE, Line, Sign};
use super::view::View;
use crate::engine::attribute::{Difference, Name, Value};
use crate::resources::function::ENV;

/// One variable: `+ LOG_LEVEL`.
pub struct Variable {
    text: String,
    hides_value: bool,
}

pub fn is_variable(name: &Name) -> bool {
    name.group() == Some(ENV)
}

/// A variable of a function that is created.
pub fn added(name: &Name, value: Option<&Value>, view: &View<'_>) -> Variable {
    variable(name, None, value, view)
}

pub fn changed(difference: &Difference, view: &View<'_>) -> Variable {
    let Difference {
        attribute,
        from,
        to,
        on_change: _,
        source: _,
        shown: _,
        widens: _,
    } = difference;
    variable(attribute, from.as_deref(), to.as_ref(), view)
}

/// The values are hashes, for those of which the view may know what they stand for.
fn variable(name: &Name, from: Option<&str>, to: Option<&Value>, view: &View<'_>) -> Variable {
    let to = to.and_then(Value::known);
    let known = |hash: &str| view.values.get(hash);
    let hides_value = [from, to]
        .into_iter()
        .flatten()
        .any(|hash| known(hash).is_none());
    let key = name.key();
    let text = match (from, to, from.and_then(known), to.and_then(known)) {
        (None, _, _, Some(value)) => format!("+ {key}={value}"),
        (None, _, _, None) => format!("+ {key}"),
        (Some(_), None, Some(value), _) => format!("- {key}={value}"),
        (Some(_), None, None, _) => format!("- {key}"),
        (Some(_), Some(_), Some(old), Some(value)) => format!("~ {key} {old} → {value}"),
        (Some(_), Some(_), None, Some(value)) => format!("~ {key} → {value}"),
        (Some(_), Some(_), _, None) => format!("~ {key}"),
    };
    Variable { text, hides_value }
}

/// `env     + LOG_LEVEL   - FEATURE   ~ TABLE_NAME`; the names are in a column of this width.
pub fn line(variables: &[Variable], width: usize) -> Option<Line> {
    let (last, others) = variables.split_last()?;
    let name = format!("{ENV:width$} ");
    let others = others.iter().map(|variable| format!("{}  ", variable.text));
    let pieces = [name].into_iter().chain(others).chain([last.text.clone()]);
    let line = Line::of_pieces(ATTRIBUTE, Sign::None, pieces.collect());
    let hides_value = variables.iter().any(|variable| variable.hides_value);
    Some(match hides_value {
        true => line.remark("(values hidden; --show-env KEY)"),
        false => line,
    })
}
