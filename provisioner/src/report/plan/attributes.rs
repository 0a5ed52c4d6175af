//! The attributes of a resource that is created, and the differences of one that changes.

use super::line::{ATTRIBUTE, Line, Sign};
use super::policies;
use super::variables::{self, Variable};
use super::view::View;
use crate::engine::attribute::{Attribute, Difference, Name, Shown, TAG, Value};
use crate::report::escape::value;

/// The attributes of a resource to create: those that tell it from another one, or all.
pub fn declared(attributes: &[Attribute], view: &View<'_>) -> Vec<Line> {
    let attributes = attributes
        .iter()
        .filter(|attribute| attribute.value.is_some());
    if view.verbose {
        let attributes = attributes.filter(|attribute| attribute.shown != Shown::State);
        let attributes: Vec<&Attribute> = attributes.collect();
        let width = column(attributes.iter().map(|attribute| &attribute.name));
        let lines = attributes.into_iter();
        return lines
            .flat_map(|attribute| one_declared(attribute, width, view))
            .collect();
    }
    let (variables, others): (Vec<&Attribute>, Vec<&Attribute>) = attributes
        .filter(|attribute| is_telling(attribute))
        .partition(|attribute| variables::is_variable(&attribute.name));
    let mut plain = Vec::new();
    let mut policies = Vec::new();
    for Attribute { name, value, .. } in others {
        let value = value.as_ref();
        match policies::lines(&name.to_string(), (None, value), false, view) {
            Some(lines) => policies.extend(lines),
            None => plain.extend(value.map(|value| format!("{name} {value}"))),
        }
    }
    let plain = (!plain.is_empty()).then(|| listed(plain));
    let variables = variables.iter();
    let variables: Vec<Variable> = variables
        .map(|variable| variables::added(&variable.name, variable.value.as_ref(), view))
        .collect();
    let variables = variables::line(&variables, 0);
    plain.into_iter().chain(variables).chain(policies).collect()
}

/// Whether the value says more than that the resource is one of this program.
fn is_telling(attribute: &Attribute) -> bool {
    let is_default = attribute.service_default.map(Value::from) == attribute.value;
    let is_tag = attribute.name.group() == Some(TAG);
    attribute.shown == Shown::Always && !is_default && !is_tag
}

/// `key RideId (S), billing on demand`.
fn listed(mut texts: Vec<String>) -> Line {
    let last = texts.len().saturating_sub(1);
    for text in &mut texts[..last] {
        text.push(',');
    }
    Line::of_pieces(ATTRIBUTE, Sign::None, texts)
}

fn one_declared(attribute: &Attribute, width: usize, view: &View<'_>) -> Vec<Line> {
    let Attribute { name, value, .. } = attribute;
    let name = name.to_string();
    let policy = policies::lines(&name, (None, value.as_ref()), false, view);
    policy.unwrap_or_else(|| {
        let value = value.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![named(
            &name,
            width,
            vec![view.values.shown(&value).to_owned()],
        )]
    })
}

/// The differences of a resource: one line each, but one line for all variables. Tags say nothing beside
/// other differences.
pub fn differences(differences: &[Difference], view: &View<'_>) -> Vec<Line> {
    let is_tag = |difference: &Difference| difference.attribute.group() == Some(TAG);
    let shows_tags = view.verbose || differences.iter().all(is_tag);
    let (variables, others): (Vec<&Difference>, Vec<&Difference>) = differences
        .iter()
        .filter(|difference| shows_tags || !is_tag(difference))
        .partition(|difference| !view.verbose && variables::is_variable(&difference.attribute));
    let policy = |difference: &Difference| {
        let name = difference.attribute.to_string();
        let values = (difference.from.as_deref(), difference.to.as_ref());
        policies::lines(&name, values, difference.widens, view)
    };
    let aligned = others
        .iter()
        .filter(|difference| difference.to.is_some() && policy(difference).is_none());
    let width = column(aligned.map(|difference| &difference.attribute));
    let others = others.into_iter().flat_map(|difference| {
        policy(difference).unwrap_or_else(|| vec![self::difference(difference, width, view)])
    });
    let variables = variables.iter();
    let variables: Vec<Variable> = variables
        .map(|difference| variables::changed(difference, view))
        .collect();
    others.chain(variables::line(&variables, width)).collect()
}

fn difference(difference: &Difference, width: usize, view: &View<'_>) -> Line {
    let Difference {
        attribute,
        from,
        to,
        on_change: _,
        source,
        shown,
        widens: _,
    } = difference;
    let from = from.as_deref().map(|from| value(view.values.shown(from)));
    let Some(to) = to else {
        // The value of an entry is only that it is there.
        let from = from.filter(|_| attribute.group().is_none() || view.verbose);
        let text = [attribute.to_string()]
            .into_iter()
            .chain(from.map(Into::into));
        let text: Vec<String> = text.collect();
        return Line::new(ATTRIBUTE, Sign::Delete, &text.join(" ")).remark("not declared");
    };
    let name = attribute.to_string();
    if *shown == Shown::Opaque && !view.verbose {
        let text = if from.is_some() { "changed" } else { "added" };
        return named(&name, width, vec![text.to_owned()]);
    }
    let from = from.map_or("absent".to_owned(), Into::into);
    let source = source.as_ref().map(|source| format!("({source})"));
    let to = to.to_string();
    let to = format!("→ {}", view.values.shown(&to));
    let texts = [from, to].into_iter().chain(source);
    named(&name, width, texts.collect())
}

/// A name, in a column of its own, and what is to be said of it.
fn named(name: &str, width: usize, texts: Vec<String>) -> Line {
    let name = format!("{name:width$} ");
    let pieces = [name].into_iter().chain(texts).collect();
    Line::of_pieces(ATTRIBUTE, Sign::None, pieces)
}

/// The width of the longest name.
fn column<'a>(names: impl Iterator<Item = &'a Name>) -> usize {
    let widths = names.map(|name| name.to_string().chars().count());
    widths.max().unwrap_or(0)
}
