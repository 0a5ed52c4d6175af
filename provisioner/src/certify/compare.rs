//! What AWS answers and the local cloud does not, and the other way round. Pure.

use std::collections::BTreeSet;

use super::answers::{Answers, Outcome, Seen};

/// How many values of a member are named.
const SHOWN: usize = 5;

/// One point in which the answers of an operation differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `Lambda CreateFunction`
    pub operation: String,
    /// `200`, or `404 ResourceNotFoundException`
    pub result: String,
    /// The path of the member; empty if the whole outcome is what differs.
    pub member: String,
    pub kind: Kind,
    /// The values of the cloud that was certified, and those of the local cloud.
    pub certified: Vec<String>,
    pub local: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An error that the local cloud never has, unless the call only came too early, or a success where it only
    /// has errors.
    Outcome,
    /// A member that the local cloud always sends, and the certified one sometimes or never.
    Missing,
    /// Values that the local cloud never sends, in no answer of the service. Whether one of them shows the state
    /// before or after a change is chance.
    Value,
    /// A member that the local cloud never sends. AWS adds such over time, and clients ignore what they do
    /// not know: reported, and no reason to fail.
    Additional,
}

impl Kind {
    pub fn text(self) -> &'static str {
        match self {
            Kind::Outcome => "outcome",
            Kind::Missing => "missing",
            Kind::Value => "value",
            Kind::Additional => "additional",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// The number of answers that were compared.
    pub answers: usize,
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// The differences that are more than an additional member.
    pub fn deviations(&self) -> impl Iterator<Item = &Difference> {
        let differences = self.differences.iter();
        differences.filter(|difference| difference.kind != Kind::Additional)
    }

    pub fn additional(&self) -> impl Iterator<Item = &Difference> {
        let differences = self.differences.iter();
        differences.filter(|difference| difference.kind == Kind::Additional)
    }
}

pub fn compare(certified: &Answers, local: &Answers) -> Comparison {
    let sent = sent(local);
    let mut differences = Vec::new();
    for (outcome, seen) in &certified.0 {
        match local.0.get(outcome) {
            Some(expected) => {
                differences.extend(values(outcome, seen, expected, &sent));
                differences.extend(missing(outcome, seen, expected));
            }
            None if seen.is_too_early => {}
            None => {
                let known = local.0.keys();
                let known = known.filter(|known| known.operation == outcome.operation);
                let known = known.map(|known| known.result.clone()).collect();
                differences.push(difference(outcome, "", Kind::Outcome, message(seen), known));
            }
        }
    }
    Comparison {
        answers: certified.len(),
        differences,
    }
}

fn difference(
    outcome: &Outcome,
    member: &str,
    kind: Kind,
    certified: Vec<String>,
    local: Vec<String>,
) -> Difference {
    Difference {
        operation: outcome.operation.clone(),
        result: outcome.result.clone(),
        member: member.to_owned(),
        kind,
        certified,
        local,
    }
}

/// The members and the values that the local cloud never sends.
fn values(
    outcome: &Outcome,
    seen: &Seen,
    expected: &Seen,
    sent: &BTreeSet<Key<'_>>,
) -> Vec<Difference> {
    let found = seen.members.iter().filter_map(|(path, member)| {
        let Some(known) = expected.members.get(path) else {
            let values = shown(&member.values);
            return Some(difference(
                outcome,
                path,
                Kind::Additional,
                values,
                Vec::new(),
            ));
        };
        let values = member.values.iter();
        let values = values.filter(|value| !sent.contains(&key(outcome, path, value)));
        let values: BTreeSet<String> = values.cloned().collect();
        if values.is_empty() {
            return None;
        }
        let (values, known) = (shown(&values), shown(&known.values));
        Some(difference(outcome, path, Kind::Value, values, known))
    });
    found.collect()
}

/// The members that the local cloud always sends.
fn missing(outcome: &Outcome, seen: &Seen, expected: &Seen) -> Vec<Difference> {
    let always = expected.members.iter();
    let always = always.filter(|(_, known)| known.answers == expected.answers);
    let found = always.filter_map(|(path, known)| {
        let has = seen.members.get(path).map_or(0, |member| member.answers);
        let often = vec![format!("in {has} of {} answers", seen.answers)];
        let known = shown(&known.values);
        (has < seen.answers).then(|| difference(outcome, path, Kind::Missing, often, known))
    });
    found.collect()
}

/// A service, the name of a member without its path, and a value.
type Key<'a> = (&'a str, &'a str, &'a str);

fn key<'a>(outcome: &'a Outcome, path: &'a str, value: &'a str) -> Key<'a> {
    let name = path.rsplit('.').next().unwrap_or_default();
    (outcome.service(), name, value)
}

/// Every value in the answers.
fn sent(answers: &Answers) -> BTreeSet<Key<'_>> {
    let members = answers.0.iter().flat_map(|(outcome, seen)| {
        let members = seen.members.iter();
        members.map(move |(path, member)| (outcome, path, member))
    });
    let values = members.flat_map(|(outcome, path, member)| {
        let values = member.values.iter();
        values.map(move |value| key(outcome, path, value))
    });
    values.collect()
}

/// The texts of an error that the local cloud does not have.
fn message(seen: &Seen) -> Vec<String> {
    let message = seen.members.iter().find(|(path, _)| {
        let path = path.to_ascii_lowercase();
        path.ends_with("message")
    });
    message.map_or_else(Vec::new, |(_, member)| shown(&member.values))
}

fn shown(values: &BTreeSet<String>) -> Vec<String> {
    let mut shown: Vec<String> = values.iter().take(SHOWN).cloned().collect();
    if values.len() > SHOWN {
        shown.push(format!("and {} more", values.len() - SHOWN));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{Kind, compare};
    use crate::certify::answers::Answers;
    use crate::certify::names::Names;
    use crate::certify::record::Answer;

    fn answers(bodies: &[(u16, &str)]) -> Answers {
        let mut answers = Answers::default();
        for (status, body) in bodies {
            let answer = Answer {
                operation: "Lambda GetFunction".to_owned(),
                status: *status,
                error_type: None,
                is_xml: false,
                body: body.as_bytes().to_vec(),
            };
            answers.add(&[answer], &Names::default());
        }
        answers
    }

    #[track_caller]
    fn check(certified: &[(u16, &str)], local: &[(u16, &str)], expected: &[(Kind, &str)]) {
        let found = compare(&answers(certified), &answers(local));
        let found = found.differences.iter();
        let found: Vec<(Kind, &str)> = found.map(|one| (one.kind, one.member.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn equal_answers_do_not_differ() {
        let both = [(200, r#"{"State":"Active","Tags":{"a":"1"}}"#)];
        check(&both, &both, &[]);
        check(&[], &both, &[]);
        let twice = [both[0], (200, r#"{"State":"Pending","Tags":{"a":"1"}}"#)];
        check(&both, &twice, &[]);
    }

    #[test]
    fn each_way_to_differ_has_a_kind() {
        let local = [(200, r#"{"State":"Active","Size":1}"#)];
        check(
            &[(200, r#"{"State":"Idle","Size":1}"#)],
            &local,
            &[(Kind::Value, "State")],
        );
        check(
            &[(200, r#"{"State":"Active"}"#)],
            &local,
            &[(Kind::Missing, "Size")],
        );
        let more = r#"{"State":"Active","Size":1,"New":[{"A":true}]}"#;
        check(&[(200, more)], &local, &[(Kind::Additional, "New[].A")]);
        let refused = r#"{"__type":"com.amazon#NoSuchThing","message":"no"}"#;
        check(&[(404, refused)], &local, &[(Kind::Outcome, "")]);
        let other = [local[0], (404, refused)];
        check(&[(404, refused)], &other, &[]);
        let early = r#"{"__type":"ResourceNotFoundException","Message":"no"}"#;
        check(&[(404, early)], &local, &[]);
    }

    #[test]
    fn what_passes_is_not_compared() {
        let local = [(200, "{}")];
        check(&[(500, r#"{"__type":"Odd"}"#)], &local, &[]);
        check(
            &[(429, r#"{"__type":"TooManyRequestsException"}"#)],
            &local,
            &[],
        );
    }
}
