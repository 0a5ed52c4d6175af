//! The policies of `provision policy`, proved both ways: every command works with just its policy, and each
//! action of a policy is needed by a command.

pub mod certifier;
mod function;
mod life_cycle;
mod limits;
mod page;
mod policies;
mod ran;
mod scenarios;
mod start;

use std::path::PathBuf;

use libtest_mimic::Trial;
use provisioner::policy::permissions::{Need, Permission, Principal, Statement};
use provisioner::policy::template;
use serde_json::Value;

use crate::artifact::workspace;
use crate::trial;
use page::{Needs, PAGE, page, permissions, scenario};
use policies::{policy, without};
use ran::{Ran, run, run_unchecked};
use scenarios::{Scenario, of};

/// `rights::deployer::iam_PassRole` is a run without that action, `rights::deployer::first_up` one with the
/// whole policy.
pub fn trials() -> Vec<Trial> {
    // Those of the certifier are too long for the normal run.
    let principals = Principal::ALL.into_iter();
    let principals = principals.filter(|principal| *principal != Principal::Certifier);
    let rows = principals.flat_map(|principal| {
        let name = principal.name();
        let whole = of(principal).iter().map(move |scenario| {
            let id = format!("rights::{name}::{}", words(scenario.name));
            trial(id, move || works(principal, scenario))
        });
        let without = permissions(principal).map(move |(statement, permission)| {
            let id = format!("rights::{name}::{}", id(principal, statement, permission));
            trial(id, move || is_needed(principal, statement, permission))
        });
        whole.chain(without).collect::<Vec<_>>()
    });
    let mut trials: Vec<Trial> = rows.collect();
    trials.extend(function::actions().into_iter().map(|(action, _, without)| {
        let id = format!("rights::function::{}", action.replace(':', "_"));
        trial(id, move || function::is_needed(&action, without))
    }));
    let others: [(&str, fn()); 5] = [
        (
            "the_function_logs_with_its_whole_policy",
            function::the_function_logs_with_its_whole_policy,
        ),
        (
            "each_principal_does_its_part",
            life_cycle::each_principal_does_its_part,
        ),
        (
            "everything_else_is_denied",
            limits::everything_else_is_denied,
        ),
        ("the_page_is_generated", the_page_is_generated),
        ("the_files_are_generated", the_files_are_generated),
    ];
    let others = others.map(|(name, test)| trial(format!("rights::{name}"), test));
    trials.extend(others);
    trials
}

/// `iam_CreateRole`, and `iam_CreateRole_TemporaryRole` for the second statement with that action.
fn id(principal: Principal, statement: &Statement, permission: &Permission) -> String {
    let action = permission.action.replace(':', "_");
    let mut same = permissions(principal).filter(|(_, other)| other.action == permission.action);
    match same.next() {
        Some((first, _)) if first.sid != statement.sid => format!("{action}_{}", statement.sid),
        _ => action,
    }
}

fn words(name: &str) -> String {
    let letters = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' });
    let letters: String = letters.collect();
    letters.split_whitespace().collect::<Vec<_>>().join("_")
}

#[track_caller]
fn works(principal: Principal, scenario: &Scenario) {
    let ran = run(scenario, policy(principal, scenario.stage));
    assert_eq!(ran.exit, scenario.exit, "{}:\n{}", scenario.name, ran.text);
    let says = scenario.says;
    assert!(ran.text.contains(says), "`{says}` is not in\n{}", ran.text);
    assert!(!ran.text.contains("warning: "), "{}", ran.text);
}

fn is_needed(principal: Principal, statement: &Statement, permission: &Permission) {
    let (sid, action) = (statement.sid, permission.action);
    let scenario = scenario(principal, sid, action).unwrap_or_else(|| {
        panic!(
            "docs/permissions.md names no scenario of the {} that needs {action}: delete it from the table, or \
             run this test with INSTA_UPDATE=always",
            principal.name()
        )
    });
    let policy = without(policy(principal, scenario.stage), sid, action);
    let ran = match permission.need {
        Need::Required => run_unchecked(scenario, policy.clone()),
        Need::Helps(_) => run(scenario, policy.clone()),
    };
    let Ran { exit, text } = &ran;
    match permission.need {
        Need::Required => {
            assert!(ran.is_denied(action), "{exit:?}\n{text}");
            if scenario.has_preflight() && !permission.uses.is_empty() {
                let ran = run(scenario, policy);
                assert!(ran.is_refused(action), "{:?}\n{}", ran.exit, ran.text);
            }
        }
        Need::Helps(_) => {
            assert!(ran.warns_of(action), "{text}");
            assert_eq!(*exit, scenario.exit, "{text}");
            assert!(text.contains(scenario.says), "{text}");
        }
    }
}

/// `INSTA_UPDATE=always` writes the page. It looks for the first scenario that needs an action only if the page
/// names none.
fn the_page_is_generated() {
    if is_updating() {
        let page = page(needs);
        let path = workspace().join("docs/permissions.md");
        return std::fs::write(path, page).expect("the page");
    }
    let named: Needs = |principal, sid, action| Some(scenario(principal, sid, action)?.name);
    assert_eq!(page(named), PAGE, "run this test with INSTA_UPDATE=always");
}

fn needs(principal: Principal, sid: &str, action: &str) -> Option<&'static str> {
    if let Some(named) = scenario(principal, sid, action) {
        return Some(named.name);
    }
    if let [only] = of(principal) {
        return Some(only.name);
    }
    let mut scenarios = of(principal).iter();
    let found = scenarios.find(|scenario| {
        let policy = without(policy(principal, scenario.stage), sid, action);
        run_unchecked(scenario, policy.clone()).is_denied(action)
            || run(scenario, policy).warns_of(action)
    });
    found.map(|scenario| scenario.name)
}

fn the_files_are_generated() {
    for principal in Principal::ALL {
        let path: PathBuf = workspace().join(format!("policies/{}.json", principal.name()));
        let text = serde_json::to_string_pretty(&template(principal)).expect("JSON") + "\n";
        if is_updating() {
            std::fs::write(path, text).expect("the file");
            continue;
        }
        let file = std::fs::read_to_string(&path).expect("the file");
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(read(&file), read(&text), "{}", path.display());
    }
}

fn is_updating() -> bool {
    std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always")
}
