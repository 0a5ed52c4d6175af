//! What AWS answers and the local cloud does not, and the other way round. Pure.

use std::collections::BTreeSet;

use super::answers::{Answers, Member, Seen};

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
    /// An error that the local cloud never has in this service, or a success where it only has errors.
    Outcome,
    /// A member that the local cloud always sends, and the certified one sometimes or never.
    Missing,
    /// Values that the local cloud never sends.
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
    let mut differences = Vec::new();
    for (outcome, seen) in &certified.0 {
        let difference = |member: &str, kind, certified, local| Difference {
            operation: outcome.operation.clone(),
            result: outcome.result.clone(),
            member: member.to_owned(),
            kind,
            certified,
            local,
        };
        let Some(expected) = local.0.get(outcome) else {
            // Which of the calls to a new resource comes too early, and meets such an error, is chance.
            if outcome.is_error() && local.0.keys().any(|known| outcome.is_alike(known)) {
                continue;
            }
            let results = local.0.keys();
            let results = results.filter(|known| known.operation == outcome.operation);
            let known = results.map(|known| known.result.clone()).collect();
            differences.push(difference("", Kind::Outcome, message(seen), known));
            continue;
        };
        for (path, member) in &seen.members {
            match expected.members.get(path) {
                None => differences.push(difference(
                    path,
                    Kind::Additional,
                    shown(&member.values),
                    Vec::new(),
                )),
                Some(known) => differences.extend(
                    others(member, known)
                        .map(|(certified, local)| difference(path, Kind::Value, certified, local)),
                ),
            }
        }
        for (path, known) in &expected.members {
            let has = seen.members.get(path).map_or(0, |member| member.answers);
            if known.answers == expected.answers && has < seen.answers {
                let often = vec![format!("in {has} of {} answers", seen.answers)];
                differences.push(difference(path, Kind::Missing, often, shown(&known.values)));
            }
        }
    }
    Comparison {
        answers: certified.len(),
        differences,
    }
}

/// The values that the local cloud never sends, beside those that it does.
fn others(member: &Member, known: &Member) -> Option<(Vec<String>, Vec<String>)> {
    let others: BTreeSet<String> = member.values.difference(&known.values).cloned().collect();
    (!others.is_empty()).then(|| (shown(&others), shown(&known.values)))
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
