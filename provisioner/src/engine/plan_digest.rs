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
            if let Fact::Is(value) = fact {
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
mod tests {
    use super::PlanDigest;
    use crate::engine::attribute::{Attribute, Value};
    use crate::engine::observed::{
        Condition, Context, Facts, Observed, ObservedState, Ownership, ResourceId,
    };
    use crate::engine::plan::{Consent, Dependencies, ResourceState};

    struct Run {
        context: Context,
        code: &'static str,
        /// With 512 MB, and with an ID that the tags do not have yet.
        function: ResourceState,
        release: ResourceState,
        consent: Consent,
    }

    impl Run {
        fn new() -> Run {
            let desired = vec![
                Attribute::new("memory", "128 MB"),
                Attribute::new("role ID", "AROA1").varies(),
            ];
            let mut release = state("release", vec![Attribute::new("serves", "code x")]);
            release.dependencies = Dependencies::needs(vec![ResourceId::new("function", "F")]);
            Run {
                context: Context {
                    partition: "aws".to_owned(),
                    account: "123456789012".to_owned(),
                    region: "eu-west-1".to_owned(),
                    stage: "default".to_owned(),
                    caller: "arn:aws:iam::123456789012:user/planner".to_owned(),
                },
                code: "x",
                function: state("function", desired),
                release,
                consent: Consent::default(),
            }
        }

        fn observed(&mut self) -> &mut ObservedState {
            match &mut self.function.observed {
                Observed::Present(state) => state,
                Observed::Absent => panic!("it exists"),
            }
        }

        fn digest(&self) -> PlanDigest {
            let states = [self.function.clone(), self.release.clone()];
            PlanDigest::of(&self.context, Some(self.code), &states, &self.consent)
        }
    }

    fn state(kind: &'static str, desired: Vec<Attribute>) -> ResourceState {
        let mut facts = Facts::default();
        facts.is("memory", "512 MB");
        ResourceState {
            id: ResourceId::new(kind, "F"),
            dependencies: Dependencies::default(),
            desired,
            observed: Observed::Present(ObservedState {
                ownership: Ownership::Managed,
                condition: Condition::Ready,
                facts,
                details: Vec::new(),
                outputs: Default::default(),
            }),
            adoption_note: None,
        }
    }

    /// What the digest differs in after a change of the run; `None` if it is equal.
    #[track_caller]
    fn check(change: fn(&mut Run), expected: Option<&[&str]>) {
        let before = Run::new().digest();
        let mut run = Run::new();
        change(&mut run);
        let now = run.digest();
        let found = (now != before).then(|| before.differs_in(&now));
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn equal_content_gives_an_equal_digest() {
        check(|_| {}, None);
        check(
            |run| run.context.caller = "arn:aws:iam::1:role/d".to_owned(),
            None,
        );
        check(
            |run| run.observed().details.push(("commit", "c0ffee".to_owned())),
            None,
        );
        let revision = |run: &mut Run| {
            let outputs = &mut run.observed().outputs;
            outputs.insert("revision".to_owned(), "9b1d".to_owned());
            outputs.insert("created".to_owned(), "1795362180".to_owned());
        };
        check(revision, None);
        // A transition that `up` waits for.
        check(
            |run| run.observed().condition = Condition::Settling("Pending".to_owned()),
            None,
        );
        // Another ID, or one that is still unknown.
        check(
            |run| run.function.desired[1].value = Some("AROA2".into()),
            None,
        );
        check(
            |run| run.function.desired[1].value = Some(Value::AfterApply),
            None,
        );
        // `--memory 128`.
        check(
            |run| run.function.desired[0].source = Some("--memory".to_owned()),
            None,
        );
        check(
            |run| run.function.adoption_note = Some("a note".to_owned()),
            None,
        );
    }

    #[test]
    fn what_a_reviewer_has_approved_changes_the_digest() {
        let (target, code) = ("the account, region or stage", "the code");
        let (declared, deployed) = ("what is declared", "what is deployed");
        check(
            |run| run.context.account = "210987654321".to_owned(),
            Some(&[target]),
        );
        check(
            |run| run.context.region = "us-east-1".to_owned(),
            Some(&[target]),
        );
        check(|run| run.context.stage = "dev".to_owned(), Some(&[target]));
        check(|run| run.code = "y", Some(&[code]));
        let memory = |run: &mut Run| run.function.desired[0].value = Some("256 MB".into());
        check(memory, Some(&[declared]));
        let one_more = |run: &mut Run| run.function.desired.push(Attribute::new("timeout", "3 s"));
        check(one_more, Some(&[declared]));
        check(
            |run| run.observed().facts.is("memory", "1024 MB"),
            Some(&[deployed]),
        );
        check(
            |run| run.observed().facts.is("VPC", "subnet-1"),
            Some(&[deployed]),
        );
        check(
            |run| run.function.observed = Observed::Absent,
            Some(&[deployed]),
        );
        check(
            |run| run.observed().facts.is("role ID", "AROA1"),
            Some(&[deployed]),
        );
        check(
            |run| std::mem::swap(&mut run.function, &mut run.release),
            Some(&[declared, deployed]),
        );
        let failed = |run: &mut Run| {
            run.observed().condition = Condition::FailedAtCreation("why".to_owned());
        };
        check(failed, Some(&[deployed]));
        check(
            |run| run.release.dependencies = Dependencies::default(),
            Some(&[]),
        );
    }

    #[test]
    fn a_digest_parses_as_it_prints() {
        let digest = Run::new().digest();
        assert_eq!(PlanDigest::parse(&digest.to_string()), Some(digest.clone()));
        assert!(digest.to_string().len() <= 49, "{digest} fits 60 columns");
        let text = digest.to_string();
        for bad in [
            "",
            "-",
            &text[1..],
            &text[..48],
            &text.to_uppercase(),
            &format!("{text}0"),
        ] {
            assert_eq!(PlanDigest::parse(bad), None, "{bad}");
        }
        assert_eq!(PlanDigest::parse("é"), None);
    }
}
