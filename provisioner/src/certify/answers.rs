//! All answers of one run, by operation and outcome, reduced to their members and the members' values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::json::Values;
use super::names::Names;
use super::record::Answer;
use super::{json, xml};
use crate::aws::texts::{CloudErrorKind, classify};

/// Their answers hold rides or the caller: only the types of values are compared.
const WITHOUT_VALUES: [&str; 6] = [
    "Invoke",
    "Scan",
    "GetItem",
    "PutItem",
    "DeleteItem",
    "GetCallerIdentity",
];

/// An operation with one of its outcomes: `200`, or `404 ResourceNotFoundException`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    pub operation: String,
    pub result: String,
}

impl Outcome {
    /// `Lambda`
    pub fn service(&self) -> &str {
        self.operation.rsplit_once(' ').map_or("", |of| of.0)
    }
}

/// All answers with one outcome.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub answers: usize,
    /// Errors only of calls that came too early. Which calls meet them is chance.
    pub is_too_early: bool,
    pub members: BTreeMap<String, Member>,
}

#[derive(Clone, Debug, Default)]
pub struct Member {
    /// The number of answers that have it.
    pub answers: usize,
    pub values: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Answers(pub BTreeMap<Outcome, Seen>);

impl Answers {
    pub fn add(&mut self, answers: &[Answer], names: &Names) {
        for answer in answers {
            self.add_one(answer, names);
        }
    }

    fn add_one(&mut self, answer: &Answer, names: &Names) {
        let code = code(answer);
        let kind = code.as_deref().map(|code| {
            // The fragments by which errors are told apart are nowhere else in the body.
            let body = String::from_utf8_lossy(&answer.body);
            classify(code, &body)
        });
        let passes = [CloudErrorKind::Throttled, CloudErrorKind::Unavailable];
        if kind.is_some_and(|kind| passes.contains(&kind)) || answer.status >= 500 {
            return;
        }
        let result = match code {
            Some(code) => format!("{} {code}", answer.status),
            None => answer.status.to_string(),
        };
        let outcome = Outcome {
            operation: answer.operation.clone(),
            result,
        };
        let seen = self.0.entry(outcome).or_default();
        let is_too_early = kind.is_some_and(is_too_early);
        seen.is_too_early = is_too_early && (seen.is_too_early || seen.answers == 0);
        seen.answers += 1;
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (path, value) in members(answer, names) {
            let value = if answer.status >= 400 {
                without_numbers(&value)
            } else {
                value
            };
            found.entry(path).or_default().insert(value);
        }
        for (path, values) in found {
            let member = seen.members.entry(path).or_default();
            member.answers += 1;
            member.values.extend(values);
        }
    }

    pub fn len(&self) -> usize {
        self.0.values().map(|seen| seen.answers).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn members(answer: &Answer, names: &Names) -> Vec<(String, String)> {
    let name = answer.operation.split(' ').next_back().unwrap_or_default();
    let is_error = answer.status >= 400;
    let values = if WITHOUT_VALUES.contains(&name) && !is_error {
        Values::Dropped
    } else {
        Values::Kept
    };
    let mut members = if answer.is_xml {
        xml::members(&answer.body, names, values)
    } else {
        json::members(&answer.body, names, values)
    };
    members.retain(|(path, _)| !is_about_the_request(path));
    members
}

/// Which version an error is about depends on chance.
fn without_numbers(text: &str) -> String {
    let mut reduced = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if reduced.ends_with('#') => {}
            '0'..='9' => reduced.push('#'),
            c => reduced.push(c),
        }
    }
    reduced
}

/// The id of the request, which every answer has.
fn is_about_the_request(path: &str) -> bool {
    path.ends_with("RequestId") || path.ends_with("ResponseMetadata")
}

fn is_too_early(kind: CloudErrorKind) -> bool {
    matches!(
        kind,
        CloudErrorKind::NotFound
            | CloudErrorKind::AlreadyExists
            | CloudErrorKind::Busy
            | CloudErrorKind::BeingDeleted
            | CloudErrorKind::Cooldown
            | CloudErrorKind::RoleNotAssumable
            | CloudErrorKind::Stale
    )
}

/// The code of an error: in a header, in `__type`, or in `<Code>`.
fn code(answer: &Answer) -> Option<String> {
    if answer.status < 400 {
        return None;
    }
    let text = String::from_utf8_lossy(&answer.body);
    let code = if answer.is_xml {
        let code = text.split_once("<Code>")?.1;
        code.split('<').next().map(str::to_owned)
    } else {
        let document: Value = serde_json::from_str(&text).unwrap_or_default();
        let kind = document["__type"].as_str().map(str::to_owned);
        kind.or_else(|| answer.error_type.clone())
    };
    let code = code?;
    let code = code.split('#').next_back().unwrap_or_default();
    code.split(':').next().map(str::to_owned)
}
