//! The digest of a plan: two plans with the same digest make the same changes to the same stack. Pure.
//!
//! The plan of a pull request is reviewed, and another run applies it later, from another commit and
//! folder. So the digest covers what would be done, to what and where, and nothing that differs between two
//! runs with equal content: revisions, versions, times, IDs, the caller, the commit, and states that pass.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::attribute::{Attribute, Comparison, Difference, Name, Value};
use super::observed::{Condition, Context, Fact, Observed, Ownership};
use super::plan::{Action, Blocked, Consent, Plan, ResourceState};

/// Hexadecimal digits: 32 for the plan, a dash, and four for each of the parts that can be named when two
/// digests differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDigest(String);

const PLAN: usize = 32;
const PART: usize = 4;
const PARTS: [&str; 4] = [
    "the account, region or stage",
    "the code",
    "what is declared",
    "what is deployed",
];

impl PlanDigest {
    /// The digest of the plan that these states and this consent give. `code_sha256` is the code that the
    /// function should have.
    pub fn of(
        context: &Context,
        code_sha256: Option<&str>,
        states: &[ResourceState],
        consent: &Consent,
    ) -> PlanDigest {
        let mut code = Hash::default();
        code.optional(code_sha256);
        let parts = [target(context), code, declared(states), deployed(states)];
        let [target, code, declared, deployed] = parts.map(Hash::hex);
        let mut plan = Hash::default();
        for part in [&target, &code, &declared, &actions(states, consent).hex()] {
            plan.add(part);
        }
        let mut text = plan.hex();
        text.truncate(PLAN);
        text.push('-');
        for part in [target, code, declared, deployed] {
            text.push_str(&part[..PART]);
        }
        PlanDigest(text)
    }

    /// Parses a digest as it prints; no other text is one.
    pub fn parse(text: &str) -> Option<PlanDigest> {
        let (plan, parts) = text.split_once('-')?;
        let is_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_digest = plan.len() == PLAN
            && parts.len() == PARTS.len() * PART
            && is_hex(plan)
            && is_hex(parts);
        is_digest.then(|| PlanDigest(text.to_owned()))
    }

    /// The parts that differ between two digests. In another account, region or stage everything differs, and
    /// other code is also declared, so what else differs is then unknown.
    pub fn differs_in(&self, other: &PlanDigest) -> Vec<&'static str> {
        let parts = PARTS.iter().zip(self.parts()).zip(other.parts());
        let parts = parts.filter(|((_, one), other)| one != other);
        let mut names: Vec<&str> = parts.map(|((name, _), _)| *name).collect();
        match names.first() {
            Some(first) if *first == PARTS[0] => names.truncate(1),
            Some(first) if *first == PARTS[1] => names.retain(|name| *name != PARTS[2]),
            Some(_) | None => {}
        }
        names
    }

    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.as_bytes()[PLAN + 1..].chunks(PART)
    }
}

impl fmt::Display for PlanDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn target(context: &Context) -> Hash {
    let Context {
        partition,
        account,
        region,
        stage,
        caller: _,
    } = context;
    let mut hash = Hash::default();
    for part in [partition, account, region, stage] {
        hash.add(part);
    }
    hash
}

fn declared(states: &[ResourceState]) -> Hash {
    let mut hash = Hash::default();
    for ResourceState { id, desired, .. } in states {
        hash.add(&id.to_string());
        hash.count(desired.len());
        for attribute in desired {
            hash.declared(attribute);
        }
    }
    hash
}

fn actions(states: &[ResourceState], consent: &Consent) -> Hash {
    let settled = states.iter().cloned().map(settled).collect();
    let mut hash = Hash::default();
    // A plan has one change for each state, in the same order.
    for (change, state) in Plan::up(settled, consent).changes.iter().zip(states) {
        hash.add(&change.id.to_string());
        hash.count(change.after.len());
        for id in &change.after {
            hash.add(&id.to_string());
        }
        hash.add(name(&change.action));
        let differences = differences(&change.action);
        hash.count(differences.len());
        for difference in differences {
            hash.difference(difference, &state.desired);
        }
    }
    hash
}

/// The state after its transition, which `up` waits for.
fn settled(mut state: ResourceState) -> ResourceState {
    if let Observed::Present(observed) = &mut state.observed
        && let Condition::Settling(_) = observed.condition
    {
        observed.condition = Condition::Ready;
    }
    state
}

fn name(action: &Action) -> &'static str {
    match action {
        Action::Blocked(Blocked::Settling(_)) => "settling",
        Action::Blocked(Blocked::Broken(_)) => "broken",
        Action::Blocked(Blocked::Unmanaged { .. }) => "unmanaged",
        Action::Blocked(Blocked::UnknownOwner(_)) => "unknown owner",
        Action::Blocked(Blocked::Refused { .. }) => "refused",
        action => action.name(),
    }
}

/// The differences that an action is about. What is created has all its attributes in the declaration.
fn differences(action: &Action) -> &[Difference] {
    match action {
        Action::Update(differences)
        | Action::Adopt(differences)
        | Action::Blocked(Blocked::Unmanaged { differences, .. }) => differences,
        Action::Blocked(Blocked::Refused { difference, .. }) => std::slice::from_ref(difference),
        Action::Keep
        | Action::Create(_)
        | Action::Replace(..)
        | Action::Delete(_)
        | Action::Leave(_)
        | Action::Blocked(Blocked::Settling(_) | Blocked::Broken(_) | Blocked::UnknownOwner(_)) => {
            &[]
        }
    }
}

fn deployed(states: &[ResourceState]) -> Hash {
    let mut hash = Hash::default();
    for state in states {
        hash.add(&state.id.to_string());
        let Some(observed) = state.observed.state() else {
            hash.add("absent");
            continue;
        };
        hash.add(match &observed.ownership {
            Ownership::Managed => "managed",
            Ownership::Unmanaged(_) => "unmanaged",
            Ownership::Unknown(_) => "unknown owner",
        });
        hash.add(match &observed.condition {
            Condition::Ready | Condition::Settling(_) => "ready",
            Condition::Broken(_) => "broken",
            Condition::FailedAtCreation(_) => "failed",
        });
        for (name, fact) in observed.facts.iter() {
            if let Fact::Is(value) | Fact::Part(value) = fact {
                hash.add(&name.to_string());
                hash.add(deployed_value(name, value, &state.desired));
            }
        }
    }
    hash
}

/// The value, or whether it is the declared one if the attribute varies.
fn deployed_value<'a>(name: &Name, value: &'a str, desired: &[Attribute]) -> &'a str {
    let mut varying = desired.iter().filter(|attribute| attribute.varies);
    match varying.find(|attribute| attribute.name == *name) {
        Some(declared) if declared.is(value) => "as declared",
        Some(_) => "other",
        None => value,
    }
}

#[derive(Default)]
struct Hash(Sha256);

impl Hash {
    /// The length keeps each text apart from the next.
    fn add(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text);
    }

    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_be_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.count(usize::from(text.is_some()));
        self.add(text.unwrap_or_default());
    }

    fn value(&mut self, value: Option<&Value>, comparison: Comparison) {
        match value {
            None => self.add("none"),
            Some(Value::AfterApply) => self.add("after apply"),
            Some(Value::Known(value)) => {
                self.add("known");
                self.add(&comparison.key(value));
            }
        }
    }

    fn declared(&mut self, attribute: &Attribute) {
        let Attribute {
            name,
            value,
            comparison,
            service_default: _,
            on_change: _,
            // `--memory 128` declares what is declared anyway.
            source: _,
            varies,
            shown: _,
        } = attribute;
        self.add(&name.to_string());
        if *varies {
            self.count(usize::from(value.is_some()));
        } else {
            self.value(value.as_ref(), *comparison);
        }
    }

    fn difference(&mut self, difference: &Difference, desired: &[Attribute]) {
        let Difference {
            attribute,
            from,
            to,
            on_change: _,
            source: _,
            shown: _,
            widens: _,
        } = difference;
        self.add(&attribute.to_string());
        let declared = desired.iter().find(|declared| declared.name == *attribute);
        let comparison = declared.map_or(Comparison::Text, |declared| declared.comparison);
        if !declared.is_some_and(|declared| declared.varies) {
            self.optional(from.as_deref().map(|from| comparison.key(from)).as_deref());
            self.value(to.as_ref(), comparison);
        }
    }

    fn hex(self) -> String {
        let hash = self.0.finalize();
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests;
