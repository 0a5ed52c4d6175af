//! What a permission is: the types of the table of permissions.

use Principal::{Certifier, Deployer, Operator, Planner, Sweeper};

use super::uses::Use;

/// A caller of `provision` with a policy of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// Creates, updates and deletes the stack.
    Deployer,
    /// Reads the stack, and changes nothing.
    Planner,
    /// Uses the stack.
    Operator,
    /// Deletes stages that have expired.
    Sweeper,
    /// Proves in stages of its own that everything works: it deploys, and changes by hand what others would change.
    Certifier,
}

impl Principal {
    pub const ALL: [Principal; 5] = [Deployer, Planner, Operator, Sweeper, Certifier];

    pub fn name(self) -> &'static str {
        match self {
            Deployer => "deployer",
            Planner => "planner",
            Operator => "operator",
            Sweeper => "sweeper",
            Certifier => "certifier",
        }
    }

    /// The commands that its policy allows.
    pub fn commands(self) -> &'static [&'static str] {
        match self {
            Deployer => &["up", "plan", "status", "versions", "rollback", "down"],
            Planner => &["plan", "status", "versions"],
            Operator => &["invoke", "rides", "logs"],
            Sweeper => &["sweep"],
            Certifier => &["certify"],
        }
    }
}

pub(super) const DEPLOYERS: &[Principal] = &[Deployer, Certifier];
pub(super) const DELETERS: &[Principal] = &[Deployer, Sweeper, Certifier];

/// What happens without a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The command fails.
    Required,
    /// The command prints a warning that names the action, and continues. The text says what it then does.
    Helps(&'static str),
}

#[derive(Clone, Copy, Debug)]
pub struct Permission {
    /// `iam:PassRole`. Never a pattern.
    pub action: &'static str,
    pub need: Need,
    pub principals: &'static [Principal],
    /// The changes of a plan that need it; none for what is read before there is a plan.
    pub uses: &'static [Use],
}

impl Permission {
    pub(super) const fn required(
        action: &'static str,
        principals: &'static [Principal],
    ) -> Permission {
        Permission {
            action,
            need: Need::Required,
            principals,
            uses: &[],
        }
    }

    /// Required to deploy these changes.
    pub(super) const fn changing(action: &'static str, uses: &'static [Use]) -> Permission {
        Permission {
            uses,
            ..Permission::required(action, DEPLOYERS)
        }
    }

    /// Required for these changes, all or some of which delete something.
    pub(super) const fn deleting(action: &'static str, uses: &'static [Use]) -> Permission {
        Permission {
            uses,
            ..Permission::required(action, DELETERS)
        }
    }

    pub(super) const fn helps(
        action: &'static str,
        principals: &'static [Principal],
        without: &'static str,
    ) -> Permission {
        Permission {
            action,
            need: Need::Helps(without),
            principals,
            uses: &[],
        }
    }
}

/// A condition of a statement: one key with one value.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    pub operator: &'static str,
    pub key: &'static str,
    /// May be a placeholder.
    pub value: &'static str,
}

/// Permissions on the same resources, under the same condition: one statement of a policy.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    pub sid: &'static str,
    /// ARNs with placeholders, or `*`.
    pub resources: &'static [&'static str],
    /// Why the resource is `*`.
    pub wildcard: Option<&'static str>,
    pub condition: Option<Condition>,
    pub permissions: &'static [Permission],
}
