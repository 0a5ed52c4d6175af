//! Every declared value of the stack. To change the stack, edit this file; for the values of `defaults`, settings
//! and flags do.

use std::collections::BTreeMap;

use function_contract::env::TABLE_NAME;
use function_contract::item;

use super::setting::Setting;
use super::stage::Stage;
use super::values::Values;
use crate::artifact::Arch;
use crate::policy::RolePolicies;
use crate::resources::function::{FunctionSpec, Neighbors};
use crate::resources::log_group::LogGroupSpec;
use crate::resources::owner::Tags;
use crate::resources::release;
use crate::resources::role::RoleSpec;
use crate::resources::table::{Billing, TableSpec};

#[derive(Clone, Debug)]
pub struct Stack {
    pub stage: Stage,
    pub table: TableSpec,
    pub role: RoleSpec,
    pub log_group: LogGroupSpec,
    pub function: FunctionSpec,
    /// Versions of the function kept for `rollback`.
    pub kept_versions: usize,
    /// Of the table, the role, the log group and the function.
    pub tags: Tags,
}

/// The values that the settings of the workspace and the flags may replace.
pub fn defaults(stage: &Stage) -> Values {
    let name = |base| Setting::default(stage.name(base));
    // Billed by the gigabyte.
    let recovery_days = stage.is_production().then_some(35);
    Values {
        memory_mb: Setting::default(128).with_flag("--memory"),
        // Room for three attempts of the write, 2 s each, and the log line behind them.
        timeout_seconds: Setting::default(10).with_flag("--timeout"),
        arch: Setting::default(Arch::X86_64).with_flag("--arch"),
        retention_days: Setting::default(14).with_flag("--retention-days"),
        recovery_days: Setting::default(recovery_days),
        env: BTreeMap::new(),
        tags: Tags::new(),
        table: name("Rides"),
        role: name("WildRydesLambda"),
        function: name("RequestUnicorn"),
    }
}

impl Stack {
    /// The stack of a stage as it is declared here, without a workspace and its settings.
    pub fn for_stage(stage: &Stage, arch: Arch) -> Stack {
        Stack::new(stage, defaults(stage).on(arch), RolePolicies::embedded())
    }

    pub fn new(stage: &Stage, values: Values, policies: RolePolicies) -> Stack {
        let Values {
            memory_mb,
            timeout_seconds,
            arch,
            retention_days,
            recovery_days,
            mut env,
            tags,
            table,
            role,
            function,
        } = values;
        let table_name = Setting::default(table.value.clone());
        env.insert(TABLE_NAME.to_owned(), table_name);
        let table = TableSpec {
            name: table.value,
            key: item::RIDE_ID,
            billing: Billing::OnDemand,
            deletion_protection: true,
            class: "STANDARD",
            recovery_days,
            tags: tags.clone(),
        };
        let log_group = LogGroupSpec {
            name: format!("/aws/lambda/{}", function.value),
            retention_days,
            deletion_protection: false,
            tags: tags.clone(),
        };
        let RolePolicies {
            trust,
            dynamodb_write_access,
            write_logs,
        } = policies;
        let role = RoleSpec {
            name: role.value,
            session_seconds: 3600,
            trust,
            policies: vec![
                ("DynamoDBWriteAccess", dynamodb_write_access),
                ("WriteLogs", write_logs),
            ],
            table: table.name.clone(),
            log_group: log_group.name.clone(),
            function: function.value.clone(),
            tags: tags.clone(),
        };
        let function = FunctionSpec {
            neighbors: Neighbors {
                role: role.id(),
                log_group: log_group.id(),
                table: table.id(),
                release: release::id(&function.value),
            },
            name: function.value,
            runtime: "provided.al2023",
            handler: "bootstrap",
            arch,
            memory_mb,
            timeout_seconds,
            ephemeral_storage_mb: 512,
            env,
            shown_env: Vec::new(),
            dropped: Vec::new(),
            upload: false,
            role: role.name.clone(),
            log_group: log_group.name.clone(),
            tags: tags.clone(),
        };
        Stack {
            stage: stage.clone(),
            table,
            role,
            log_group,
            function,
            kept_versions: 5,
            tags,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stack;
    use crate::artifact::Arch;
    use crate::stack::stage::Stage;

    #[test]
    fn the_default_stage_has_the_tutorials_names() {
        let names = |stage: &str| {
            let stage = Stage::parse(stage).expect("a good stage");
            let stack = Stack::for_stage(&stage, Arch::X86_64);
            [
                stack.table.name,
                stack.role.name,
                stack.log_group.name,
                stack.function.name,
            ]
        };
        assert_eq!(
            names("default"),
            [
                "Rides",
                "WildRydesLambda",
                "/aws/lambda/RequestUnicorn",
                "RequestUnicorn"
            ]
        );
        assert_eq!(
            names("dev"),
            [
                "Rides-dev",
                "WildRydesLambda-dev",
                "/aws/lambda/RequestUnicorn-dev",
                "RequestUnicorn-dev"
            ]
        );
    }
}
