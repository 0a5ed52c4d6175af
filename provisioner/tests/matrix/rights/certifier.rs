//! `certify` with just the policy of the certifier, and without what the certifier alone may do. Each row is a
//! whole run of `certify`, so only `.ci/long certify` takes them; `certify::calm` is in the normal run too.

use libtest_mimic::Trial;
use provisioner::error::Exit;
use provisioner::policy::permissions::Principal::Certifier;

use super::page::permissions;
use super::policies::{policy, without};
use super::ran::{in_world, report_path};
use super::scenarios::CERTIFY;
use super::{id, works};
use crate::in_process::InProcess;
use crate::trial;

pub fn with_the_whole_policy() -> Trial {
    trial("certify::certifier::certify", || works(Certifier, &CERTIFY))
}

/// `certify::certifier::iam_ListRoles` is a run without that action.
pub fn without_each_action() -> Vec<Trial> {
    let without = permissions(Certifier).map(|(statement, permission)| {
        let id = id(Certifier, statement, permission);
        trial(format!("certify::certifier::{id}"), move || {
            is_needed(statement.sid, permission.action);
        })
    });
    without.collect()
}

/// A step fails without it, or what is left cannot be counted; the report names the action.
fn is_needed(sid: &str, action: &str) {
    let commands = InProcess::inside(CERTIFY.start.world());
    let policy = without(policy(Certifier, CERTIFY.stage), sid, action);
    let ran = in_world(&commands, CERTIFY.command, policy);
    assert_ne!(ran.exit, Exit::Done, "{}", ran.text);
    let report = report_path(&commands).with_extension("md");
    let report = std::fs::read_to_string(report).expect("a report");
    let denial = format!("is not authorized to perform: {action} on resource: ");
    assert!(report.contains(&denial), "{report}");
}
