//! docs/permissions.md: made from the table of permissions and from what the scenarios need.

use provisioner::policy::permissions::{Need, Permission, Principal, Statement, TABLE};
use provisioner::policy::template;

use super::function;
use super::scenarios::{Scenario, of};
use super::start::Start;
use crate::standing::Standing;

pub const PAGE: &str = include_str!("../../../../docs/permissions.md");

/// The scenario that the page names for an action of a statement.
pub fn scenario(principal: Principal, sid: &str, action: &str) -> Option<&'static Scenario> {
    let heading = format!("## {}", principal.name());
    let lines = PAGE.lines().skip_while(|line| *line != heading).skip(1);
    let mut lines = lines.take_while(|line| !line.starts_with("## "));
    let start = format!("| `{action}` | {sid} | ");
    let row = lines.find(|line| line.starts_with(&start))?;
    let name = row.trim_end_matches(" |").rsplit(" | ").next()?;
    of(principal).iter().find(|scenario| scenario.name == name)
}

/// The permissions of a principal, with their statements; of the certifier those that the deployer has not.
pub fn permissions(
    principal: Principal,
) -> impl Iterator<Item = (&'static Statement, &'static Permission)> {
    TABLE.iter().flat_map(move |statement| {
        let permissions = statement.permissions.iter();
        let own =
            permissions.filter(move |one| has(one, principal) && !is_of_deployer(one, principal));
        own.map(move |permission| (statement, permission))
    })
}

fn has(permission: &Permission, principal: Principal) -> bool {
    permission.principals.contains(&principal)
}

/// Whether the certifier has it as a deployer, whose scenarios show it.
fn is_of_deployer(permission: &Permission, principal: Principal) -> bool {
    principal == Principal::Certifier && has(permission, Principal::Deployer)
}

/// What the certifier may do as a deployer.
fn beside(principal: Principal) -> String {
    if principal != Principal::Certifier {
        return String::new();
    }
    let all = TABLE.iter().flat_map(|statement| statement.permissions);
    let of_deployer = all.filter(|one| has(one, Principal::Deployer));
    let others = of_deployer.filter(|one| !has(one, Principal::Certifier));
    let others: Vec<String> = others.map(|one| format!("`{}`", one.action)).collect();
    format!(
        " It has the permissions of the deployer too, but for {}.",
        others.join(", ")
    )
}

/// Which scenario needs an action of a statement.
pub type Needs = fn(Principal, &str, &str) -> Option<&'static str>;

pub fn page(needs: Needs) -> String {
    let mut page = INTRODUCTION.trim_start().to_owned();
    for principal in Principal::ALL {
        page.push_str(&section(principal, needs));
    }
    page + &function() + &scenarios() + &statements()
}

fn section(principal: Principal, needs: Needs) -> String {
    let commands: Vec<String> = principal
        .commands()
        .iter()
        .map(|c| format!("`{c}`"))
        .collect();
    let size = template(principal).to_string().len();
    let name = principal.name();
    let mut section = format!(
        "\n## {name}\nFor {}. [policies/{name}.json](../policies/{name}.json) is this policy with placeholders: \
         {size} characters without white space.{}\n\n\
         | action | statement | need | shown by |\n| --- | --- | --- | --- |\n",
        commands.join(", "),
        beside(principal)
    );
    for (statement, permission) in permissions(principal) {
        let need = match permission.need {
            Need::Required => "required".to_owned(),
            Need::Helps(without) => format!("helps: without it, {without}"),
        };
        let scenario = needs(principal, statement.sid, permission.action).unwrap_or("nothing");
        section.push_str(&format!(
            "| `{}` | {} | {need} | {scenario} |\n",
            permission.action, statement.sid
        ));
    }
    section
}

fn function() -> String {
    let mut section = "\n## function\nThe role of the function has two inline policies, \
         [dynamodb-write-access.json](../policies/dynamodb-write-access.json) and \
         [write-logs.json](../policies/write-logs.json).\n\n\
         | action | statement | without it |\n| --- | --- | --- |\n"
        .to_owned();
    for (action, sid, without) in function::actions() {
        section.push_str(&format!("| `{action}` | {sid} | {} |\n", without.text()));
    }
    section
}

fn scenarios() -> String {
    let mut text = "\n## Scenarios\nEach one runs on the local cloud with just the policy of its principal.\n\n\
         | principal | scenario | begins with | command | exit code |\n| --- | --- | --- | --- | --- |\n"
        .to_owned();
    for principal in Principal::ALL {
        for scenario in of(principal) {
            let command = scenario.command.replace("ZIP", "function.zip");
            let command = command.replace("BROKEN", "broken.zip");
            let command = command.replace("REPORT", "certify-report.json");
            let policy = match scenario.stage {
                "default" => String::new(),
                stage => format!(", with the policy for `{stage}`"),
            };
            text.push_str(&format!(
                "| {} | {} | {} | `{command}`{policy} | {} |\n",
                principal.name(),
                scenario.name,
                start(scenario.start),
                scenario.exit.code()
            ));
        }
    }
    text
}

fn start(start: Start) -> &'static str {
    match start {
        Start::Empty => "an empty account",
        Start::Standing(Standing::Up) => "a stack",
        Start::Standing(Standing::Ridden) => "a stack with a ride",
        Start::Standing(Standing::TwoVersions) => "a stack with two versions",
        Start::Standing(Standing::Renamed) => "a stack under two names",
        Start::Drifted => "a stack in which everything was changed by others",
        Start::Recreated => "a stack whose role was deleted and created again",
        Start::Protected => "a stack whose log group is protected against deletion",
        Start::Attached => {
            "a stack whose role got a managed policy, and another inline policy, from others"
        }
        Start::PreviewUp => "the stage `pr-1`",
        Start::Preview => {
            "the stage `pr-1` with a ride, a managed policy on its role, and a log group protected against deletion"
        }
        Start::Console => {
            "a stack made in the console: its role has the path `/service-role/` and a managed policy"
        }
    }
}

fn statements() -> String {
    let mut text =
        "\n## Statements\n| statement | resources | condition |\n| --- | --- | --- |\n".to_owned();
    for statement in TABLE {
        let resources: Vec<String> = statement
            .resources
            .iter()
            .map(|arn| format!("`{arn}`"))
            .collect();
        let mut resources = resources.join("<br>");
        if let Some(reason) = statement.wildcard {
            resources.push_str(&format!(": {reason}"));
        }
        let condition = statement.condition.map_or(String::new(), |condition| {
            format!(
                "`{}`: `{}` is `{}`",
                condition.operator, condition.key, condition.value
            )
        });
        text.push_str(&format!(
            "| {} | {resources} | {condition} |\n",
            statement.sid
        ));
    }
    text
}

const INTRODUCTION: &str = r#"
# Permissions

The permissions that the callers of `provision` need. `provision policy deployer` prints the policy of the deployer for an account,
a region and a stage, `planner`, `operator`, `sweeper`, `certifier` and `function` the others; [ci.md](ci.md) shows how to use
them. With `--stage 'pr-*'` a policy is for all stages whose names begin with `pr-`. `--local --as planner` runs a command on the local cloud
with just that policy.

The deployer deploys and deletes the stack, but cannot read rides: it can count them, and read and delete the test ride of its stage
(not limited to it in a policy for many stages, since the ID of the test ride differs from stage to stage). The planner reads the
stack and changes nothing. The operator uses the stack. The sweeper deletes expired stages; its policy is for many stages.
The certifier deploys stages whose names begin with `certify-`, changes them as others would by hand, and counts what is left of them in
the account.

`down` also removes the role from the instance profiles that others put it into, which takes `iam:RemoveRoleFromInstanceProfile`. No
policy here allows it, because the names of the profiles are not known: the error of `down` says the statement to add.

A policy is for the names that are declared when it is printed. After a change of names, `plan` says of what has the old ones that it
cannot be read, and the deployer deletes it only with the policy of the old names too.

The deployer can put and attach any policy to the role of the function. To limit what the role can get, require a permissions
boundary with a service control policy of your organization.

This page is generated from `provisioner/src/policy/permissions.rs`. A test (`cargo test -p provisioner --test matrix rights::`) runs
each scenario below with the whole policy, and then once without each action, in the scenario that the row names: without a
required action the command fails with exit code 5 and an error that names the action and the resource; without one that helps, it
prints a warning and continues. Each is run twice: with `--no-preflight`, so that the call itself is denied, and without it, where
`up` and `down` refuse before the first change. Without one of the certifier, `certify` fails and its report names the action
(`.ci/long certify`). `sts:GetCallerIdentity`, which every command calls, needs no permission.
"#;
