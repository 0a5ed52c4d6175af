//! IAM's grammar of policies, checked before anything is sent: IAM's own error names neither file nor line,
//! and comes when half of the plan is done. Unknown actions IAM accepts without a word.

use serde_json::{Map, Value};

use super::actions::{self, Judgment};
use super::error::PolicyError;
use super::fault::{Fault, Severity};
use super::places::{line_of, statements};
use crate::nearest::nearest;

/// What a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The permissions of a role.
    Permissions,
    /// Who may assume a role.
    Trust,
}

const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
/// The members of a statement.
pub(super) const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];
const EFFECTS: [&str; 2] = ["Allow", "Deny"];
const PRINCIPALS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];
const OPERATORS: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
];

/// Fails if IAM would refuse the text of a policy, or if it does not mean what it should. Returns what may be
/// wrong. Placeholders count as valid values.
pub fn check(text: &str, kind: Kind) -> Result<Vec<Fault>, PolicyError> {
    let document = serde_json::from_str(text).map_err(PolicyError::NotJson)?;
    let faults = faults(text, &document, kind);
    match faults.iter().any(|fault| fault.severity == Severity::Error) {
        true => Err(PolicyError::Invalid(faults)),
        false => Ok(faults),
    }
}

/// The faults of a policy that is valid JSON, in the order of its lines.
fn faults(text: &str, document: &Value, kind: Kind) -> Vec<Fault> {
    let mut check = Check {
        kind,
        place: (1, text),
        faults: Vec::new(),
    };
    check.document(document, text);
    let mut faults = check.faults;
    faults.sort_by_key(|fault| fault.line);
    faults
}

struct Check<'a> {
    kind: Kind,
    /// The text that is checked, and its first line.
    place: (usize, &'a str),
    faults: Vec<Fault>,
}

impl<'a> Check<'a> {
    fn document(&mut self, document: &Value, text: &'a str) {
        let Value::Object(members) = document else {
            return self.fault("", "a policy is a JSON object".to_owned());
        };
        self.members(members, &DOCUMENT, "a policy");
        if let Some(version) = members.get("Version") {
            self.one_of(version, "Version", &VERSIONS);
        }
        let written = match members.get("Statement") {
            Some(Value::Array(statements)) => statements.as_slice(),
            Some(statement) => std::slice::from_ref(statement),
            None => return self.fault("", "a policy needs `Statement`".to_owned()),
        };
        let mut sids: Vec<&str> = Vec::new();
        let places = statements(text)
            .into_iter()
            .map(Some)
            .chain(std::iter::repeat(None));
        for (statement, place) in written.iter().zip(places) {
            self.place = place.unwrap_or((1, text));
            self.statement(statement);
            let sid = statement["Sid"].as_str().filter(|sid| !sid.is_empty());
            if let Some(sid) = sid {
                if sids.contains(&sid) {
                    self.fault(sid, format!("`{sid}` is the `Sid` of two statements"));
                }
                sids.push(sid);
            }
        }
    }

    fn statement(&mut self, statement: &Value) {
        let Value::Object(members) = statement else {
            return self.fault("", "a statement is a JSON object".to_owned());
        };
        self.members(members, &STATEMENT, "a statement");
        match members.get("Effect") {
            Some(effect) => self.one_of(effect, "Effect", &EFFECTS),
            None => self.fault("", "a statement needs `Effect`".to_owned()),
        }
        if let Some(sid) = members.get("Sid") {
            let is_good = |sid: &str| sid.chars().all(|c| c.is_ascii_alphanumeric());
            if !sid.as_str().is_some_and(is_good) {
                self.fault(
                    sid.as_str().unwrap_or("Sid"),
                    format!("the `Sid` {sid} has other characters than letters and digits"),
                );
            }
        }
        self.either(members, "Action", "NotAction", true);
        self.either(
            members,
            "Resource",
            "NotResource",
            self.kind == Kind::Permissions,
        );
        self.either(
            members,
            "Principal",
            "NotPrincipal",
            self.kind == Kind::Trust,
        );
        for name in ["Action", "NotAction"] {
            self.each(members, name, Self::action);
        }
        for name in ["Resource", "NotResource"] {
            self.each(members, name, Self::resource);
        }
        if let Some(Value::Object(kinds)) = members.get("Principal") {
            self.members(kinds, &PRINCIPALS, "a principal");
        }
        if let Some(condition) = members.get("Condition") {
            self.condition(condition);
        }
    }

    /// Exactly one of both, or none where the kind of policy has none.
    fn either(&mut self, members: &Map<String, Value>, name: &str, not: &str, is_needed: bool) {
        match (members.contains_key(name), members.contains_key(not)) {
            (true, true) => self.fault(
                not,
                format!("a statement has `{name}` or `{not}`, not both"),
            ),
            (false, false) if is_needed => {
                self.fault("", format!("a statement of this policy needs `{name}`"));
            }
            (true, false) | (false, true) if !is_needed => {
                let found = if members.contains_key(name) {
                    name
                } else {
                    not
                };
                self.fault(
                    found,
                    format!("a statement of this policy has no `{found}`"),
                );
            }
            _ => {}
        }
    }

    /// Checks each of the member's texts, of which there may be one or a list.
    fn each(&mut self, members: &Map<String, Value>, name: &str, check: fn(&mut Self, &str)) {
        let items = match members.get(name) {
            None => return,
            Some(Value::Array(items)) if !items.is_empty() => items.as_slice(),
            Some(item) => std::slice::from_ref(item),
        };
        for item in items {
            match item.as_str() {
                Some(text) => check(self, text),
                None => self.fault(
                    name,
                    format!("`{name}` is a text or a list of texts, not {item}"),
                ),
            }
        }
    }

    fn action(&mut self, action: &str) {
        match actions::judge(action) {
            Judgment::Known => {}
            Judgment::Mistyped(meant) => {
                self.meant(action, format!("AWS has no action `{action}`"), Some(meant));
            }
            Judgment::Unknown if action.contains(':') => self.faults.push(Fault {
                line: line_of(action, self.place),
                text: format!("it is not known whether AWS has the action `{action}`"),
                meant: None,
                severity: Severity::Warning,
            }),
            Judgment::Unknown => {
                self.fault(
                    action,
                    format!("`{action}` is no action: it names no service"),
                );
            }
        }
    }

    fn resource(&mut self, resource: &str) {
        let is_arn = resource.starts_with("arn:") && resource.split(':').count() > 5;
        if resource != "*" && !is_arn && !resource.starts_with("{{") {
            self.fault(resource, format!("`{resource}` is no ARN"));
        }
    }

    fn condition(&mut self, condition: &Value) {
        let Value::Object(operators) = condition else {
            return self.fault("Condition", "`Condition` is a JSON object".to_owned());
        };
        for (operator, keys) in operators {
            let plain = operator.strip_suffix("IfExists").unwrap_or(operator);
            let plain = plain
                .split_once(':')
                .map_or(plain, |(set, plain)| match set {
                    "ForAllValues" | "ForAnyValue" => plain,
                    _ => operator,
                });
            if !OPERATORS.contains(&plain) {
                let meant = nearest(plain, OPERATORS.into_iter());
                let meant = meant.map(|meant| operator.replace(plain, meant));
                self.meant(operator, format!("IAM has no operator `{operator}`"), meant);
            }
            if !keys.is_object() {
                self.fault(
                    operator,
                    format!("`{operator}` needs keys and their values"),
                );
            }
        }
    }

    fn members(&mut self, members: &Map<String, Value>, known: &[&'static str], of: &str) {
        for name in members
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
        {
            let meant = nearest(name, known.iter().copied()).map(str::to_owned);
            self.meant(name, format!("{of} has no element `{name}`"), meant);
        }
    }

    fn one_of(&mut self, value: &Value, name: &str, allowed: &[&'static str]) {
        match value.as_str() {
            Some(text) if allowed.contains(&text) => {}
            Some(text) => {
                let meant = nearest(text, allowed.iter().copied()).map(str::to_owned);
                let or = allowed.join("` or `");
                self.meant(text, format!("`{name}` is `{or}`, not `{text}`"), meant);
            }
            None => self.fault(name, format!("`{name}` is `{}`", allowed.join("` or `"))),
        }
    }

    fn fault(&mut self, string: &str, text: String) {
        self.meant(string, text, None);
    }

    fn meant(&mut self, string: &str, text: String, meant: Option<String>) {
        self.faults.push(Fault {
            line: line_of(string, self.place),
            text,
            meant,
            severity: Severity::Error,
        });
    }
}

#[cfg(test)]
mod tests;
