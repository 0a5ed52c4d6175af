//! The text of plans at widths from 60 columns, compared with `snapshots/`.

use provisioner::engine::attribute::Name;
use provisioner::engine::observed::{
    Facts, Found, Inventory, Observed, ObservedState, ResourceId, Undeclared,
};
use provisioner::engine::plan::Plan;
use provisioner::report::plan::{self, KnownValues, View};
use provisioner::report::style::Style;

use crate::pure_plan::{artifact, converged, empty, index, plan, resources};

fn view<'a>(inventory: &'a Inventory, values: &'a KnownValues) -> View<'a> {
    View {
        inventory,
        values,
        verbose: false,
        takes_test_ride: true,
    }
}

fn text(plan: &Plan, view: &View<'_>, columns: usize) -> String {
    let style = Style {
        columns: Some(columns),
        ..Style::PLAIN
    };
    plan::text(plan, view, style)
}

/// The plan at the widths that people have, none of whose lines is longer; and with all attributes.
fn check(name: &str, plan: &Plan, view: &View<'_>) {
    for columns in [60, 80, 120] {
        let text = text(plan, view, columns);
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(columns), "{longest:?} columns:\n{text}");
        insta::assert_snapshot!(format!("{name}-{columns}"), text);
    }
    let verbose = View {
        verbose: true,
        ..*view
    };
    insta::assert_snapshot!(format!("{name}-verbose"), text(plan, &verbose, 120));
}

fn state<'a>(inventory: &'a mut Inventory, kind: &str) -> &'a mut ObservedState {
    let mut resources = inventory.resources.iter_mut();
    match resources.find(|(id, _)| id.kind == kind) {
        Some((_, Observed::Present(state))) => state,
        other => panic!("{other:?}"),
    }
}

fn remove(facts: &mut Facts, name: &Name) {
    let mut others = Facts::default();
    for (kept, _) in facts.iter().filter(|(kept, _)| *kept != name) {
        others.is(kept.clone(), facts.value(kept).expect("a value"));
    }
    *facts = others;
}

/// The stack, but for what others have changed.
fn drifted() -> (Inventory, Plan) {
    let artifact = artifact("code");
    let resources = resources("default", None);
    let mut inventory = converged(&resources, "default", &artifact);
    let policy = |actions: &str, resource: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"WriteRides","Effect":"Allow","Action":{actions},"Resource":"arn:aws:dynamodb:eu-west-1:123456789012:{resource}"}}]}}"#
        )
    };
    let role = &mut state(&mut inventory, "role").facts;
    let actions = r#"["dynamodb:PutItem","dynamodb:DeleteItem"]"#;
    role.is(
        Name::entry("policy", "DynamoDBWriteAccess"),
        policy(actions, "table/Rides"),
    );
    role.is(
        Name::entry("policy", "Audit"),
        policy(r#""dynamodb:Scan""#, "table/*"),
    );
    remove(role, &Name::entry("policy", "WriteLogs"));
    let table = &mut state(&mut inventory, "table").facts;
    table.part(Name::entry("index", "ByUser"), "global secondary index");
    table.is("point-in-time recovery", "on, for 7 days");
    let log_group = &mut state(&mut inventory, "log group").facts;
    log_group.is("retention", "never expires");
    let function = &mut state(&mut inventory, "function").facts;
    function.is("memory", "1024 MB");
    function.is("code", "other");
    function.part("VPC", "subnet-0123456789abcdef0, subnet-1123456789abcdef0");
    function.is(Name::entry("env", "TABLE_NAME"), "#000000");
    function.is(Name::entry("env", "FEATURE"), "#111111");
    function.is(Name::entry("tag", "provision:role-id"), "AROA0");
    let release = state(&mut inventory, "release");
    release.details.push(("version", "1".to_owned()));
    release.facts.is("serves", "code other, configuration 0");
    release.facts.is("proof", "0");
    let plan = plan(&resources, &inventory, &artifact);
    (inventory, plan)
}

/// The values that the stack itself knows.
fn values(inventory: &Inventory) -> KnownValues {
    crate::pure_plan::stack("default", None).known_values(inventory)
}

#[test]
fn a_first_up_shows_what_tells_the_resources_from_others() {
    let resources = resources("default", None);
    let mut inventory = empty("default");
    inventory.index = index(&resources);
    let plan = plan(&resources, &inventory, &artifact("code"));
    check("first-up", &plan, &view(&inventory, &values(&inventory)));
}

#[test]
fn what_others_changed_is_shown_without_hashes_and_secrets() {
    let (inventory, plan) = drifted();
    check("drifted", &plan, &view(&inventory, &values(&inventory)));
}

/// After other names were declared; in the order of the stack.
#[test]
fn what_is_no_longer_declared_is_listed() {
    let (resources, artifact) = (resources("default", None), artifact("code"));
    let mut inventory = converged(&resources, "default", &artifact);
    let old = state(&mut inventory, "table").clone();
    let denied = "AccessDeniedException: User: arn:aws:iam::123456789012:user/me is not authorized to perform: iam:GetRole";
    let undeclared = |kind, name: &str, found| Undeclared {
        id: ResourceId::new(kind, name),
        found,
    };
    let group = "/aws/lambda/RequestUnicornOfTheWildRydes";
    inventory.index.undeclared = vec![
        undeclared("table", "Trips", Found::Present(old.clone())),
        undeclared("role", "Rider", Found::Unreadable(denied.to_owned())),
        undeclared("log group", group, Found::Present(old)),
        undeclared("resource", "queue/Rides", Found::UnknownKind),
    ];
    let values = KnownValues::default();
    let view = view(&inventory, &values);
    let plan = plan(&resources, &inventory, &artifact).beside(&inventory.index);
    check("undeclared", &plan, &view);
    insta::assert_snapshot!("undeclared-diff", plan::diff(&plan, &view));
}

#[test]
fn in_a_diff_the_sign_is_the_first_character() {
    let (inventory, plan) = drifted();
    let values = values(&inventory);
    let view = view(&inventory, &values);
    insta::assert_snapshot!("drifted-diff", plan::diff(&plan, &view));
}
