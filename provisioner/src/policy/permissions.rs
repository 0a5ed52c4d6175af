//! The permissions that the callers of `provision` need: one table. The policies that `provision policy`
//! prints, the files of `policies/` for callers and docs/permissions.md are made from it.
//!
//! A test runs every command with just these permissions, and again without each of them.

use super::permission::{DELETERS, DEPLOYERS};
use super::uses::ChangeKind::{
    Adopt, Create, CreateWith, Delete, DeleteWith, Remove, Replace, Set, TestRide, Update,
    UpdateOther,
};
use super::uses::Use;
use Principal::{Certifier, Deployer, Operator, Planner, Sweeper};

pub use super::permission::{Condition, Need, Permission, Principal, Statement};

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

const READERS: &[Principal] = &[Deployer, Planner, Sweeper, Certifier];
/// Whose names show what there is of a stage, or of many.
const LISTERS: &[Principal] = &[Sweeper, Certifier];

const TABLE_KIND: &str = "table";
const ROLE: &str = "role";
const LOG_GROUP: &str = "log group";
const FUNCTION: &str = "function";
const RELEASE: &str = "release";

/// The tag with the ID of the role that the function was assigned.
const ROLE_ID: &str = "tag provision:role-id";
/// An update of the function's configuration.
const CONFIGURE: Use =
    UpdateOther(&["code", "architecture", "reserved concurrency", "tag"]).of(FUNCTION);
/// Its description contains the ID of the role too.
const DESCRIBE: Use = Update(&[ROLE_ID]).of(FUNCTION);
const TEST_RIDE_TAKEN: &[Use] = &[TestRide.of(RELEASE)];
/// `UpdateTable` changes all of these.
const OF_UPDATE_TABLE: &[&str] = &[
    "billing",
    "class",
    "deletion protection",
    "encryption",
    "index",
    "stream",
];

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
            Permission::changing("dynamodb:CreateTable", &[Create.of(TABLE_KIND)]),
            Permission::changing(
                "dynamodb:TagResource",
                &[Create.of(TABLE_KIND), Update(&["tag"]).of(TABLE_KIND)],
            ),
            Permission::deleting(
                "dynamodb:UpdateTable",
                &[
                    Update(OF_UPDATE_TABLE).of(TABLE_KIND),
                    DeleteWith("deletion protection").of(TABLE_KIND),
                ],
            ),
            Permission::changing(
                "dynamodb:UpdateContinuousBackups",
                &[
                    CreateWith("point-in-time recovery").of(TABLE_KIND),
                    Update(&["point-in-time recovery"]).of(TABLE_KIND),
                ],
            ),
            Permission::changing(
                "dynamodb:UpdateTimeToLive",
                &[Update(&["time to live"]).of(TABLE_KIND)],
            ),
            Permission::deleting("dynamodb:DeleteTable", &[Delete.of(TABLE_KIND)]),
            // A ride in a table that was made by hand.
            Permission::required("dynamodb:PutItem", &[Certifier]),
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
            Permission::changing("dynamodb:GetItem", TEST_RIDE_TAKEN),
            Permission::changing("dynamodb:DeleteItem", TEST_RIDE_TAKEN),
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
        permissions: &[Permission::required("dynamodb:Scan", DELETERS)],
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
            Permission::changing("iam:CreateRole", &[Create.of(ROLE)]),
            Permission::changing("iam:TagRole", &[Create.of(ROLE), Update(&["tag"]).of(ROLE)]),
            Permission::changing(
                "iam:UpdateRole",
                &[Update(&["maximum session duration"]).of(ROLE)],
            ),
            Permission::changing("iam:UpdateAssumeRolePolicy", &[Update(&["trust"]).of(ROLE)]),
            Permission::changing(
                "iam:PutRolePolicy",
                &[Create.of(ROLE), Set(&["policy"]).of(ROLE)],
            ),
            Permission::deleting(
                "iam:DeleteRolePolicy",
                &[Remove(&["policy"]).of(ROLE), DeleteWith("policy").of(ROLE)],
            ),
            Permission::required("iam:AttachRolePolicy", DEPLOYERS),
            Permission::deleting(
                "iam:DetachRolePolicy",
                &[
                    Remove(&["attached"]).of(ROLE),
                    DeleteWith("attached").of(ROLE),
                ],
            ),
            Permission::deleting("iam:ListInstanceProfilesForRole", &[Delete.of(ROLE)]),
            Permission::deleting("iam:DeleteRole", &[Delete.of(ROLE)]),
        ],
    },
    // The role that the function gets for a moment after its own was deleted and created again.
    Statement {
        sid: "TemporaryRole",
        resources: &[TEMPORARY_ROLE_ARN],
        wildcard: None,
        condition: None,
        permissions: &[
            Permission::required("iam:GetRole", DEPLOYERS),
            Permission::changing("iam:CreateRole", &[Replace(ROLE_ID).of(FUNCTION)]),
            Permission::changing("iam:TagRole", &[Replace(ROLE_ID).of(FUNCTION)]),
            Permission::changing("iam:DeleteRole", &[Replace(ROLE_ID).of(FUNCTION)]),
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
        permissions: &[Permission::changing(
            "iam:PassRole",
            &[Create.of(FUNCTION), CONFIGURE, DESCRIBE],
        )],
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
            Permission::changing("lambda:CreateFunction", &[Create.of(FUNCTION)]),
            Permission::changing(
                "lambda:TagResource",
                &[
                    Create.of(FUNCTION),
                    Update(&["tag"]).of(FUNCTION),
                    // With the time of the release.
                    Create.of(RELEASE),
                    UpdateOther(&[]).of(RELEASE),
                ],
            ),
            Permission::changing(
                "lambda:UpdateFunctionCode",
                &[Update(&["code", "architecture"]).of(FUNCTION)],
            ),
            Permission::changing("lambda:UpdateFunctionConfiguration", &[CONFIGURE, DESCRIBE]),
            Permission::changing(
                "lambda:DeleteFunctionConcurrency",
                &[Update(&["reserved concurrency"]).of(FUNCTION)],
            ),
            Permission::changing(
                "lambda:PublishVersion",
                &[
                    Adopt.of(FUNCTION),
                    Create.of(RELEASE),
                    UpdateOther(&[]).of(RELEASE),
                ],
            ),
            Permission::changing("lambda:InvokeFunction", TEST_RIDE_TAKEN),
            Permission::changing(
                "lambda:CreateAlias",
                &[Adopt.of(FUNCTION), Create.of(RELEASE)],
            ),
            Permission::changing("lambda:UpdateAlias", &[UpdateOther(&[]).of(RELEASE)]),
            Permission::deleting("lambda:DeleteAlias", &[Delete.of(RELEASE)]),
            Permission::deleting("lambda:DeleteFunction", &[Delete.of(FUNCTION)]),
            // The state of a function that was made by hand.
            Permission::required("lambda:GetFunctionConfiguration", &[Certifier]),
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
            Permission::changing("logs:CreateLogGroup", &[Create.of(LOG_GROUP)]),
            Permission::changing(
                "logs:TagResource",
                &[Create.of(LOG_GROUP), Update(&["tag"]).of(LOG_GROUP)],
            ),
            Permission::changing(
                "logs:PutRetentionPolicy",
                &[Create.of(LOG_GROUP), Update(&["retention"]).of(LOG_GROUP)],
            ),
            Permission::deleting(
                "logs:PutLogGroupDeletionProtection",
                &[
                    Update(&["deletion protection"]).of(LOG_GROUP),
                    DeleteWith("deletion protection").of(LOG_GROUP),
                ],
            ),
            Permission::deleting("logs:DeleteLogGroup", &[Delete.of(LOG_GROUP)]),
            Permission::required("logs:FilterLogEvents", &[Operator]),
        ],
    },
    Statement {
        sid: "Simulate",
        resources: &["*"],
        wildcard: Some("a policy cannot name the role that it is attached to"),
        condition: None,
        permissions: &[Permission::helps(
            "iam:SimulatePrincipalPolicy",
            DELETERS,
            "`up` and `down` do not check the caller's permissions before the first change, and `down` waits until \
             the log group stays deleted, although no policy may allow to create it again",
        )],
    },
    Statement {
        sid: "Quotas",
        resources: &["*"],
        wildcard: Some("the action is about the whole account"),
        condition: None,
        permissions: &[Permission::helps(
            "lambda:GetAccountSettings",
            &[Deployer],
            "`up` does not check before the first change whether Lambda has room for the code",
        )],
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
                DELETERS,
                "`down` does not list the backups that AWS keeps of a deleted table",
            ),
        ],
    },
    Statement {
        sid: "Stages",
        resources: &["*"],
        wildcard: Some(
            "AWS defines no resource type for lists of tables, roles and functions, from whose names `sweep` takes the stages, \
             and which `certify` searches for what is left of its own",
        ),
        condition: None,
        permissions: &[
            Permission::required("dynamodb:ListTables", LISTERS),
            Permission::required("iam:ListRoles", LISTERS),
            Permission::required("lambda:ListFunctions", LISTERS),
        ],
    },
    Statement {
        sid: "Census",
        resources: &["*"],
        wildcard: Some(
            "`certify` finds by its tags what is left of its stage under any other name",
        ),
        condition: None,
        permissions: &[
            Permission::required("dynamodb:ListTagsOfResource", &[Certifier]),
            Permission::required("iam:ListRoleTags", &[Certifier]),
            Permission::required("lambda:ListTags", &[Certifier]),
            Permission::required("logs:ListTagsForResource", &[Certifier]),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::{Deployer, Need, TABLE};

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
    fn an_action_that_changes_something_says_for_which_changes() {
        for permission in TABLE.iter().flat_map(|statement| statement.permissions) {
            let (_, name) = permission.action.split_once(':').expect("service:Action");
            let reads = ["Get", "List", "Describe", "Scan", "Filter"];
            let reads = reads.iter().any(|verb| name.starts_with(verb));
            // It is part of no plan: it restores what a plan changed, after a failed test ride.
            let restores = permission.action == "iam:AttachRolePolicy";
            let is_of_deployer = permission.principals.contains(&Deployer);
            if is_of_deployer && permission.need == Need::Required && !reads && !restores {
                assert!(!permission.uses.is_empty(), "{}", permission.action);
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
