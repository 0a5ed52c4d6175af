//! The plan follows from the declaration, the inventory and the artifact, and from nothing else.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use aws_config::{BehaviorVersion, SdkConfig};
use proptest::prelude::*;
use provisioner::artifact::{Arch, Artifact, BuildTarget};
use provisioner::aws::clients::Cloud;
use provisioner::aws::interceptors::Interceptors;
use provisioner::engine::attribute::Name;
use provisioner::engine::clock::RealClock;
use provisioner::engine::inputs::Inputs;
use provisioner::engine::observed::{
    Condition, Context, Facts, Index, Inventory, Observed, ObservedState, Outputs, Ownership,
    Unmanaged,
};
use provisioner::engine::plan::{Action, Consent, Plan};
use provisioner::engine::resource::{Resource, states};
use provisioner::stack::declaration::Stack;
use provisioner::stack::resources::Request;
use provisioner::stack::stage::Stage;

/// Clients that no test calls.
fn cloud() -> Cloud {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .build();
    let region = "eu-west-1".to_owned();
    Cloud::new(
        &config,
        region,
        Vec::new(),
        BuildTarget::lambda(Arch::Arm64),
        &Interceptors::silent(Arc::new(RealClock)),
    )
}

pub fn stack(stage: &str, memory_mb: Option<i32>) -> Stack {
    let stage = Stage::parse(stage).expect("a stage");
    let mut stack = Stack::for_stage(&stage, Arch::Arm64);
    if let Some(memory_mb) = memory_mb {
        stack.function.memory_mb.value = memory_mb;
    }
    stack
}

pub fn resources(stage: &str, memory_mb: Option<i32>) -> Vec<Rc<dyn Resource>> {
    stack(stage, memory_mb).resources(&cloud(), Request::default())
}

fn context(stage: &str) -> Context {
    Context {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "eu-west-1".to_owned(),
        stage: stage.to_owned(),
        caller: "arn:aws:iam::123456789012:user/me".to_owned(),
    }
}

pub fn artifact(code_sha256: &str) -> Artifact {
    Artifact {
        path: PathBuf::new(),
        zip: Vec::new(),
        code_sha256: code_sha256.to_owned(),
        size: 0,
        source: Some("0011".repeat(16)),
    }
}

/// Nothing is there.
pub fn empty(stage: &str) -> Inventory {
    Inventory {
        context: context(stage),
        resources: Vec::new(),
        index: Default::default(),
    }
}

/// Nothing of an earlier declaration exists.
pub fn index(resources: &[Rc<dyn Resource>]) -> Index {
    let declared = resources.iter().map(|resource| resource.declared());
    let tagged = declared.filter(|declared| declared.has_tags());
    Index {
        declared: tagged.map(|declared| declared.id()).collect(),
        ..Index::default()
    }
}

/// Every resource exactly as declared, with the outputs that others ask for.
pub fn converged(resources: &[Rc<dyn Resource>], stage: &str, artifact: &Artifact) -> Inventory {
    let outputs = |name: &str| match name {
        "role" => Outputs::from([("id".to_owned(), "AROA1".to_owned())]),
        _ => Outputs::default(),
    };
    let mut inventory = empty(stage);
    inventory.index = index(resources);
    for resource in resources {
        let id = resource.declared().id();
        let state = |facts| {
            Observed::Present(ObservedState {
                ownership: Ownership::Managed,
                condition: Condition::Ready,
                facts,
                details: Vec::new(),
                outputs: outputs(id.kind),
            })
        };
        // A resource's own facts have no part in its attributes but for the code's.
        let attributes = resource
            .declared()
            .attributes(&Inputs::new(&inventory, Some(artifact)));
        let mut facts = Facts::default();
        for attribute in attributes {
            let value = attribute.value.expect("all values are compared");
            facts.is(attribute.name, value.known().expect("known by now"));
        }
        inventory.resources.push((id.clone(), state(facts)));
    }
    inventory
}

pub fn plan(resources: &[Rc<dyn Resource>], inventory: &Inventory, artifact: &Artifact) -> Plan {
    let inputs = Inputs::new(inventory, Some(artifact));
    Plan::up(states(resources, &inputs), &Consent::default())
}

/// What may differ from the declaration, one resource at a time.
#[derive(Clone, Debug)]
enum Change {
    Absent,
    Fact(String),
    Undeclared(String),
    Unmanaged,
    Unreadable,
    Settling,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Absent),
        "[a-z ]{1,12}".prop_map(Change::Fact),
        "[a-z]{1,12}".prop_map(Change::Undeclared),
        Just(Change::Unmanaged),
        Just(Change::Unreadable),
        Just(Change::Settling),
    ]
}

fn make(change: &Change, observed: &mut Observed) {
    let Observed::Present(state) = observed else {
        return;
    };
    match change {
        Change::Absent => *observed = Observed::Absent,
        Change::Fact(value) => {
            let first = state.facts.iter().next().map(|(name, _)| name.clone());
            if let Some(name) = first {
                state.facts.is(name, value);
            }
        }
        Change::Undeclared(key) => state.facts.is(Name::entry("extra", key.clone()), "there"),
        Change::Unmanaged => {
            let why = Unmanaged::Untagged("no tags".to_owned());
            state.ownership = Ownership::Unmanaged(why);
        }
        Change::Unreadable => state.ownership = Ownership::Unknown("denied".to_owned()),
        Change::Settling => state.condition = Condition::Settling("UPDATING".to_owned()),
    }
}

proptest! {
    #[test]
    fn equal_inputs_give_equal_plans(
        stage in "(default|prod|[a-c]{1,4})",
        memory_mb in proptest::option::of(128..1024),
        changes in proptest::collection::vec((0..5_usize, change()), 0..6),
        order in Just((0..5_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let artifact = artifact("code");
        let resources = resources(&stage, memory_mb);
        let mut inventory = converged(&resources, &stage, &artifact);
        for (index, change) in &changes {
            make(change, &mut inventory.resources[*index].1);
        }
        let first = plan(&resources, &inventory, &artifact);
        prop_assert_eq!(&first, &plan(&resources, &inventory, &artifact));
        // Built anew from equal values, and with the reads in another order.
        let again = self::resources(&stage, memory_mb);
        let shuffled = Inventory {
            context: inventory.context.clone(),
            resources: order.iter().map(|index| inventory.resources[*index].clone()).collect(),
            index: inventory.index.clone(),
        };
        prop_assert_eq!(&first, &plan(&again, &shuffled, &artifact));
        prop_assert_eq!(changes.is_empty(), first.is_empty());
    }
}

#[test]
fn what_only_a_creation_can_tell_is_known_after_apply_and_the_proof_with_it() {
    let artifact = artifact("code");
    let resources = resources("default", None);
    let shown = |inventory: &Inventory| -> Vec<String> {
        let plan = plan(&resources, inventory, &artifact);
        let attributes = plan
            .changes
            .into_iter()
            .flat_map(|change| match change.action {
                Action::Create(attributes) => attributes,
                _ => Vec::new(),
            });
        let later = attributes.filter(|attribute| {
            attribute
                .value
                .as_ref()
                .is_some_and(|value| value.known().is_none())
        });
        later.map(|attribute| attribute.name.to_string()).collect()
    };
    assert_eq!(shown(&empty("default")), ["tag provision:role-id", "proof"]);
    let mut without_release = converged(&resources, "default", &artifact);
    without_release.resources.pop();
    assert!(shown(&without_release).is_empty());
}

/// What has tags and is not listed would not be found under its old name.
#[test]
fn the_index_lists_each_resource_that_has_tags() {
    let resources = resources("default", None);
    let inventory = converged(&resources, "default", &artifact("code"));
    for resource in &resources {
        let declared = resource.declared();
        let state = inventory.state(&declared.id()).expect("a state");
        let mut names = state.facts.iter().map(|(name, _)| name.to_string());
        let is_tagged = names.any(|name| name == "tag provision:stack");
        assert_eq!(is_tagged, declared.has_tags(), "{}", declared.id());
    }
}
