//! The permissions that the callers of `provision` need: one table. The policies that `provision policy`
//! prints, the files of `policies/` for callers and docs/permissions.md are made from it.
//!
//! A test runs every command with just these permissions, and again without each of them.

use Principal::{Deployer, Operator, Planner};

/// A caller of `provision` with a policy of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// Creates, updates and deletes the stack.
    Deployer,
    /// Reads the stack, and changes nothing.
    Planner,
    /// Uses the stack.
    Operator,
}

impl Principal {
    pub const ALL: [Principal; 3] = [Deployer, Planner, Operator];

    pub fn name(self) -> &'static str {
        match self {
            Deployer => "deployer",
            Planner => "planner",
            Operator => "operator",
        }
    }

    /// The commands that its policy allows.
    pub fn commands(self) -> &'static [&'static str] {
        match self {
            Deployer => &["up", "plan", "status", "versions", "rollback", "down"],
            Planner => &["plan", "status", "versions"],
            Operator => &["invoke", "rides", "logs"],
        }
    }
}

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
}

impl Permission {
    const fn required(action: &'static str, principals: &'static [Principal]) -> Permission {
        Permission {
            action,
            need: Need::Required,
            principals,
        }
    }

    const fn helps(
        action: &'static str,
        principals: &'static [Principal],
        without: &'static str,
    ) -> Permission {
        Permission {
            action,
            need: Need::Helps(without),
            principals,
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

/// The placeholder for the ID of the test ride. It has no value where the policy is for many stages: each has
/// a test ride of its own.
pub const TEST_RIDE: &str = "{{test_ride}}";

const TABLE_ARN: &str = "arn:{{partition}}:dynamodb:{{region}}:{{account}}:table/{{table}}";
const ROLE_ARNS: &[&str] = &[
    "arn:{{partition}}:iam::{{account}}:role/{{role}}",
    // Roles that were created in Lambda's console have this path, which cannot be changed.
    "arn:{{partition}}:iam::{{account}}:role/service-role/{{role}}",
];
const TEMPORARY_ROLE_ARN: &str = "arn:{{partition}}:iam::{{account}}:role/{{role}}.temporary";
const PASSED_ROLE_ARNS: &[&str] = &[ROLE_ARNS[0], ROLE_ARNS[1], TEMPORARY_ROLE_ARN];
const FUNCTION_ARNS: &[&str] = &[
    "arn:{{partition}}:lambda:{{region}}:{{account}}:function:{{function}}",
    // Its versions and aliases.
    "arn:{{partition}}:lambda:{{region}}:{{account}}:function:{{function}}:*",
];
const LIVE_ARN: &str = "arn:{{partition}}:lambda:{{region}}:{{account}}:function:{{function}}:live";
const LOG_GROUP_ARNS: &[&str] = &[
    "arn:{{partition}}:logs:{{region}}:{{account}}:log-group:{{log_group}}",
    // CloudWatch Logs compares most actions with the ARN of the group's streams.
    "arn:{{partition}}:logs:{{region}}:{{account}}:log-group:{{log_group}}:*",
];

const READERS: &[Principal] = &[Deployer, Planner];

/// The only list of these permissions.
pub const TABLE: &[Statement] = &[
    Statement {
        sid: "Table",
        resources: &[TABLE_ARN],
        wildcard: None,
        condition: None,
        permissions: &[
            Permission::required("dynamodb:DescribeTable", READERS),
            Permission::required("dynamodb:DescribeContinuousBackups", READERS),
            Permission::required("dynamodb:DescribeTimeToLive", READERS),
            Permission::required("dynamodb:ListTagsOfResource", READERS),
            Permission::required("dynamodb:CreateTable", &[Deployer]),
            Permission::required("dynamodb:TagResource", &[Deployer]),
            Permission::required("dynamodb:UpdateTable", &[Deployer]),
            Permission::required("dynamodb:UpdateContinuousBackups", &[Deployer]),
            Permission::required("dynamodb:UpdateTimeToLive", &[Deployer]),
            Permission::required("dynamodb:DeleteTable", &[Deployer]),
        ],
    },
    Statement {
        sid: "TestRide",
        resources: &[TABLE_ARN],
        wildcard: None,
        condition: Some(Condition {
            operator: "ForAnyValue:StringEquals",
            key: "dynamodb:LeadingKeys",
            value: TEST_RIDE,
        }),
        permissions: &[
            Permission::required("dynamodb:GetItem", &[Deployer]),
            Permission::required("dynamodb:DeleteItem", &[Deployer]),
        ],
    },
    Statement {
        sid: "CountRides",
        resources: &[TABLE_ARN],
        wildcard: None,
        // It may count the rides, not read them.
        condition: Some(Condition {
            operator: "StringEquals",
            key: "dynamodb:Select",
            value: "COUNT",
        }),
        permissions: &[Permission::required("dynamodb:Scan", &[Deployer])],
    },
    Statement {
        sid: "ReadRides",
        resources: &[TABLE_ARN],
        wildcard: None,
        condition: None,
        permissions: &[Permission::required("dynamodb:Scan", &[Operator])],
    },
    Statement {
        sid: "Role",
        resources: ROLE_ARNS,
        wildcard: None,
        condition: None,
        permissions: &[
            Permission::required("iam:GetRole", READERS),
            Permission::required("iam:ListRolePolicies", READERS),
            Permission::required("iam:GetRolePolicy", READERS),
            Permission::required("iam:ListAttachedRolePolicies", READERS),
            Permission::required("iam:CreateRole", &[Deployer]),
            Permission::required("iam:TagRole", &[Deployer]),
            Permission::required("iam:UpdateRole", &[Deployer]),
            Permission::required("iam:UpdateAssumeRolePolicy", &[Deployer]),
            Permission::required("iam:PutRolePolicy", &[Deployer]),
            Permission::required("iam:DeleteRolePolicy", &[Deployer]),
            Permission::required("iam:AttachRolePolicy", &[Deployer]),
            Permission::required("iam:DetachRolePolicy", &[Deployer]),
            Permission::required("iam:ListInstanceProfilesForRole", &[Deployer]),
            Permission::required("iam:DeleteRole", &[Deployer]),
            Permission::helps(
                "iam:SimulatePrincipalPolicy",
                &[Deployer],
                "`down` waits until the log group stays deleted, although no policy may allow to create it again",
            ),
        ],
    },
    // The role that the function gets for a moment after its own was deleted and created again.
    Statement {
        sid: "TemporaryRole",
        resources: &[TEMPORARY_ROLE_ARN],
        wildcard: None,
        condition: None,
        permissions: &[
            Permission::required("iam:GetRole", &[Deployer]),
            Permission::required("iam:CreateRole", &[Deployer]),
            Permission::required("iam:TagRole", &[Deployer]),
            Permission::required("iam:DeleteRole", &[Deployer]),
        ],
    },
    Statement {
        sid: "PassRole",
        resources: PASSED_ROLE_ARNS,
        wildcard: None,
        condition: Some(Condition {
            operator: "StringEquals",
            key: "iam:PassedToService",
            value: "lambda.amazonaws.com",
        }),
        permissions: &[Permission::required("iam:PassRole", &[Deployer])],
    },
    Statement {
        sid: "Function",
        resources: FUNCTION_ARNS,
        wildcard: None,
        condition: None,
        permissions: &[
            Permission::required("lambda:GetFunction", READERS),
            Permission::required("lambda:ListTags", READERS),
            Permission::required("lambda:GetAlias", READERS),
            Permission::required("lambda:ListVersionsByFunction", READERS),
            Permission::required("lambda:CreateFunction", &[Deployer]),
            Permission::required("lambda:TagResource", &[Deployer]),
            Permission::required("lambda:UpdateFunctionCode", &[Deployer]),
            Permission::required("lambda:UpdateFunctionConfiguration", &[Deployer]),
            Permission::required("lambda:DeleteFunctionConcurrency", &[Deployer]),
            Permission::required("lambda:PublishVersion", &[Deployer]),
            Permission::required("lambda:InvokeFunction", &[Deployer]),
            Permission::required("lambda:CreateAlias", &[Deployer]),
            Permission::required("lambda:UpdateAlias", &[Deployer]),
            Permission::required("lambda:DeleteAlias", &[Deployer]),
            Permission::required("lambda:DeleteFunction", &[Deployer]),
        ],
    },
    Statement {
        sid: "InvokeLive",
        resources: &[LIVE_ARN],
        wildcard: None,
        condition: None,
        permissions: &[Permission::required("lambda:InvokeFunction", &[Operator])],
    },
    Statement {
        sid: "LogGroup",
        resources: LOG_GROUP_ARNS,
        wildcard: None,
        condition: None,
        permissions: &[
            Permission::required("logs:ListTagsForResource", READERS),
            Permission::required("logs:CreateLogGroup", &[Deployer]),
            Permission::required("logs:TagResource", &[Deployer]),
            Permission::required("logs:PutRetentionPolicy", &[Deployer]),
            Permission::required("logs:PutLogGroupDeletionProtection", &[Deployer]),
            Permission::required("logs:DeleteLogGroup", &[Deployer]),
            Permission::required("logs:FilterLogEvents", &[Operator]),
        ],
    },
    Statement {
        sid: "Lists",
        resources: &["*"],
        wildcard: Some("AWS defines no resource type for lists of log groups and of backups"),
        condition: None,
        permissions: &[
            Permission::required("logs:DescribeLogGroups", READERS),
            Permission::helps(
                "dynamodb:ListBackups",
                &[Deployer],
                "`down` does not list the backups that AWS keeps of a deleted table",
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    fn each_action_is_named_in_full_and_once_in_a_statement() {
        for statement in TABLE {
            let permissions = statement.permissions.iter();
            let mut actions: Vec<&str> = permissions.map(|one| one.action).collect();
            let all = actions.len();
            actions.sort_unstable();
            actions.dedup();
            assert_eq!(actions.len(), all, "{} has an action twice", statement.sid);
            for action in actions {
                let (service, name) = action.split_once(':').expect("service:Action");
                let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric());
                assert!(is_name(service) && is_name(name), "{action}");
            }
        }
    }

    #[test]
    fn a_wildcard_resource_has_a_reason_and_nothing_else_is_wider_than_a_name() {
        for statement in TABLE {
            let is_wildcard = statement.resources.contains(&"*");
            assert_eq!(
                is_wildcard,
                statement.wildcard.is_some(),
                "{}",
                statement.sid
            );
            for resource in statement.resources.iter().filter(|arn| **arn != "*") {
                // `:*` are the parts of a named function or log group.
                let named = resource.strip_suffix(":*").unwrap_or(resource);
                assert!(!named.contains(['*', '?']), "{resource}");
            }
        }
    }

    #[test]
    fn each_statement_has_a_name_of_its_own() {
        let mut sids: Vec<&str> = TABLE.iter().map(|statement| statement.sid).collect();
        sids.sort_unstable();
        sids.dedup();
        assert_eq!(sids.len(), TABLE.len());
        let is_sid = |sid: &&str| sid.chars().all(|c| c.is_ascii_alphanumeric());
        assert!(
            sids.iter().all(is_sid),
            "IAM accepts letters and digits only"
        );
    }
}
