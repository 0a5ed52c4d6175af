//! Commands that callers run with just their policy, and where each begins.

use provisioner::error::Exit;
use provisioner::policy::permissions::Principal;

use super::start::Start;
use crate::standing::Standing;

/// One command of a principal.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub start: Start,
    pub command: &'static str,
    /// The stages that the policy is for.
    pub stage: &'static str,
    pub exit: Exit,
    /// A part of its output.
    pub says: &'static str,
}

impl Scenario {
    pub fn has_preflight(&self) -> bool {
        let verb = self.command.split(' ').next();
        matches!(verb, Some("up" | "down"))
    }
}

const fn done(
    name: &'static str,
    start: Start,
    command: &'static str,
    says: &'static str,
) -> Scenario {
    Scenario {
        name,
        start,
        command,
        stage: "default",
        exit: Exit::Done,
        says,
    }
}

/// The scenarios of a principal. An action is tested in the first one that needs it, so cheap ones come first.
pub fn of(principal: Principal) -> &'static [Scenario] {
    match principal {
        Principal::Deployer => DEPLOYER,
        Principal::Planner => PLANNER,
        Principal::Operator => OPERATOR,
        Principal::Sweeper => SWEEPER,
        Principal::Certifier => &[CERTIFY],
    }
}

const UP: Start = Start::Standing(Standing::Up);
const RIDDEN: Start = Start::Standing(Standing::Ridden);
const TWO_VERSIONS: Start = Start::Standing(Standing::TwoVersions);

const DEPLOYER: &[Scenario] = &[
    done(
        "plan",
        UP,
        "plan --artifact ZIP --exit-code",
        "nothing to do",
    ),
    done("status", UP, "status", "healthy"),
    done("versions", UP, "versions", "passed"),
    done("rollback", TWO_VERSIONS, "rollback", "live: version 2 → 1"),
    Scenario {
        exit: Exit::Refused,
        ..done("down, rides", RIDDEN, "down", "contains 1 ride")
    },
    done("down", UP, "down", "deleted  table Rides"),
    done(
        "down, attached policies",
        Start::Attached,
        "down",
        "deleted  role WildRydesLambda",
    ),
    done(
        "down --keep-data",
        RIDDEN,
        "down --keep-data",
        "kept     table Rides",
    ),
    done(
        "down --delete-data",
        RIDDEN,
        "down --delete-data",
        "deleted  table Rides",
    ),
    done(
        "down, protected log group",
        Start::Protected,
        "down --delete-data",
        "deleted  log group",
    ),
    Scenario {
        exit: Exit::Failed,
        ..done(
            "up, failed ride",
            Start::Attached,
            "up --artifact BROKEN",
            "restored the policy DynamoDBWriteAccess",
        )
    },
    done(
        "first up",
        Start::Empty,
        "up --artifact ZIP",
        "passed its test ride",
    ),
    done(
        "up, everything changed",
        Start::Drifted,
        "up --artifact ZIP --drop stream --drop index/ByUser",
        "passed its test ride",
    ),
    done(
        "up, role created again",
        Start::Recreated,
        "up --artifact ZIP --adopt role",
        "passed its test ride",
    ),
    done(
        "up --adopt",
        Start::Console,
        "up --artifact ZIP --adopt table --adopt role --adopt function",
        "published the previous code as version 1",
    ),
    Scenario {
        stage: "prod",
        ..done(
            "first up, production",
            Start::Empty,
            "up --artifact ZIP --stage prod",
            "passed its test ride",
        )
    },
    Scenario {
        stage: "pr-*",
        ..done(
            "first up, one of many stages",
            UP,
            "up --artifact ZIP --stage pr-1",
            "passed its test ride",
        )
    },
];

const PLANNER: &[Scenario] = &[
    done(
        "plan",
        UP,
        "plan --artifact ZIP --exit-code",
        "nothing to do",
    ),
    done("status", UP, "status", "healthy"),
    done("versions", UP, "versions", "passed"),
    Scenario {
        exit: Exit::Changes,
        ..done(
            "plan, everything changed",
            Start::Drifted,
            "plan --artifact ZIP --exit-code",
            "to change",
        )
    },
    Scenario {
        exit: Exit::Changes,
        ..done(
            "first plan",
            Start::Empty,
            "plan --artifact ZIP --exit-code",
            "5 to create",
        )
    },
];

const OPERATOR: &[Scenario] = &[
    done("invoke", UP, "invoke --at 47.61,-122.33", "returned 201"),
    done("rides", RIDDEN, "rides", "the_username"),
    done("logs", RIDDEN, "logs --since 1d", "the_username"),
];

const SWEEPER: &[Scenario] = &[
    Scenario {
        stage: "pr-*",
        exit: Exit::Refused,
        ..done(
            "sweep, rides",
            Start::Preview,
            "sweep --stage pr-* --older-than 0s",
            "1 failed",
        )
    },
    Scenario {
        stage: "pr-*",
        ..done(
            "sweep",
            Start::PreviewUp,
            "sweep --stage pr-* --older-than 0s",
            "deleted  table Rides-pr-1",
        )
    },
    Scenario {
        stage: "pr-*",
        ..done(
            "sweep --delete-data",
            Start::Preview,
            "sweep --stage pr-* --older-than 0s --delete-data",
            "1 deleted",
        )
    },
];

/// The tags of the other stage are read too.
pub const CERTIFY: Scenario = Scenario {
    stage: "certify-*",
    ..done(
        "certify",
        Start::PreviewUp,
        "certify --artifact ZIP --report REPORT",
        "33 of 33 steps passed",
    )
};
