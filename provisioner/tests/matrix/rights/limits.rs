//! What the policies do not allow.

use provisioner::error::Exit;
use provisioner::policy::permissions::Principal::{
    self, Certifier, Deployer, Operator, Planner, Sweeper,
};

use super::policies::policy;
use super::ran::in_world;
use super::start::Start;
use crate::in_process::InProcess;
use crate::standing::Standing;

const UP: Start = Start::Standing(Standing::Up);
const RIDDEN: Start = Start::Standing(Standing::Ridden);
const TWO_VERSIONS: Start = Start::Standing(Standing::TwoVersions);

/// A principal, the stage of its policy, where it begins, and the command that it may not run.
const DENIED: &[(Principal, &str, Start, &str)] = &[
    (Planner, "default", Start::Empty, "up --artifact ZIP"),
    (Planner, "default", Start::Drifted, "up --artifact ZIP"),
    (Planner, "default", UP, "down"),
    (Planner, "default", TWO_VERSIONS, "rollback"),
    (Planner, "default", RIDDEN, "rides"),
    (Planner, "default", RIDDEN, "logs"),
    (Planner, "default", RIDDEN, "invoke --at 0,0"),
    (Operator, "default", UP, "status"),
    (Operator, "default", UP, "plan --artifact ZIP"),
    (Operator, "default", Start::Empty, "up --artifact ZIP"),
    (Operator, "default", RIDDEN, "down --delete-data"),
    // It may count them.
    (Deployer, "default", RIDDEN, "rides"),
    (Deployer, "default", RIDDEN, "logs"),
    (
        Sweeper,
        "pr-*",
        Start::Empty,
        "up --artifact ZIP --stage pr-1",
    ),
    (Sweeper, "pr-*", UP, "down"),
    (Deployer, "pr-*", UP, "sweep --stage pr-* --older-than 0s"),
    // Stages other than its own.
    (Certifier, "certify-*", UP, "down"),
    (Certifier, "certify-*", Start::Empty, "up --artifact ZIP"),
    (Deployer, "default", UP, "up --artifact ZIP --stage dev"),
    (Deployer, "dev", RIDDEN, "down --delete-data"),
    (Deployer, "pr-*", RIDDEN, "down --delete-data"),
    (Deployer, "pr-*", UP, "up --artifact ZIP --stage prod"),
    (Planner, "dev", UP, "status"),
    (Operator, "dev", RIDDEN, "rides"),
];

pub fn everything_else_is_denied() {
    for (principal, stage, start, command) in DENIED {
        let commands = InProcess::inside(start.world());
        let ran = in_world(&commands, command, policy(*principal, stage));
        let row = format!("{principal:?} of {stage}: {command}\n{}", ran.text);
        assert_eq!(ran.exit, Exit::Denied, "{row}");
        assert!(ran.text.contains("is not authorized to perform: "), "{row}");
    }
}
