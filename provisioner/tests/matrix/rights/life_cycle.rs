//! The whole life of two stages, each command on the credentials of the principal whose task it is.

use provisioner::error::Exit;
use provisioner::policy::permissions::Principal::{self, Deployer, Operator, Planner};

use super::policies::policy;
use super::ran::in_world;
use crate::in_process::InProcess;
use crate::world::World;

/// A principal, the stage of its policy, the command, the exit code, and a part of the output.
type Step = (Principal, &'static str, &'static str, Exit, &'static str);

const STEPS: &[Step] = &[
    (
        Planner,
        "default",
        "plan --artifact ZIP --exit-code",
        Exit::Changes,
        "5 to create",
    ),
    (
        Deployer,
        "default",
        "up --artifact ZIP",
        Exit::Done,
        "version 1 passed its test ride",
    ),
    (Planner, "default", "status", Exit::Done, "healthy"),
    (
        Operator,
        "default",
        "invoke --at 47.61,-122.33",
        Exit::Done,
        "returned 201",
    ),
    (Operator, "default", "rides", Exit::Done, "the_username"),
    (
        Operator,
        "default",
        "logs --since 1d",
        Exit::Done,
        "the_username",
    ),
    (
        Deployer,
        "default",
        "up --artifact ZIP --memory 256",
        Exit::Done,
        "version 2 passed its test ride",
    ),
    (
        Deployer,
        "default",
        "rollback",
        Exit::Done,
        "live: version 2 → 1",
    ),
    (
        Deployer,
        "dev",
        "up --artifact ZIP --stage dev",
        Exit::Done,
        "function:RequestUnicorn-dev",
    ),
    (
        Deployer,
        "default",
        "down",
        Exit::Refused,
        "contains 1 ride",
    ),
    (
        Deployer,
        "default",
        "down --keep-data",
        Exit::Done,
        "kept     table Rides",
    ),
    (
        Deployer,
        "default",
        "up --artifact ZIP",
        Exit::Done,
        "passed its test ride",
    ),
    (Operator, "default", "rides", Exit::Done, "the_username"),
    (
        Deployer,
        "default",
        "down --delete-data",
        Exit::Done,
        "deleted  table Rides",
    ),
    (Planner, "default", "status", Exit::Done, "absent"),
    (Planner, "dev", "status --stage dev", Exit::Done, "healthy"),
    (
        Deployer,
        "dev",
        "down --stage dev",
        Exit::Done,
        "deleted  table Rides-dev",
    ),
];

pub fn each_principal_does_its_part() {
    let commands = InProcess::inside(World::new());
    for (principal, stage, command, exit, says) in STEPS {
        let ran = in_world(&commands, command, policy(*principal, stage));
        assert_eq!(ran.exit, *exit, "{command}:\n{}", ran.text);
        assert!(ran.text.contains(says), "{command}:\n{}", ran.text);
        assert!(!ran.text.contains("warning: "), "{command}:\n{}", ran.text);
    }
}
