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
