use super::{Action, Blocked, Consent, Dependencies, Plan, ResourceState};
use crate::engine::attribute::Attribute;
use crate::engine::observed::{
    Condition, Facts, Observed, ObservedState, Ownership, ResourceId, Unmanaged,
};

fn state(ownership: Ownership, condition: Condition, memory: &str) -> ResourceState {
    let mut facts = Facts::default();
    facts.is("memory", memory);
    ResourceState {
        id: ResourceId::new("function", "F"),
        dependencies: Dependencies::default(),
        desired: vec![Attribute::new("memory", "128 MB")],
        observed: Observed::Present(ObservedState {
            ownership,
            condition,
            facts,
            details: Vec::new(),
            outputs: Default::default(),
        }),
        adoption_note: None,
    }
}

fn up(state: ResourceState, adopt: &[&'static str]) -> Action {
    let consent = Consent {
        adopt: adopt
            .iter()
            .map(|kind| ResourceId::new(kind, "F"))
            .collect(),
        ..Consent::default()
    };
    Plan::up(vec![state], &consent).changes.remove(0).action
}

#[test]
fn what_is_as_declared_is_kept() {
    assert_eq!(
        up(state(Ownership::Managed, Condition::Ready, "128 MB"), &[]),
        Action::Keep
    );
}

#[test]
fn what_is_unmanaged_is_blocked_with_its_differences_until_adopted() {
    let unmanaged = || Ownership::Unmanaged(Unmanaged::Untagged("no tags".to_owned()));
    let action = up(state(unmanaged(), Condition::Ready, "512 MB"), &[]);
    let Action::Blocked(Blocked::Unmanaged { differences, .. }) = action else {
        panic!("{action:?}")
    };
    assert_eq!(differences.len(), 1);
    let action = up(
        state(unmanaged(), Condition::Ready, "512 MB"),
        &["function"],
    );
    assert!(matches!(action, Action::Adopt(_)), "{action:?}");
}

#[test]
fn unread_tags_are_unknown_never_managed() {
    let unknown = Ownership::Unknown("denied".to_owned());
    let action = up(state(unknown, Condition::Ready, "128 MB"), &["function"]);
    assert!(
        matches!(action, Action::Blocked(Blocked::UnknownOwner(_))),
        "{action:?}"
    );
    let unknown = Ownership::Unknown("it is CREATING".to_owned());
    let creating = Condition::Settling("CREATING".to_owned());
    let action = up(state(unknown, creating, "128 MB"), &[]);
    assert!(
        matches!(action, Action::Blocked(Blocked::Settling(_))),
        "{action:?}"
    );
}

#[test]
fn only_a_failure_at_creation_is_replaced() {
    let failed = Condition::FailedAtCreation("EniLimit".to_owned());
    let action = up(state(Ownership::Managed, failed, "128 MB"), &[]);
    assert!(matches!(action, Action::Replace(..)), "{action:?}");
    let broken = Condition::Broken("key deleted".to_owned());
    let action = up(state(Ownership::Managed, broken, "128 MB"), &[]);
    assert!(
        matches!(action, Action::Blocked(Blocked::Broken(_))),
        "{action:?}"
    );
}

#[test]
fn a_refused_attribute_is_never_updated() {
    let mut state = state(Ownership::Managed, Condition::Ready, "512 MB");
    state.desired = vec![Attribute::new("memory", "128 MB").refuse("for good", "leave it")];
    let action = up(state, &[]);
    assert!(
        matches!(action, Action::Blocked(Blocked::Refused { .. })),
        "{action:?}"
    );
}

#[test]
fn down_goes_in_reverse_and_leaves_what_is_unmanaged() {
    let managed = state(Ownership::Managed, Condition::Ready, "128 MB");
    let mut release = managed.clone();
    release.id = ResourceId::new("release", "live");
    release.dependencies = Dependencies::needs(vec![managed.id.clone()]);
    let plan = Plan::down(&[managed, release.clone()], &Consent::default());
    assert_eq!(plan.changes[0].id, release.id);
    assert_eq!(plan.changes[1].after, std::slice::from_ref(&release.id));
    let unmanaged = state(
        Ownership::Unmanaged(Unmanaged::Untagged("no tags".to_owned())),
        Condition::Ready,
        "1",
    );
    let plan = Plan::down(&[unmanaged, release], &Consent::default());
    assert!(plan.is_empty(), "{plan:?}");
}
